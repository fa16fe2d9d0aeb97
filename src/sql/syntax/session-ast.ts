import type { Located, Query } from './ast.ts';

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
