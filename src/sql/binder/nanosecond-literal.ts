import { toInt64 } from '../../types/int64.ts';
import type { Operand } from './coerce.ts';
import type { StatementBinding } from './statement-binding.ts';
import { timestampType, timestamptzType } from './well-known-types.ts';

const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** 1970-01-01 to 2000-01-01 in microseconds. */
const UNIX_EPOCH_OFFSET_MICROS = 946_684_800_000_000n;
const NANOS_PER_MICRO = 1000n;

/**
 * The InfluxDB habit `time > 1704067200000000000`: an integer literal compared with the time column of a time-series
 * table means nanoseconds since 1970 (floored to the microsecond, as line protocol's own are). PostgreSQL has no such
 * operator, so nothing that it accepts changes its meaning.
 */
export function readNanoseconds(
  binding: StatementBinding,
  operatorName: string,
  left: Operand,
  right: Operand,
): [Operand, Operand] {
  if (!COMPARISONS.has(operatorName)) return [left, right];
  if (isTimeColumn(binding, left)) return [left, asInstant(left, right)];
  if (isTimeColumn(binding, right)) return [asInstant(right, left), right];
  return [left, right];
}

/** `operand` read as an instant when it is an integer literal and `column` the time column of a table. */
export function readListNanoseconds(
  binding: StatementBinding,
  column: Operand,
  operands: readonly Operand[],
): readonly Operand[] {
  return isTimeColumn(binding, column) ? operands.map((operand) => asInstant(column, operand)) : operands;
}

/** Whether an operand is the time column of a time-series table. */
export function isTimeColumn(binding: StatementBinding, { expression }: Operand): boolean {
  if (expression.kind !== 'column') return false;
  const origin = binding.originOf(expression);
  if (origin === undefined || origin.tableOid === 0) return false;
  const table = binding.context.catalog.tableByOid(origin.tableOid);
  return table?.timeSeries !== undefined && table.timeSeries.timeColumnNumber === origin.columnNumber;
}

function asInstant(column: Operand, operand: Operand): Operand {
  const { expression, syntax } = operand;
  if (syntax?.kind !== 'literal' || syntax.type === 'string' || expression.kind !== 'constant') return operand;
  if (typeof expression.value !== 'number' && typeof expression.value !== 'bigint') return operand;
  const nanos = BigInt(expression.value);
  const micros = (nanos - (((nanos % NANOS_PER_MICRO) + NANOS_PER_MICRO) % NANOS_PER_MICRO)) / NANOS_PER_MICRO;
  return {
    expression: {
      kind: 'constant',
      value: toInt64(micros - UNIX_EPOCH_OFFSET_MICROS),
      // For timestamp and date columns, the instant's reading in UTC.
      type: column.expression.type.definition === timestamptzType.definition ? timestamptzType : timestampType,
    },
    syntax,
  };
}
