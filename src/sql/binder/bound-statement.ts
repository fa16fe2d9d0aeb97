import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { LogicalPlan, OutputColumn } from '../plan/logical-plan.ts';
import type { RelationName } from '../syntax/ast.ts';
import type { DefinitionStatement } from '../syntax/definition-ast.ts';

/** What a statement comes to after binding. `parameterTypes[n]` is the type of `$n+1`. */
export type BoundStatement =
  | BoundQuery
  | BoundModification
  | BoundTruncate
  | BoundVacuum
  | BoundDefinition
  | BoundSetConstraints
  | BoundSet
  | BoundSetTransaction
  | BoundShow
  | BoundTransaction
  | BoundSavepoint
  | BoundExplain
  | BoundDeallocate
  | BoundDiscard
  | BoundUnlisten;

/** A statement that writes the rows of one table. */
export type BoundModification = BoundInsert | BoundUpdate | BoundDelete;

export interface BoundQuery {
  readonly kind: 'query';
  readonly plan: LogicalPlan;
}

interface Modification {
  readonly table: TableDescriptor;
  readonly source: LogicalPlan;
  /** The result's columns, which stand last in the source; undefined: no RETURNING, and no result. */
  readonly returning: readonly OutputColumn[] | undefined;
}

/**
 * `source` gives one column for each visible column of the table, in table order, already of the column's type; after
 * them what RETURNING shows.
 */
export interface BoundInsert extends Modification {
  readonly kind: 'insert';
}

/** `source` gives each row once: the columns that name it, the full new row, `oldColumns`, what RETURNING shows. */
export interface BoundUpdate extends Modification {
  readonly kind: 'update';
  readonly nameCount: number;
  readonly oldColumns: readonly number[];
}

/** `source` gives each row once: the columns that name it, `oldColumns`, what RETURNING shows. */
export interface BoundDelete extends Modification {
  readonly kind: 'delete';
  readonly nameCount: number;
  /** Positions in `table.columns` of those whose values before the statement enforcing constraints needs. */
  readonly oldColumns: readonly number[];
}

export interface BoundVacuum {
  readonly kind: 'vacuum';
  readonly isFull: boolean;
  readonly isVerbose: boolean;
  /** undefined: every table of the database. */
  readonly tables: readonly TableDescriptor[] | undefined;
}

export interface BoundTruncate {
  readonly kind: 'truncate';
  readonly tables: readonly TableDescriptor[];
  readonly restartsIdentity: boolean;
  /** Tables with foreign keys to these are emptied too; otherwise they are in the way. */
  readonly isCascade: boolean;
}

/**
 * CREATE, ALTER and DROP: bound part by part while they run, under their locks, since each part sees what the parts
 * before it have made (and so errors show when it runs, as in PostgreSQL).
 */
export interface BoundDefinition {
  readonly kind: 'definition';
  readonly statement: DefinitionStatement;
}

export interface BoundSetConstraints {
  readonly kind: 'set-constraints';
  /** undefined: ALL. */
  readonly names: readonly RelationName[] | undefined;
  readonly isDeferred: boolean;
}

export interface BoundSet {
  readonly kind: 'set';
  readonly name: string;
  /** undefined: RESET or SET … TO DEFAULT; name 'all' resets all. */
  readonly value: string | undefined;
  readonly isLocal: boolean;
  /** Written RESET, which its command tag repeats. */
  readonly isReset?: boolean;
}

export interface BoundShow {
  readonly kind: 'show';
  readonly name: string;
}

export interface BoundTransaction {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback';
  /** Command tag: START TRANSACTION differs from BEGIN. */
  readonly tag: string;
  readonly isolation: BoundIsolation | undefined;
  readonly isReadOnly: boolean | undefined;
}

/** Reading uncommitted reads what is committed, as in PostgreSQL, but keeps its name. */
export type BoundIsolation = 'read uncommitted' | 'read committed' | 'repeatable read';

export interface BoundSetTransaction {
  readonly kind: 'set-transaction';
  /** The running transaction, or the defaults of the session. */
  readonly target: 'transaction' | 'session';
  readonly isolation: BoundIsolation | undefined;
  readonly isReadOnly: boolean | undefined;
}

export interface BoundSavepoint {
  readonly kind: 'savepoint';
  readonly action: 'define' | 'release' | 'rollback-to';
  readonly name: string;
}

export interface BoundExplain {
  readonly kind: 'explain';
  readonly analyze: boolean;
  readonly statement: BoundQuery | BoundModification;
}

export interface BoundDeallocate {
  readonly kind: 'deallocate';
  readonly name: string | undefined;
}

export interface BoundDiscard {
  readonly kind: 'discard';
  readonly target: 'all' | 'plans' | 'sequences' | 'temp';
}

export interface BoundUnlisten {
  readonly kind: 'unlisten';
}
