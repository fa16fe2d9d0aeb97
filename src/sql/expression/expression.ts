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
  | CorrelatedExpression
  | SubqueryExpression
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
  | InConstantsExpression
  | ArrayComparisonExpression
  | ArrayExpression
  | RowExpression
  | FieldExpression
  | SubscriptExpression;

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

/** The value of a slot: what the query around this one, or the left side of a lateral join, has set for its row. */
export interface CorrelatedExpression extends Typed {
  readonly kind: 'correlated';
  /** A number of its own in the whole statement. */
  readonly slot: number;
}

/** What a slot is set to, over the rows of the query that holds the subquery. */
export interface SlotBinding {
  readonly slot: number;
  readonly value: Expression;
}

/** A plan within an expression; `sql/plan` knows what it is made of (`planOf`). */
export interface SubqueryPlan {
  readonly kind: string;
  readonly output: readonly { readonly name: string; readonly type: SqlType }[];
}

/**
 * A query as a value. Its plan reads nothing of the outer rows but by slots, so that its result depends on the values of
 * `bindings` alone (and the statement's parameters and snapshot); without bindings it is the same for all rows.
 *
 *   scalar   the one value of the one row; NULL without a row, 21000 for more
 *   exists   whether there is a row
 *   array    the values of all rows
 *   any, all `comparison` with some or each row; `left` are its values of the outer row
 *   row      likewise with the one row; NULL without a row, 21000 for more
 */
export interface SubqueryExpression extends Typed {
  readonly kind: 'subquery';
  readonly form: 'scalar' | 'exists' | 'array' | 'any' | 'all' | 'row';
  readonly plan: SubqueryPlan;
  readonly bindings: readonly SlotBinding[];
  readonly left: readonly Expression[];
  /** Boolean, over `left` as the first columns and those of the plan behind them. */
  readonly comparison: Expression | undefined;
  /** Something in the plan gives another value each time: it runs for every row. */
  readonly isVolatile: boolean;
  readonly position: number;
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
  /** Compares two items of rows that are ordered: both are calculated, also beside a constant NULL. */
  readonly isOfRows?: boolean;
  /** The last argument was written VARIADIC: an array in place of arguments that repeat. */
  readonly isVariadic?: boolean;
  /** Written as subscripts of its first argument: `document['key'][0]`. */
  readonly isSubscript?: boolean;
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
  /** Written CASE x WHEN y: every `when` compares x with something. */
  readonly hasOperand?: boolean;
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

/** Constants of one type, none of them NULL, that values are looked up among. */
export interface ConstantList {
  readonly length: number;
  at(index: number): Value;
  /** `value` is of the constants' type, and not NULL. */
  has(value: Value): boolean;
}

/** `argument [NOT] IN (list)` where the list is one of very many constants. */
export interface InConstantsExpression extends Typed {
  readonly kind: 'in-constants';
  readonly argument: Expression;
  readonly constants: ConstantList;
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

/** ROW(…), and the name of a relation for its whole row. `type.definition.fields` names the columns. */
export interface RowExpression extends Typed {
  readonly kind: 'row';
  readonly elements: readonly Expression[];
  /** The row of a relation that an outer join may have filled with NULLs: it is NULL itself where this is. */
  readonly presence?: Expression;
  /** The row of a relation, which was named and not written out. */
  readonly isRelation?: true;
}

/** A column of a row, counted from 0. */
export interface FieldExpression extends Typed {
  readonly kind: 'field';
  readonly argument: Expression;
  readonly index: number;
}

/**
 * `array[i][j]`: an element, NULL outside the bounds; or, of slices, an array. `bounds` are the integers in the order of
 * the text; of a slice, `present` says for each dimension which of its two bounds were written.
 */
export interface SubscriptExpression extends Typed {
  readonly kind: 'subscript';
  readonly argument: Expression;
  readonly bounds: readonly Expression[];
  /** undefined: no slices. */
  readonly slices: readonly SliceShape[] | undefined;
}

export interface SliceShape {
  readonly hasLower: boolean;
  readonly hasUpper: boolean;
}
