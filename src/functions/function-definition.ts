import type { Column } from '../columnar/column.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import type { FunctionEnvironment } from './environment.ts';

export type Volatility = 'immutable' | 'stable' | 'volatile';

interface Signature {
  /** As in pg_proc: lower case, without schema (all are in pg_catalog). */
  readonly name: string;
  /** PostgreSQL's own OID where PostgreSQL has the function; ours count from 9000 up. */
  readonly oid: number;
  readonly argumentTypes: readonly TypeDefinition[];
  /** The last argument type may repeat: `concat(VARIADIC "any")`. */
  readonly isVariadic?: boolean;
  readonly resultType: TypeDefinition;
}

/**
 * A function of one row's values. Operators and most casts are scalar functions too (`int4pl`, `float8lt`).
 * `evaluate` sees scalars as `Value` describes them and never NULL unless `handlesNull` is set. It throws `SqlError`
 * without a position for domain errors.
 */
export interface ScalarFunction extends Signature {
  readonly kind: 'scalar';
  readonly volatility: Volatility;
  /** The function is called with NULLs (PostgreSQL: not STRICT); otherwise a NULL argument gives NULL. */
  readonly handlesNull?: boolean;
  /** The environment is passed as the first argument of `evaluate`. */
  readonly usesEnvironment?: boolean;
  /** One call changes what the next one gives (nextval): they are made row by row, in the order of the text. */
  readonly countsCalls?: boolean;
  /** False when no argument can make it throw: such calls may be evaluated for rows that turn out not to matter. */
  readonly mayThrow: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each function takes the scalars of its own argument types
  readonly evaluate: (...values: any[]) => Value;
  /**
   * The same as JavaScript source over argument sources, for what hot loops do: a pure expression that mentions each
   * argument as a side-effect-free name and nothing else but Math.*, Number and literals. Never contains user text.
   */
  readonly inline?: (...sources: string[]) => string;
  /** The fast path of a function that may throw (integer and float arithmetic). */
  readonly guardedInline?: GuardedInline;
  /**
   * Set where the signature says `any`, `anyelement` …: the function for these actual types (`unknown` for an untyped
   * literal). Overload resolution asks it; what it gives is what is called.
   */
  readonly specialize?: (argumentTypes: readonly TypeDefinition[]) => ScalarFunction;
}

/**
 * Source like `inline`, right only where a condition on its result holds: `const r = source(a, b);
 * if (!(holds(r, a, b))) r = evaluate(a, b)`. Arguments of 64-bit integer types are given as numbers.
 */
export interface GuardedInline {
  readonly source: (...sources: string[]) => string;
  readonly holds: (result: string, ...sources: string[]) => string;
}

/**
 * The accumulated states of one aggregate call, one per group, side by side in typed arrays. Groups are dense numbers
 * from 0; states are created by `reserve`, fed by `update`, and can leave as columns and be merged elsewhere, which is
 * how worker threads (and later machines) share the work.
 */
export interface Accumulator {
  /** Makes room for groups 0 … groupCount - 1; new ones are empty. */
  reserve(groupCount: number): void;
  /**
   * Adds rows: row i (of `rowCount`) belongs to group `groups[i]`; rows are skipped where `filter[i]` is 0.
   * `inputs` are the argument columns (none for count(*)).
   */
  update(inputs: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void;
  /** The states of groups 0 … groupCount - 1 as columns of plain values. */
  partialStates(groupCount: number): readonly Column[];
  /** Adds states that `partialStates` gave; state i belongs to group `groups[i]`. */
  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void;
  /** The results of groups 0 … groupCount - 1. */
  results(groupCount: number): Column;
  /** Roughly what the states hold in memory. */
  readonly sizeBytes: number;
}

export interface AggregateFunction extends Signature {
  readonly kind: 'aggregate';
  /** `count(*)` alone: takes no argument and counts rows. */
  readonly isStar?: boolean;
  /** DISTINCT changes nothing (min, max). */
  readonly ignoresDuplicates?: boolean;
  /** `argumentTypes` are the actual types, which matters where the signature says `any`. */
  createAccumulator(argumentTypes: readonly TypeDefinition[]): Accumulator;
}

/** A function in FROM: generate_series. Rows come in pieces so that a long series costs no memory. */
export interface TableFunction extends Signature {
  readonly kind: 'table';
  /** Name of the column it makes when no alias is given. */
  readonly columnName: string;
  /** Called with NULL-free arguments (a NULL argument gives no rows). */
  rows(values: readonly Value[], environment: FunctionEnvironment): Iterable<Value>;
}

export type FunctionDefinition = ScalarFunction | AggregateFunction | TableFunction;
