import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int8 } from '../../types/int8.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import { text } from '../../types/string-types.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

interface SizeUnit {
  readonly name: string;
  readonly bits: number;
  /** Sizes are shown in this unit while they are smaller. */
  readonly limit: bigint;
}

const ROUNDED_LIMIT = 20n * 1024n - 1n;
const UNITS: readonly SizeUnit[] = [
  { name: 'bytes', bits: 0, limit: 10n * 1024n },
  ...['kB', 'MB', 'GB', 'TB', 'PB'].map((name, at) => ({ name, bits: (at + 1) * 10, limit: ROUNDED_LIMIT })),
];

/** Divides towards zero by turns, keeping one bit below the unit to round with in the end. */
function prettySize(value: Int64): string {
  let size = BigInt(value);
  for (const [at, { name, limit }] of UNITS.entries()) {
    const isLast = at === UNITS.length - 1;
    if (isLast || (size < 0n ? -size : size) < limit) {
      if (at > 0) size = (size + (size < 0n ? -1n : 1n)) / 2n;
      return `${size} ${name}`;
    }
    // Behind the bytes a bit more than the unit is kept.
    size /= at === 0 ? 512n : 1024n;
  }
  return '';
}

function prettyNumericSize(value: Numeric): string {
  if (!value.isFinite) return `${value} ${value.kind === '-infinity' ? 'PB' : 'PB'}`;
  const bytes = UNITS[0];
  if (value.abs().compare(Numeric.of(bytes.limit, 0)) < 0) return `${value} ${bytes.name}`;
  let size = value.truncate().unscaled / 512n;
  for (const [at, { name, limit }] of UNITS.entries()) {
    if (at === 0) continue;
    if (at === UNITS.length - 1 || (size < 0n ? -size : size) < limit) {
      return `${(size + (size < 0n ? -1n : 1n)) / 2n} ${name}`;
    }
    size /= 1024n;
  }
  return '';
}

const SIZE = /^[ \t\n\v\f\r]*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)[ \t\n\v\f\r]*(.*?)[ \t\n\v\f\r]*$/s;

/** Throws 22023 for what is no size or has no unit of ours, 22003 beyond bigint. */
function sizeInBytes(value: string): Int64 {
  const [, number, unitName = ''] = SIZE.exec(value) ?? [];
  if (number === undefined) throw new SqlError(SqlState.InvalidParameterValue, `invalid size: "${value}"`);
  let size = Numeric.parse(number);
  if (unitName !== '') {
    const unit = UNITS.find(({ name }) => name.toLowerCase() === unitName.toLowerCase());
    if (unit === undefined) {
      throw new SqlError(SqlState.InvalidParameterValue, `invalid size: "${value}"`, {
        detail: `Invalid size unit: "${unitName}".`,
        hint: 'Valid units are "bytes", "kB", "MB", "GB", "TB", and "PB".',
      });
    }
    size = size.multiply(Numeric.of(1n << BigInt(unit.bits), 0));
  }
  return size.toInt64();
}

export const dataSizeFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_size_pretty', 2288, [int8], text, prettySize, total),
  defineScalar('pg_size_pretty', 3166, [numeric], text, prettyNumericSize, total),
  defineScalar('pg_size_bytes', 3334, [text], int8, sizeInBytes),
];
