import type { DeleteStatement, InsertStatement, UpdateStatement } from './data-modification-ast.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { Located, TypeSyntax } from './located.ts';
import type { Query } from './query-ast.ts';

/** DECLARE name [options] CURSOR [WITH HOLD] FOR query. */
export interface DeclareCursorStatement extends Located {
  readonly kind: 'declare-cursor';
  readonly name: string;
  readonly query: Query;
  readonly isBinary: boolean;
  /** undefined: neither SCROLL nor NO SCROLL. */
  readonly isScroll: boolean | undefined;
  readonly isInsensitive: boolean;
  readonly isHold: boolean;
}

/** FETCH and MOVE. */
export interface FetchStatement extends Located {
  readonly kind: 'fetch';
  readonly name: string;
  readonly isMove: boolean;
  readonly direction: 'forward' | 'backward' | 'absolute' | 'relative';
  /** Infinity: ALL. */
  readonly count: number;
}

/** CLOSE name; undefined: ALL. */
export interface CloseCursorStatement extends Located {
  readonly kind: 'close-cursor';
  readonly name: string | undefined;
}

export interface ListenStatement extends Located {
  readonly kind: 'listen';
  readonly channel: string;
}

/** UNLISTEN channel; undefined: `*`. */
export interface UnlistenStatement extends Located {
  readonly kind: 'unlisten';
  readonly channel: string | undefined;
}

export interface NotifyStatement extends Located {
  readonly kind: 'notify';
  readonly channel: string;
  readonly payload: string;
}

/** SET name = value, …; `value` undefined is DEFAULT or RESET; name 'all' with RESET ALL. Lists are joined by ", ". */
export interface SetStatement extends Located {
  readonly kind: 'set';
  readonly name: string;
  readonly value: string | undefined;
  readonly isLocal: boolean;
  /** Written RESET, which its command tag repeats. */
  readonly isReset?: boolean;
  /** SET TIME ZONE INTERVAL '…': the text and its type, instead of `value`. */
  readonly interval?: { readonly text: string; readonly type: TypeSyntax };
}

/** SHOW name; `SHOW TABLES` and `SHOW MEASUREMENTS` arrive as names `tables` and `measurements`, SHOW ALL as `all`. */
export interface ShowStatement extends Located {
  readonly kind: 'show';
  readonly name: string;
}

/** PREPARE name (types) AS statement; types that are left out are inferred. */
export interface PrepareStatement extends Located {
  readonly kind: 'prepare';
  readonly name: string;
  readonly types: readonly TypeSyntax[];
  readonly statement: Query | InsertStatement | UpdateStatement | DeleteStatement;
}

export interface ExecuteStatement extends Located {
  readonly kind: 'execute';
  readonly name: string;
  readonly values: readonly SyntaxExpression[];
}

/** DEALLOCATE name; undefined: ALL. */
export interface DeallocateStatement extends Located {
  readonly kind: 'deallocate';
  readonly name: string | undefined;
}

export interface DiscardStatement extends Located {
  readonly kind: 'discard';
  readonly target: 'all' | 'plans' | 'sequences' | 'temp';
}
