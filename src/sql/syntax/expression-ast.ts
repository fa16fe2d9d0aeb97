import type { Located, TypeSyntax } from './located.ts';
import type { OrderItem, Query } from './query-ast.ts';
import type { WindowName, WindowSyntax } from './window-ast.ts';

export type SyntaxExpression =
  | LiteralSyntax
  | ParameterSyntax
  | ColumnSyntax
  | StarSyntax
  | OperatorSyntax
  | QuantifiedSyntax
  | SubquerySyntax
  | SubqueryComparisonSyntax
  | FunctionCallSyntax
  | CastSyntax
  | LogicSyntax
  | NotSyntax
  | NullTestSyntax
  | BooleanTestSyntax
  | DistinctTestSyntax
  | InSyntax
  | BetweenSyntax
  | LikeSyntax
  | CaseSyntax
  | CoalesceSyntax
  | NullIfSyntax
  | ExtremeSyntax
  | ArraySyntax
  | RowSyntax
  | IndirectionSyntax
  | CollateSyntax
  | DefaultSyntax
  | KeywordValueSyntax
  | GroupingSyntax;

/**
 * `value` as written: integers (decimal digits, however many) and decimals keep their digits, with the minus sign that
 * stood before them; strings are unknown-typed until bound; bits have the letter in front of them: `b101`, `x1F`.
 */
export interface LiteralSyntax extends Located {
  readonly kind: 'literal';
  readonly type: 'null' | 'boolean' | 'integer' | 'decimal' | 'string' | 'bits';
  readonly value: string;
}

/** `$1` has number 1. */
export interface ParameterSyntax extends Located {
  readonly kind: 'parameter';
  readonly number: number;
}

/** `a`, `t.a`, `s.t.a`: the qualifier parts, outermost first, then the name. */
export interface ColumnSyntax extends Located {
  readonly kind: 'column';
  readonly qualifier: readonly string[];
  readonly name: string;
}

export interface StarSyntax extends Located {
  readonly kind: 'star';
  readonly qualifier: readonly string[];
}

/** A prefix (left undefined) or infix operator, with its schema where OPERATOR(schema.op) was written. */
export interface OperatorSyntax extends Located {
  readonly kind: 'operator';
  readonly schema: string | undefined;
  readonly name: string;
  readonly left: SyntaxExpression | undefined;
  readonly right: SyntaxExpression;
}

/** `left op ANY (array)`, `left op ALL (array)`. */
export interface QuantifiedSyntax extends Located {
  readonly kind: 'quantified';
  readonly name: string;
  readonly isAll: boolean;
  readonly left: SyntaxExpression;
  readonly array: SyntaxExpression;
}

/** A query as a value: `(query)`, `EXISTS (query)`, `ARRAY(query)`. */
export interface SubquerySyntax extends Located {
  readonly kind: 'subquery';
  readonly form: 'scalar' | 'exists' | 'array';
  readonly query: Query;
}

/**
 * `left op ANY (query)`, `left op ALL (query)`, and `ROW(…) op (query)` over a query of one row. IN is `= ANY`. `left`
 * has an item for each column, more than one where a row was written. `position` is that of the operator.
 */
export interface SubqueryComparisonSyntax extends Located {
  readonly kind: 'subquery-comparison';
  readonly form: 'any' | 'all' | 'row';
  readonly name: string;
  readonly left: readonly SyntaxExpression[];
  readonly query: Query;
}

export interface FunctionCallSyntax extends Located {
  readonly kind: 'call';
  readonly schema: string | undefined;
  readonly name: string;
  readonly arguments: readonly SyntaxExpression[];
  /** `count(*)`. */
  readonly isStar: boolean;
  readonly isDistinct: boolean;
  readonly filter: SyntaxExpression | undefined;
  /** ORDER BY within the parentheses, or WITHIN GROUP (ORDER BY …) behind them. */
  readonly orderBy?: readonly OrderItem[];
  readonly isWithinGroup?: boolean;
  /** The last argument is VARIADIC: an array in place of the repeated arguments. */
  readonly isVariadic?: boolean;
  readonly over?: WindowSyntax | WindowName;
  /** Of arguments called by their names (`days => 10`), undefined for the others; absent where none is. */
  readonly argumentNames?: readonly (string | undefined)[];
  /** Where each of them begins, names included. */
  readonly argumentPositions?: readonly number[];
  /** Written with words between its arguments: EXTRACT(year FROM x), x AT TIME ZONE y. */
  readonly isInWords?: boolean;
}

/** GROUPING(a, b): a bit for each of the expressions that is not in the row's grouping set. */
export interface GroupingSyntax extends Located {
  readonly kind: 'grouping';
  readonly arguments: readonly SyntaxExpression[];
}

export interface CastSyntax extends Located {
  readonly kind: 'cast';
  readonly argument: SyntaxExpression;
  readonly type: TypeSyntax;
}

export interface LogicSyntax extends Located {
  readonly kind: 'and' | 'or';
  readonly arguments: readonly SyntaxExpression[];
}

export interface NotSyntax extends Located {
  readonly kind: 'not';
  readonly argument: SyntaxExpression;
}

export interface NullTestSyntax extends Located {
  readonly kind: 'null-test';
  readonly argument: SyntaxExpression;
  readonly isNegated: boolean;
}

export interface BooleanTestSyntax extends Located {
  readonly kind: 'boolean-test';
  readonly argument: SyntaxExpression;
  readonly test: 'true' | 'false' | 'unknown';
  readonly isNegated: boolean;
}

export interface DistinctTestSyntax extends Located {
  readonly kind: 'distinct-test';
  readonly left: SyntaxExpression;
  readonly right: SyntaxExpression;
  readonly isNegated: boolean;
}

export interface InSyntax extends Located {
  readonly kind: 'in';
  readonly argument: SyntaxExpression;
  /** Empty where the items are many literals of one kind, which are in `literals`. */
  readonly list: readonly SyntaxExpression[];
  readonly literals?: LiteralListSyntax;
  readonly isNegated: boolean;
}

/** Many literals of one kind: their values, the positions of each, and a hash table over them (`slotsOf`). */
export type LiteralListSyntax =
  | {
      readonly kind: 'numbers';
      readonly numbers: Float64Array;
      readonly positions: Uint32Array;
      readonly slots: Uint32Array;
    }
  | {
      readonly kind: 'texts';
      readonly texts: readonly string[];
      readonly positions: Uint32Array;
      readonly slots: Uint32Array;
    };

export interface BetweenSyntax extends Located {
  readonly kind: 'between';
  readonly argument: SyntaxExpression;
  readonly low: SyntaxExpression;
  readonly high: SyntaxExpression;
  readonly isSymmetric: boolean;
  readonly isNegated: boolean;
}

/** LIKE and ILIKE; an ESCAPE clause is a third operand. */
export interface LikeSyntax extends Located {
  readonly kind: 'like';
  readonly argument: SyntaxExpression;
  readonly pattern: SyntaxExpression;
  readonly escape: SyntaxExpression | undefined;
  readonly isCaseInsensitive: boolean;
  readonly isNegated: boolean;
}

export interface CaseSyntax extends Located {
  readonly kind: 'case';
  readonly operand: SyntaxExpression | undefined;
  /** `position` is that of WHEN, where a comparison with the operand is reported. */
  readonly branches: readonly (Located & { readonly when: SyntaxExpression; readonly then: SyntaxExpression })[];
  readonly otherwise: SyntaxExpression | undefined;
}

export interface CoalesceSyntax extends Located {
  readonly kind: 'coalesce';
  readonly arguments: readonly SyntaxExpression[];
}

export interface NullIfSyntax extends Located {
  readonly kind: 'nullif';
  readonly left: SyntaxExpression;
  readonly right: SyntaxExpression;
}

export interface ExtremeSyntax extends Located {
  readonly kind: 'greatest' | 'least';
  readonly arguments: readonly SyntaxExpression[];
}

export interface ArraySyntax extends Located {
  readonly kind: 'array';
  readonly elements: readonly SyntaxExpression[];
}

/** `ROW(a, b)`, or `(a, b)` with two or more; `ROW(t.*)` has a star among its elements. */
export interface RowSyntax extends Located {
  readonly kind: 'row';
  readonly elements: readonly SyntaxExpression[];
}

/** `a[1][2:3]`, `(row).field`, `(row).*`: the steps one after the other. */
export interface IndirectionSyntax extends Located {
  readonly kind: 'indirection';
  readonly argument: SyntaxExpression;
  readonly steps: readonly IndirectionStep[];
}

export type IndirectionStep =
  | { readonly kind: 'subscript'; readonly index: SyntaxExpression }
  /** `[lower:upper]`, of which either may be left out. */
  | {
      readonly kind: 'slice';
      readonly lower: SyntaxExpression | undefined;
      readonly upper: SyntaxExpression | undefined;
    }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'star' };

/** `x COLLATE "C"`; collations "default", "C", "POSIX", "ucs_basic" are all byte order here, others are refused. */
export interface CollateSyntax extends Located {
  readonly kind: 'collate';
  readonly argument: SyntaxExpression;
  readonly collation: string;
}

/** DEFAULT in INSERT … VALUES and UPDATE … SET. */
export interface DefaultSyntax extends Located {
  readonly kind: 'default';
}

/** current_timestamp, current_date, localtimestamp, current_user …: functions written without parentheses. */
export interface KeywordValueSyntax extends Located {
  readonly kind: 'keyword-value';
  readonly name: string;
}
