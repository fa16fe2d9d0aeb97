import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { canonicalInstant } from '../../types/instant.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { toInt64 } from '../../types/int64.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { TableFunction } from '../function-definition.ts';
import { addToInstant, addToLocal } from '../instant-arithmetic.ts';

function stepIsZero(): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, 'step size cannot equal zero');
}

/** int4 and int8: a series ends before it would leave the 64 bits. */
function* integers([start, stop, step = 1]: readonly Value[]): Generator<Int64> {
  if (step === 0) throw stepIsZero();
  if (typeof start === 'number' && typeof stop === 'number' && typeof step === 'number') {
    for (let value = start; step > 0 ? value <= stop : value >= stop; value += step) {
      yield value;
      // Beyond 2^53 doubles would stand still.
      if (Math.abs(value + step) > Number.MAX_SAFE_INTEGER) {
        yield* wideIntegers(BigInt(value) + BigInt(step), BigInt(stop), BigInt(step));
        return;
      }
    }
    return;
  }
  yield* wideIntegers(BigInt(start as Int64), BigInt(stop as Int64), BigInt(step as Int64));
}

function* wideIntegers(start: bigint, stop: bigint, step: bigint): Generator<Int64> {
  for (let value = start; step > 0n ? value <= stop : value >= stop; value += step) yield toInt64(value);
}

function* numerics([start, stop, step = Numeric.of(1n, 0)]: readonly Value[]): Generator<Numeric> {
  const [from, to, by] = [start as Numeric, stop as Numeric, step as Numeric];
  for (const [what, value] of [
    ['start value', from],
    ['stop value', to],
    ['step size', by],
  ] as const) {
    if (value.isFinite) continue;
    const kind = value.kind === 'nan' ? 'NaN' : 'infinity';
    throw new SqlError(SqlState.InvalidParameterValue, `${what} cannot be ${kind}`);
  }
  const direction = by.sign();
  if (direction === 0) throw stepIsZero();
  for (let value = from; direction * value.compare(to) <= 0; value = value.add(by)) yield value;
}

type AddInterval = (instant: Int64, step: Interval) => Int64;

/** From an infinity no step leads away: such a series has no end, as in PostgreSQL. */
function* instants(start: Int64, stop: Int64, step: Interval, add: AddInterval): Generator<Int64> {
  const direction = step.sign();
  if (direction === 0) throw stepIsZero();
  let instant = canonicalInstant(start);
  const end = canonicalInstant(stop);
  while (direction > 0 ? instant <= end : instant >= end) {
    yield instant;
    instant = add(instant, step);
  }
}

function* timestamps([start, stop, step]: readonly Value[]): Generator<Int64> {
  yield* instants(start as Int64, stop as Int64, step as Interval, addToLocal);
}

/** Steps of days and months keep the session's wall clock time. */
function* zonedInstants([start, stop, step]: readonly Value[], environment: FunctionEnvironment): Generator<Int64> {
  const zone = environment.typeContext.timeZone;
  const add: AddInterval = (instant, by) => addToInstant(instant, by, zone);
  yield* instants(start as Int64, stop as Int64, step as Interval, add);
}

function series(
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  rows: (values: readonly Value[], environment: FunctionEnvironment) => Iterable<Value>,
): TableFunction {
  return {
    kind: 'table',
    name: 'generate_series',
    oid,
    argumentTypes,
    resultType: argumentTypes[0]!,
    columnName: 'generate_series',
    rows,
  };
}

/** generate_series(start, stop[, step]), both ends included. Throws 22023 for a step of zero. */
export const generateSeriesFunctions: readonly TableFunction[] = [
  series(1066, [int4, int4, int4], integers),
  series(1067, [int4, int4], integers),
  series(1068, [int8, int8, int8], integers),
  series(1069, [int8, int8], integers),
  series(3259, [numeric, numeric, numeric], numerics),
  series(3260, [numeric, numeric], numerics),
  series(938, [timestamp, timestamp, interval], timestamps),
  series(939, [timestamptz, timestamptz, interval], zonedInstants),
];
