import type { Located, RelationName } from './located.ts';

export type LockMode =
  | 'ACCESS SHARE'
  | 'ROW SHARE'
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'EXCLUSIVE'
  | 'ACCESS EXCLUSIVE';

export interface LockStatement extends Located {
  readonly kind: 'lock';
  readonly relations: readonly RelationName[];
  readonly mode: LockMode;
  readonly isNoWait: boolean;
}

/** SET CONSTRAINTS; `names` undefined: ALL. */
export interface SetConstraintsStatement extends Located {
  readonly kind: 'set-constraints';
  readonly names: readonly RelationName[] | undefined;
  readonly isDeferred: boolean;
}

/** Undefined: not written. */
export interface TransactionModesSyntax {
  readonly isolation: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable' | undefined;
  readonly isDeferrable: boolean | undefined;
  readonly isReadOnly: boolean | undefined;
}

export interface TransactionStatement extends Located, TransactionModesSyntax {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback';
  /** The command tag: 'BEGIN', 'START TRANSACTION', 'COMMIT', 'ROLLBACK'. */
  readonly tag: string;
  /** AND CHAIN: the next block begins at once, with the same modes. */
  readonly chains: boolean;
}

/** SET TRANSACTION of the running one; SET SESSION CHARACTERISTICS AS TRANSACTION of those to come. */
export interface SetTransactionStatement extends Located, TransactionModesSyntax {
  readonly kind: 'set-transaction';
  readonly target: 'transaction' | 'session';
}

export interface SavepointStatement extends Located {
  readonly kind: 'savepoint';
  readonly action: 'define' | 'release' | 'rollback-to';
  readonly name: string;
}
