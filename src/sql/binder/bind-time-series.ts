import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { DefinedColumn } from './bind-column-definitions.ts';
import type { BoundKey } from './bind-keys.ts';
import { checkOrder, type TableOptions } from './table-options.ts';

/** The hidden column of whole nanoseconds. */
const NANOSECONDS_COLUMN = 'time_ns';
const TIME_TYPES = new Set(['timestamptz', 'timestamp', 'date']);

/** Positions in the columns. */
export interface BoundTimeSeries {
  readonly timeColumn: number;
  readonly tagColumns: readonly number[];
  readonly partitionMicros: number;
}

/** Which columns are the time and the tags. Throws 42703, 42804, 42701, 42883, 22023 and 0A000. */
export function bindTimeSeries(options: TableOptions, columns: readonly DefinedColumn[]): BoundTimeSeries | undefined {
  const { tags, partition } = options;
  const time = options.time ?? firstTime(options, columns);
  if (time === undefined) {
    const dependent = tags ?? partition;
    if (dependent === undefined) return undefined;
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `parameter "tidewire.${tags === undefined ? 'partition' : 'tags'}" requires "tidewire.time"`,
      { position: dependent.position, hint: "Name the time column, as in WITH (tidewire.time = 'time')." },
    );
  }
  const timeColumn = findColumn(columns, time.value, time.position);
  checkTimeColumn(columns[timeColumn], time.position);
  checkOrder(options, columns[timeColumn].name);
  const hidden = columns.find((column) => column.name === NANOSECONDS_COLUMN);
  if (hidden !== undefined) {
    throw new SqlError(
      SqlState.DuplicateColumn,
      `column name "${NANOSECONDS_COLUMN}" conflicts with a system column name`,
      { position: hidden.position },
    );
  }
  const tagColumns: number[] = [];
  const position = tags?.position ?? 0;
  for (const tag of tags?.value ?? []) {
    const at = findColumn(columns, tag, position);
    if (at === timeColumn) {
      throw new SqlError(SqlState.InvalidParameterValue, `time column "${tag}" cannot be a tag`, { position });
    }
    if (tagColumns.includes(at)) {
      throw new SqlError(SqlState.DuplicateColumn, `tag column "${tag}" specified more than once`, { position });
    }
    checkTag(columns[at], position);
    tagColumns.push(at);
  }
  return { timeColumn, tagColumns, partitionMicros: options.partitionMicros };
}

/** TimescaleDB's: the first column of type timestamptz. Throws 22023. */
function firstTime({ hypertable }: TableOptions, columns: readonly DefinedColumn[]): TableOptions['time'] {
  if (hypertable === undefined) return undefined;
  const column = columns.find(({ type }) => type.definition.name === 'timestamptz');
  if (column !== undefined) return { value: column.name, position: hypertable };
  throw new SqlError(SqlState.InvalidParameterValue, 'partition column could not be determined', {
    position: hypertable,
    hint: 'Use "tsdb.partition_column" to name the time column.',
  });
}

function checkTimeColumn({ name, type, isSerial, identity }: DefinedColumn, position: number): void {
  const { definition } = type;
  if (definition.category === 'N') {
    throw notSupported('a time column of a number type', position, 'Use timestamp with time zone.');
  }
  if (!TIME_TYPES.has(definition.name) || isSerial || identity !== undefined) {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `time column "${name}" must be of type timestamp with time zone, timestamp without time zone or date, not ${definition.sqlName}`,
      { position },
    );
  }
}

function checkTag({ name, type }: DefinedColumn, position: number): void {
  const { definition } = type;
  if (!definition.isComparable) {
    throw new SqlError(
      SqlState.UndefinedFunction,
      `could not identify an equality operator for type ${definition.sqlName}`,
      { position },
    );
  }
  if ((elementTypeOf(definition) ?? definition).category === 'E') {
    throw notSupported(`tag column "${name}" of an enum type`, position, 'Use text with a CHECK constraint.');
  }
}

function findColumn(columns: readonly DefinedColumn[], name: string, position: number): number {
  const at = columns.findIndex((column) => column.name === name);
  if (at >= 0) return at;
  throw new SqlError(SqlState.UndefinedColumn, `column "${name}" does not exist`, { position });
}

/** A point is identified by its tags and its time; other keys cannot be checked. Throws 0A000. */
export function checkTimeSeriesKeys(
  keys: readonly BoundKey[],
  { timeColumn, tagColumns }: BoundTimeSeries,
  columns: readonly { readonly name: string }[],
): void {
  const identity = [...tagColumns, timeColumn];
  for (const [at, key] of keys.entries()) {
    const { position } = key;
    const kind = key.isPrimary ? 'PRIMARY KEY' : 'UNIQUE constraint';
    if (!isSameSet(identity, key.columns)) {
      const names = identity.map((column) => columns[column].name).join(', ');
      throw notSupported(
        `a ${kind} other than the tags and the time column`,
        position,
        key.columns.includes(timeColumn)
          ? `Declare ${key.isPrimary ? 'PRIMARY KEY' : 'UNIQUE'} (${names}), or list other key columns in tidewire.tags.`
          : `Rows of a time-series table are identified by (${names}).`,
      );
    }
    if (at > 0) throw notSupported('a second key of a time-series table', position);
    if (key.isDeferrable) throw notSupported('a deferrable key of a time-series table', position);
  }
}

function isSameSet(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((column) => right.includes(column));
}
