import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Column } from '../../columnar/column.ts';
import { wideAt } from '../../columnar/column.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { END_TIMESTAMP, isFiniteInstant, MIN_TIMESTAMP } from '../../types/instant.ts';
import { columnOfNumber } from '../table-identity.ts';
import type { TimeKeys } from '../time-key.ts';
import { timeKeyOf, timeKeysOf } from '../time-key.ts';

/** The keys of a table's time column as SQL gives it: of type timestamptz, timestamp or date. Throws 22008. */
export function storedTimeKeys(descriptor: TableDescriptor, column: Column, rowCount: number): TimeKeys {
  const { name, type } = columnOfNumber(descriptor, descriptor.timeSeries!.timeColumnNumber);
  const fail = (): never => {
    throw new SqlError(SqlState.DatetimeFieldOverflow, 'timestamp out of range', {
      detail: `Column "${name}" is the time column of relation "${descriptor.name}", which takes finite times only.`,
      tableName: descriptor.name,
      columnName: name,
    });
  };
  if (type.definition.representation === 'float64') return dayKeys(column, rowCount, fail);
  if (column.kind === 'wide') {
    for (let row = 0; row < rowCount; row++) if (!isFiniteInstant(wideAt(column, row))) fail();
    return timeKeysOf(column);
  }
  if (column.kind !== 'number') throw new TypeError(`a time column cannot be of kind ${column.kind}`);
  for (let row = 0; row < rowCount; row++) if (!Number.isFinite(column.values[row])) fail();
  return { times: column.values.subarray(0, rowCount), fractions: undefined };
}

/** Days since 2000-01-01. */
function dayKeys(column: Column, rowCount: number, fail: () => never): TimeKeys {
  if (column.kind !== 'number') throw new TypeError(`a date column cannot be of kind ${column.kind}`);
  const times = new Float64Array(rowCount);
  const fractions = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const days = column.values[row];
    if (!Number.isFinite(days)) fail();
    const micros = days * MICROS_PER_DAY;
    if (Math.abs(micros) <= Number.MAX_SAFE_INTEGER) {
      times[row] = micros;
      continue;
    }
    const exact = BigInt(days) * BigInt(MICROS_PER_DAY);
    if (exact < MIN_TIMESTAMP || exact >= END_TIMESTAMP) fail();
    const key = timeKeyOf(exact);
    times[row] = key.time;
    fractions[row] = key.fraction;
  }
  return { times, fractions };
}
