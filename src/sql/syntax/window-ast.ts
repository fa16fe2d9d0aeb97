import type { SyntaxExpression } from './expression-ast.ts';
import type { Located } from './located.ts';
import type { OrderItem } from './query-ast.ts';

/** A definition of the WINDOW clause, or what stands in parentheses after OVER. Located at its parenthesis or name. */
export interface WindowSyntax extends Located {
  readonly kind: 'window';
  /** Of a definition in the WINDOW clause. */
  readonly name: string | undefined;
  /** The window that it adds to: `OVER (base ORDER BY x)`. */
  readonly base: string | undefined;
  readonly partitionBy: readonly SyntaxExpression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: FrameSyntax | undefined;
}

/** `OVER name`. */
export interface WindowName extends Located {
  readonly kind: 'window-name';
  readonly name: string;
}

export type FrameMode = 'rows' | 'range' | 'groups';

export type FrameExclusion = 'none' | 'current-row' | 'group' | 'ties';

export interface FrameSyntax {
  readonly mode: FrameMode;
  readonly start: FrameBoundSyntax;
  readonly end: FrameBoundSyntax;
  readonly exclusion: FrameExclusion;
}

export interface FrameBoundSyntax {
  /** Unbounded means PRECEDING of a start and FOLLOWING of an end; others do not pass the parser. */
  readonly kind: 'unbounded' | 'current-row' | 'preceding' | 'following';
  /** Of PRECEDING and FOLLOWING. */
  readonly offset: SyntaxExpression | undefined;
}
