import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bit, varbit } from '../../types/bit.ts';
import { bool } from '../../types/bool.ts';
import { applyTypmod } from '../../types/coerce-length.ts';
import { isFiniteInstant } from '../../types/instant.ts';
import { int4 } from '../../types/int4.ts';
import { interval, intervalPrecision, isIntervalTypmod } from '../../types/interval-type.ts';
import { numeric } from '../../types/numeric-type.ts';
import { bpchar, declaredLength, varchar } from '../../types/string-types.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { timetz } from '../../types/timetz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

const MAX_PRECISION = 6;
/** What a text can hold, with room to spare. */
const MAX_LENGTH = 2 ** 28;

/** Called by name, these get modifiers that no declaration could write. */
function fitInstant(value: Int64, typmod: number): Value {
  if (!isFiniteInstant(value) || typmod === -1) return value;
  if (typmod < 0 || typmod > MAX_PRECISION) throw precisionError('timestamp', typmod);
  return applyTypmod(value, { definition: timestamp, typmod }, true);
}

const fitTime =
  (definition: TypeDefinition) =>
  (value: Int64, typmod: number): Value =>
    typmod > MAX_PRECISION ? value : applyTypmod(value, { definition, typmod }, true);

function fitInterval(value: Value, typmod: number): Value {
  if (typmod < 0) return value;
  if (!isIntervalTypmod(typmod)) {
    throw new SqlError(SqlState.InvalidParameterValue, `unrecognized interval typmod: ${typmod}`);
  }
  const precision = intervalPrecision(typmod) ?? 0;
  if (precision > MAX_PRECISION) throw precisionError('interval', precision);
  return applyTypmod(value, { definition: interval, typmod }, true);
}

function precisionError(type: string, precision: number): SqlError {
  return new SqlError(
    SqlState.InvalidParameterValue,
    `${type}(${precision}) precision must be between 0 and ${MAX_PRECISION}`,
  );
}

function fitBpchar(value: string, typmod: number, isExplicit: boolean): Value {
  if ((declaredLength(typmod) ?? 0) > MAX_LENGTH) {
    throw new SqlError(SqlState.ProgramLimitExceeded, 'requested length too large');
  }
  return applyTypmod(value, { definition: bpchar, typmod }, isExplicit);
}

function lengthFunction(
  type: TypeDefinition,
  oid: number,
  // biome-ignore lint/suspicious/noExplicitAny: each function takes the values of its own type
  fit: (value: any, typmod: number, isExplicit: boolean) => Value,
  { isForText = false } = {},
): ScalarFunction {
  return defineScalar(type.name, oid, isForText ? [type, int4, bool] : [type, int4], type, fit);
}

/**
 * What brings a value of a type to a modifier (`numeric(10,2)`, `varchar(5)`), as PostgreSQL has it in pg_cast: casts of a
 * type to itself. `timestamp(x, 3)` calls one by name.
 */
export const lengthFunctions: readonly ScalarFunction[] = [
  lengthFunction(bpchar, 668, fitBpchar, { isForText: true }),
  lengthFunction(
    varchar,
    669,
    (value: string, typmod, isExplicit) => applyTypmod(value, { definition: varchar, typmod }, isExplicit),
    { isForText: true },
  ),
  lengthFunction(
    bit,
    1685,
    (value: string, typmod, isExplicit) =>
      typmod <= 0 ? value : applyTypmod(value, { definition: bit, typmod }, isExplicit),
    { isForText: true },
  ),
  lengthFunction(
    varbit,
    1687,
    (value: string, typmod, isExplicit) =>
      typmod <= 0 ? value : applyTypmod(value, { definition: varbit, typmod }, isExplicit),
    { isForText: true },
  ),
  lengthFunction(interval, 1200, fitInterval),
  lengthFunction(numeric, 1703, (value: Value, typmod) => applyTypmod(value, { definition: numeric, typmod }, true)),
  lengthFunction(timestamp, 1961, fitInstant),
  lengthFunction(timestamptz, 1967, fitInstant),
  lengthFunction(time, 1968, fitTime(time)),
  lengthFunction(timetz, 1969, fitTime(timetz)),
];

/** As rows of pg_cast; no value needs them to become what it is, so `findCast` does not know them. */
export const lengthCasts: readonly CastDefinition[] = lengthFunctions.map((method) => ({
  source: method.resultType,
  target: method.resultType,
  context: 'implicit',
  method,
}));
