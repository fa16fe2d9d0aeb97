import { CTID_NUMBER } from '../../catalog/ctid-index.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Column } from '../../columnar/column.ts';
import { constantColumn } from '../../columnar/column-builder.ts';
import { invariant } from '../../errors/invariant.ts';
import { MICROS_PER_DAY } from '../../types/civil-time.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { storedType } from '../../types/stored-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { CodePages } from '../index/code-pages.ts';
import { MAX_SERIES, type SeriesIndex } from '../index/series-index.ts';
import { NULL_CODE, type TagDictionary } from '../index/tag-dictionary.ts';
import { missingValue } from '../missing-value.ts';
import { REMAINDER, ROW_ID, SERIES_ID, WRITER } from '../segment/hidden-columns.ts';
import { nanosecondColumnOf, remaindersOf, timeColumnOf } from '../time-key.ts';
import { TABLEOID_NUMBER, TIME_NS_NUMBER, XMIN_NUMBER } from '../undeclared-columns.ts';
import { nullColumn } from './null-column.ts';
import { readWidened } from './read-widened.ts';
import { tidsOfRows, transactionsOf, versionsOfRows } from './system-columns.ts';

/** Series that a transaction alone knows count from here. */
export const LOCAL_SERIES = MAX_SERIES;

/** Where a column of the result comes from. */
export type OutputColumn =
  | FieldOutput
  | { readonly kind: 'derived'; readonly field: FieldOutput; readonly derive: (values: Column) => Column }
  | { readonly kind: 'tag'; readonly tag: TagValues }
  | { readonly kind: 'time'; readonly isDate: boolean }
  | { readonly kind: 'nanoseconds' }
  | { readonly kind: 'series' }
  | { readonly kind: 'remainder' }
  | { readonly kind: 'tableoid' }
  | { readonly kind: 'zero' };

export interface FieldOutput {
  readonly kind: 'field';
  readonly number: number;
  readonly type: TypeDefinition;
  /** What rows that were stored before the column came have in it; without it, NULL. */
  readonly missing?: { readonly value: Value; readonly before: number };
}

/** The field that a column of the result is made of, where it is one. */
export function fieldOf(output: OutputColumn): FieldOutput | undefined {
  if (output.kind === 'derived') return output.field;
  return output.kind === 'field' ? output : undefined;
}

/** Rows of a batch by series: series i has the rows up to `ends[i]`. */
export interface SeriesSpans {
  readonly seriesIds: readonly number[];
  readonly ends: readonly number[];
}

/** The values of one tag, by series. */
export interface TagValues {
  column(spans: SeriesSpans, rowCount: number): Column;
}

/** As the series index has them. */
export class TagSource implements TagValues {
  readonly #dictionary: TagDictionary;
  readonly #codes: CodePages | undefined;
  readonly #localCodes: CodePages | undefined;

  /** `series` is the table's index, `local` that of the reader's own transaction. */
  constructor(
    columnNumber: number,
    type: TypeDefinition,
    series: SeriesIndex | undefined,
    local: SeriesIndex | undefined,
  ) {
    const dictionary = series?.dictionary(columnNumber) ?? local?.dictionary(columnNumber);
    invariant(dictionary === undefined || dictionary.type === type, 'a tag keeps its type');
    invariant(dictionary !== undefined, 'a tag column of the table stands in its series index');
    this.#dictionary = dictionary;
    this.#codes = series?.tag(columnNumber)?.codes;
    this.#localCodes = local?.tag(columnNumber)?.codes;
  }

  column({ seriesIds, ends }: SeriesSpans, rowCount: number): Column {
    const codes = new Uint32Array(rowCount);
    let from = 0;
    for (let index = 0; index < seriesIds.length; index++) {
      const code = this.#codeOf(seriesIds[index]!);
      if (code !== 0) codes.fill(code, from, ends[index]);
      from = ends[index]!;
    }
    return this.#dictionary.columnOfCodes(codes, rowCount);
  }

  #codeOf(seriesId: number): number {
    const code = seriesId < LOCAL_SERIES ? this.#codes?.at(seriesId) : this.#localCodes?.at(seriesId - LOCAL_SERIES);
    return code ?? NULL_CODE;
  }
}

/** The sources of the columns at `positions`. */
export function outputColumns(
  table: TableDescriptor,
  positions: readonly number[],
  tagOf: (columnNumber: number, type: TypeDefinition) => TagValues,
): OutputColumn[] {
  return positions.map((position): OutputColumn => {
    const column = table.columns[position];
    invariant(column !== undefined, `table ${table.oid} has a column at position ${position}`);
    const { definition } = column.type;
    if (column.isHidden === true) return hiddenOutput(table, column);
    if (column.role === 'tag') return { kind: 'tag', tag: tagOf(column.number, storedType(definition)) };
    if (column.role === 'time') return { kind: 'time', isDate: definition.representation === 'float64' };
    const value = missingValue(column);
    const field = { kind: 'field', number: column.number, type: definition } as const;
    return value === null ? field : { ...field, missing: { value, before: column.missingBefore! } };
  });
}

function hiddenOutput({ timeSeries }: TableDescriptor, { number, type }: ColumnDescriptor): OutputColumn {
  switch (number) {
    case TIME_NS_NUMBER:
      return { kind: 'nanoseconds' };
    case SERIES_ID:
      return { kind: 'series' };
    case REMAINDER:
      return { kind: 'remainder' };
    case ROW_ID:
      return { kind: 'field', number, type: type.definition };
    case CTID_NUMBER:
      return { kind: 'derived', field: rowId, derive: tidsOfRows };
    case XMIN_NUMBER:
      return timeSeries === undefined
        ? { kind: 'derived', field: writer, derive: transactionsOf }
        : { kind: 'derived', field: rowId, derive: versionsOfRows };
    case TABLEOID_NUMBER:
      return { kind: 'tableoid' };
    default:
      return { kind: 'zero' };
  }
}

const rowId: FieldOutput = { kind: 'field', number: ROW_ID, type: int8 };
const writer: FieldOutput = { kind: 'field', number: WRITER, type: int4 };

/** What the columns of one batch are put together from. */
export interface BatchParts {
  readonly rowCount: number;
  /** The version of the table that the rows were stored under. Infinity: they lack nothing. */
  readonly schemaVersion: number;
  readonly spans: SeriesSpans;
  /** The field's values, undefined when the rows have none. */
  field(number: number): Column | undefined;
  /** Keys of the rows; asked for only when a column shows them. */
  keys(): { times: Float64Array; fractions: Uint32Array | undefined };
  /** The time column as it is stored, when that is at hand. */
  readonly time: Column | undefined;
}

export function assembleColumns(outputs: readonly OutputColumn[], tableOid: number, parts: BatchParts): Column[] {
  return outputs.map((output) => assembleColumn(output, tableOid, parts));
}

export function assembleColumn(output: OutputColumn, tableOid: number, parts: BatchParts): Column {
  const { rowCount } = parts;
  switch (output.kind) {
    case 'field':
      return fieldColumn(output, parts);
    case 'derived':
      return output.derive(fieldColumn(output.field, parts));
    case 'tag':
      return output.tag.column(parts.spans, rowCount);
    case 'time': {
      const column = parts.time ?? instantsOf(parts);
      return output.isDate ? daysOf(column, parts) : column;
    }
    case 'nanoseconds': {
      const { times, fractions } = parts.keys();
      return nanosecondColumnOf(times, fractions, rowCount);
    }
    case 'series':
      return seriesColumn(parts);
    case 'remainder': {
      const remainders = remaindersOf(parts.keys().fractions, 0, rowCount);
      const values = remainders === undefined ? new Float64Array(rowCount) : Float64Array.from(remainders);
      return { kind: 'number', values, validity: undefined };
    }
    case 'zero':
      return constantColumn('float64', 0, rowCount);
    default:
      return constantColumn('float64', tableOid, rowCount);
  }
}

function absentField(
  { type, missing }: Extract<OutputColumn, { kind: 'field' }>,
  { rowCount, schemaVersion }: BatchParts,
): Column {
  if (missing === undefined || schemaVersion >= missing.before) return nullColumn(type.representation, rowCount);
  return constantColumn(type.representation, missing.value, rowCount);
}

function fieldColumn(output: Extract<OutputColumn, { kind: 'field' }>, parts: BatchParts): Column {
  const column = parts.field(output.number);
  return column === undefined ? absentField(output, parts) : readWidened(column, output.type.representation);
}

function seriesColumn({ spans, rowCount }: BatchParts): Column {
  const values = new Float64Array(rowCount);
  let from = 0;
  for (let index = 0; index < spans.seriesIds.length; index++) {
    values.fill(spans.seriesIds[index]!, from, spans.ends[index]);
    from = spans.ends[index]!;
  }
  return { kind: 'number', values, validity: undefined };
}

function instantsOf(parts: BatchParts): Column {
  const { times, fractions } = parts.keys();
  return timeColumnOf(times, fractions, 0, parts.rowCount);
}

function daysOf(column: Column, parts: BatchParts): Column {
  // Days that begin beyond ±2^53 µs: their keys are the day's start to within 2048 µs.
  const times = column.kind === 'number' ? column.values : parts.keys().times;
  const values = new Float64Array(parts.rowCount);
  for (let row = 0; row < values.length; row++) values[row] = Math.ceil(times[row] / MICROS_PER_DAY);
  return { kind: 'number', values, validity: undefined };
}
