import type { ScalarFunction } from '../../functions/function-definition.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

/**
 * Bound, typed expressions: every name resolved to a column index, every operator to a function, every implicit cast
 * written out. Read-only. Columns are numbered as in the input of the plan node that holds the expression (a join's input
 * is the left side's columns followed by the right side's).
 * `position` is the 1-based character in the statement (0: unknown), for errors that are raised while rows are computed.
 */
export type Expression =
  | ConstantExpression
  | ColumnExpression
  | ParameterExpression
  | CallExpression
  | TextCastExpression
  | RelabelExpression
  | BooleanExpression
  | NotExpression
  | NullTestExpression
  | BooleanTestExpression
  | DistinctTestExpression
  | CaseExpression
  | CoalesceExpression
  | NullIfExpression
  | ExtremeExpression
  | InListExpression
  | ArrayComparisonExpression
  | ArrayExpression;

interface Typed {
  readonly type: SqlType;
}

/** A cast that was written, or that the binder put in by itself, which text leaves out; absent: no cast. */
interface Coerced {
  readonly coercion?: 'explicit' | 'implicit';
}

export interface ConstantExpression extends Typed {
  readonly kind: 'constant';
  readonly value: Value;
}

export interface ColumnExpression extends Typed {
  readonly kind: 'column';
  readonly index: number;
}

/** `$n`, counted from 0; its value arrives with Execute. */
export interface ParameterExpression extends Typed {
  readonly kind: 'parameter';
  readonly index: number;
}

export interface CallExpression extends Typed, Coerced {
  readonly kind: 'call';
  readonly function: ScalarFunction;
  readonly arguments: readonly Expression[];
  readonly position: number;
  /** How it was written where it was not a call: CURRENT_DATE. */
  readonly keyword?: string;
  /** Written with words between its arguments: EXTRACT(year FROM x), x AT TIME ZONE y. */
  readonly isInWords?: boolean;
}

/** A cast by way of text (PostgreSQL's CoerceViaIO): the source type's output, then the target type's input. */
export interface TextCastExpression extends Typed, Coerced {
  readonly kind: 'text-cast';
  readonly argument: Expression;
  readonly position: number;
}

/** The same value under another type of the same representation (varchar as text). */
export interface RelabelExpression extends Typed, Coerced {
  readonly kind: 'relabel';
  readonly argument: Expression;
}

/** Three-valued AND and OR over two or more arguments, evaluated left to right as far as needed. */
export interface BooleanExpression extends Typed {
  readonly kind: 'and' | 'or';
  readonly arguments: readonly Expression[];
}

export interface NotExpression extends Typed {
  readonly kind: 'not';
  readonly argument: Expression;
}

export interface NullTestExpression extends Typed {
  readonly kind: 'null-test';
  readonly argument: Expression;
  /** IS NOT NULL. */
  readonly isNegated: boolean;
}

/** IS [NOT] TRUE, FALSE, UNKNOWN. */
export interface BooleanTestExpression extends Typed {
  readonly kind: 'boolean-test';
  readonly argument: Expression;
  readonly test: 'true' | 'false' | 'unknown';
  readonly isNegated: boolean;
}

/** IS [NOT] DISTINCT FROM, by way of the types' equality. */
export interface DistinctTestExpression extends Typed {
  readonly kind: 'distinct-test';
  readonly equals: ScalarFunction;
  readonly left: Expression;
  readonly right: Expression;
  readonly isNegated: boolean;
}

/** Searched CASE; `CASE x WHEN y` is bound to comparisons. Without ELSE the result is NULL. */
export interface CaseExpression extends Typed {
  readonly kind: 'case';
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise: Expression | undefined;
}

export interface CoalesceExpression extends Typed {
  readonly kind: 'coalesce';
  readonly arguments: readonly Expression[];
}

export interface NullIfExpression extends Typed {
  readonly kind: 'nullif';
  readonly equals: ScalarFunction;
  readonly left: Expression;
  readonly right: Expression;
  /** What is returned: the left operand, after the cast that the comparison asked for, as PostgreSQL has it. */
  readonly result: Expression;
}

export interface ExtremeExpression extends Typed {
  readonly kind: 'greatest' | 'least';
  readonly arguments: readonly Expression[];
}

/** `argument [NOT] IN (list)`, all of one type. */
export interface InListExpression extends Typed {
  readonly kind: 'in-list';
  readonly argument: Expression;
  readonly list: readonly Expression[];
  readonly equals: ScalarFunction;
  readonly isNegated: boolean;
  readonly position: number;
}

/** `left operator ANY (array)` or ALL. */
export interface ArrayComparisonExpression extends Typed {
  readonly kind: 'array-comparison';
  readonly left: Expression;
  readonly array: Expression;
  readonly elementType: TypeDefinition;
  readonly operator: ScalarFunction;
  readonly isAll: boolean;
  readonly position: number;
}

/** ARRAY[…]. */
export interface ArrayExpression extends Typed {
  readonly kind: 'array';
  readonly elements: readonly Expression[];
  readonly elementType: TypeDefinition;
}
