import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { DAYS_PER_MONTH, Interval } from '../../types/interval.ts';
import type { TableOptionSyntax } from '../syntax/table-definition-ast.ts';

const MICROS_PER_DAY = 86_400_000_000;
export const DEFAULT_PARTITION_MICROS = MICROS_PER_DAY;

interface Located<T> {
  readonly value: T;
  readonly position: number;
}

/** WITH (tidewire.…) or WITH (tsdb.hypertable, …) of CREATE TABLE. */
export interface TableOptions {
  readonly time: Located<string> | undefined;
  readonly tags: Located<readonly string[]> | undefined;
  readonly partition: Located<string> | undefined;
  /** One day unless told otherwise. */
  readonly partitionMicros: number;
  /** What line protocol may do to columns; undefined: what the server is told to do. */
  readonly fieldConflict: 'strict' | 'widen' | undefined;
  /** The order of a series' rows, to be looked at with `checkOrder`. */
  readonly orderBy: Located<string> | undefined;
  /** Where tsdb.hypertable stands: then `time` may have been left out, and is the first timestamptz column. */
  readonly hypertable: number | undefined;
}

/** Of each namespace: what its options are called here. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tidewire: { time: 'time', tags: 'tags', partition: 'partition', field_conflict: 'conflict' },
  tsdb: {
    hypertable: 'hypertable',
    partition_column: 'time',
    segmentby: 'tags',
    chunk_interval: 'partition',
    orderby: 'orderby',
    create_default_indexes: 'indexes',
  },
};
const NAMESPACE_ALIASES: Readonly<Record<string, string>> = { timescaledb: 'tsdb' };
/** TimescaleDB's others. */
const REFUSED_OPTIONS = new Set([
  'associated_schema',
  'associated_table_prefix',
  'chunk_time_interval',
  'columnstore',
  'compress',
  'compress_chunk_interval',
  'compress_chunk_time_interval',
  'compress_orderby',
  'compress_segmentby',
  'continuous',
  'enable_columnstore',
  'index',
  'sparse_index',
]);
/** PostgreSQL's storage parameters. */
const STORAGE_PARAMETERS =
  /^(?:fillfactor|toast_tuple_target|parallel_workers|user_catalog_table|vacuum_.*|autovacuum_.*|log_autovacuum_.*)$/;

/** Throws 22023 for options that do not exist, come twice or have no or a bad value; 0A000 for those of others. */
export function readTableOptions(options: readonly TableOptionSyntax[]): TableOptions {
  const given = new Map<string, Located<string>>();
  for (const option of options) {
    if (isFullPages(option)) continue;
    const meaning = meaningOf(option);
    const { value, position } = option;
    if (given.has(meaning)) throw invalid(`parameter "${fullName(option)}" specified more than once`, position);
    // A flag may stand alone.
    const isFlag = meaning === 'hypertable' || meaning === 'indexes';
    if (value === undefined ? !isFlag : value.trim() === '') {
      throw invalid(`parameter "${fullName(option)}" needs a value`, position);
    }
    given.set(meaning, { value: value?.trim() ?? 'true', position });
  }
  const isHypertable = readHypertable(given);
  const time = given.get('time');
  const tags = given.get('tags');
  const partition = given.get('partition');
  return {
    time,
    tags: tags === undefined ? undefined : { value: splitNames(tags), position: tags.position },
    partition,
    partitionMicros: partition === undefined ? DEFAULT_PARTITION_MICROS : readPartition(partition, isHypertable),
    fieldConflict: readConflict(given.get('conflict'), time),
    orderBy: given.get('orderby'),
    hypertable: isHypertable ? given.get('hypertable')?.position : undefined,
  };
}

/** PostgreSQL's default, which pgbench spells out: no room is left between rows here either. */
function isFullPages({ namespace, name, value }: TableOptionSyntax): boolean {
  return namespace === undefined && name === 'fillfactor' && Number(value) === 100;
}

function meaningOf(option: TableOptionSyntax): string {
  const { namespace, name, position } = option;
  if (namespace === undefined) {
    if (STORAGE_PARAMETERS.test(name)) throw notSupported(`storage parameter "${name}"`, position);
    throw invalid(`unrecognized parameter "${name}"`, position);
  }
  const known = OPTIONS[NAMESPACE_ALIASES[namespace] ?? namespace];
  if (known === undefined) throw invalid(`unrecognized parameter namespace "${namespace}"`, position);
  const meaning = known[name];
  if (meaning !== undefined) return meaning;
  if (known === OPTIONS.tsdb && REFUSED_OPTIONS.has(name)) {
    const isColumnar = /columnstore|compress/.test(name);
    throw notSupported(
      `parameter "${fullName(option)}"`,
      position,
      isColumnar ? 'Leave it out: every table is stored by column and compressed.' : undefined,
    );
  }
  throw invalid(`unrecognized parameter "${fullName(option)}"`, position);
}

function fullName({ namespace, name }: TableOptionSyntax): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}

/** The other options of TimescaleDB mean something only beside it. */
function readHypertable(given: ReadonlyMap<string, Located<string>>): boolean {
  for (const flag of ['hypertable', 'indexes']) {
    const option = given.get(flag);
    if (option !== undefined) readBoolean(option);
  }
  const option = given.get('hypertable');
  if (option !== undefined && !readBoolean(option)) {
    throw notSupported('"tsdb.hypertable" = false', option.position, 'Leave the option out for a plain table.');
  }
  const stray = option === undefined ? (given.get('orderby') ?? given.get('indexes')) : undefined;
  if (stray !== undefined) {
    throw new SqlError(SqlState.InvalidParameterValue, 'timescaledb options require hypertable option', {
      position: stray.position,
      hint: 'Use "tsdb.hypertable" to enable creating a hypertable.',
    });
  }
  return option !== undefined;
}

function readBoolean({ value, position }: Located<string>): boolean {
  const folded = value.toLowerCase();
  if (['true', 'on', 'yes', '1'].includes(folded)) return true;
  if (['false', 'off', 'no', '0'].includes(folded)) return false;
  throw invalid(`invalid value for boolean option: ${value}`, position);
}

/** Rows of a series are in the order of their time, and can be read in either direction. Throws 0A000. */
export function checkOrder({ orderBy: order }: TableOptions, timeName: string): void {
  if (order === undefined) return;
  const [column, ...rest] = order.value.toLowerCase().split(/\s+/);
  const isTime = column.replaceAll('"', '') === timeName.toLowerCase();
  if (isTime && /^(?:(?:asc|desc)(?: nulls (?:first|last))?)?$/.test(rest.join(' '))) return;
  throw notSupported('"tsdb.orderby" other than by the time column', order.position);
}

/** Plain tables take no line protocol. */
function readConflict(
  option: Located<string> | undefined,
  time: Located<string> | undefined,
): TableOptions['fieldConflict'] {
  if (option === undefined) return undefined;
  const { position } = option;
  const value = option.value.toLowerCase();
  if (value !== 'strict' && value !== 'widen') {
    throw invalid(`invalid value for parameter "tidewire.field_conflict": "${option.value}"`, position);
  }
  if (time === undefined) throw invalid('parameter "tidewire.field_conflict" requires "tidewire.time"', position);
  return value;
}

/** `host, region`: names as the columns have them, apart from white space. */
function splitNames({ value, position }: Located<string>): string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes('')) {
    throw invalid('parameter "tidewire.tags" must be a comma-separated list of columns', position);
  }
  return names;
}

function readPartition({ value, position }: Located<string>, isHypertable: boolean): number {
  let interval: Interval;
  try {
    interval = Interval.parse(value);
  } catch (error) {
    throw error instanceof SqlError ? error.at(position) : error;
  }
  if (interval.months !== 0 && !isHypertable) {
    throw invalid('parameter "tidewire.partition" must not contain months or years', position);
  }
  const micros = partitionOfInterval(interval);
  if (!Number.isSafeInteger(micros) || micros <= 0) {
    throw invalid('parameter "tidewire.partition" must be a positive interval', position);
  }
  return micros;
}

/** TimescaleDB's chunks are equally long: a month has 30 days. */
export function partitionOfInterval({ months, days, micros }: Interval): number {
  return (months * DAYS_PER_MONTH + days) * MICROS_PER_DAY + Number(micros);
}

function invalid(message: string, position: number): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message, { position });
}
