import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Batch } from '../columnar/batch.ts';
import { type Column, valueAt } from '../columnar/column.ts';
import { ColumnBuilder, columnOf, constantColumn } from '../columnar/column-builder.ts';
import type { SqlError } from '../errors/sql-error.ts';
import type { BlockColumn } from '../storage/memtable/row-block.ts';
import { mergesVersions } from '../storage/table-identity.ts';
import type { Value } from '../types/value.ts';
import { type IngestBatch, IngestError } from './ingest-batch.ts';

/**
 * What SQL has declared of a table's rows, as far as it concerns line protocol:
 *
 *   DEFAULT   of a tag: what a line without the tag belongs to. Of a field: in tables without a key, where each line is a
 *             row of its own. With a key a line leaves the fields that it does not name as they are.
 *   CHECK     over what the line says: fields that it does not name are unknown, and NULL passes.
 *   NOT NULL  a field must be in every line (`ingest-operations.ts`).
 *
 * Who knows SQL implements it; tables that only line protocol has made have no rules.
 */
export interface IngestRowRules {
  ofTable(table: TableDescriptor): TableRowRules;
}

export interface TableRowRules {
  /** The default of a column, once for each of `count` rows; undefined where it has none. Throws what computing it throws. */
  defaults(column: ColumnDescriptor, count: number): readonly Value[] | undefined;
  /** The first row that a CHECK refuses. `rows`: one column per visible column of the table. */
  firstViolation(rows: Batch): { readonly row: number; readonly error: SqlError } | undefined;
}

/** Whether there is anything to ask the rules for. */
export function hasRowRules(table: TableDescriptor): boolean {
  return (
    table.constraints.some(({ kind }) => kind === 'check') ||
    table.columns.some((column) => column.default !== undefined || column.identity !== undefined)
  );
}

/** The batch with the tags that its lines leave out and that have a default. */
export function withTagDefaults(batch: IngestBatch, table: TableDescriptor, rules: TableRowRules): IngestBatch {
  let { tagNames, series } = batch;
  for (const column of table.columns) {
    if (column.role !== 'tag') continue;
    const at = tagNames.indexOf(column.name);
    const missing = at < 0 ? series.length : series.filter((tags) => tags[at] === null).length;
    const values = missing === 0 ? undefined : rules.defaults(column, missing);
    if (values === undefined) continue;
    let next = 0;
    if (at < 0) tagNames = [...tagNames, column.name];
    series = series.map((tags) => {
      if (at < 0) return [...tags, values[next++] as string];
      return tags[at] === null ? tags.with(at, values[next++] as string) : tags;
    });
  }
  return series === batch.series ? batch : { ...batch, tagNames, series };
}

/** The fields with the defaults of those that lines leave out, where lines are whole rows. */
export function withFieldDefaults(
  columns: readonly BlockColumn[],
  table: TableDescriptor,
  rowCount: number,
  rules: TableRowRules,
): BlockColumn[] {
  const all = [...columns];
  if (mergesVersions(table)) return all;
  for (const column of table.columns) {
    if (column.role !== 'field' || column.isHidden === true) continue;
    const at = all.findIndex((candidate) => candidate.number === column.number);
    const missing = at < 0 ? rowCount : missingRows(all[at].column, rowCount);
    const values = missing === 0 ? undefined : rules.defaults(column, missing);
    if (values === undefined) continue;
    const type = column.type.definition;
    if (at < 0) all.push({ number: column.number, type, column: columnOf(type.representation, values) });
    else all[at] = { ...all[at], column: filled(all[at].column, type.representation, values, rowCount) };
  }
  return all;
}

/** Throws IngestError for the first row that a CHECK refuses. */
export function checkRows(
  batch: IngestBatch,
  table: TableDescriptor,
  columns: readonly BlockColumn[],
  rules: TableRowRules,
): void {
  if (!table.constraints.some(({ kind }) => kind === 'check')) return;
  const violation = rules.firstViolation(rowsOf(batch, table, columns));
  if (violation === undefined) return;
  throw new IngestError(violation.error.code, violation.error.message, batch.tableName, violation.row);
}

function missingRows({ validity }: Column, rowCount: number): number {
  let missing = 0;
  if (validity !== undefined) for (let row = 0; row < rowCount; row++) if (validity[row] === 0) missing++;
  return missing;
}

function filled(
  column: Column,
  representation: ColumnDescriptor['type']['definition']['representation'],
  values: readonly Value[],
  rowCount: number,
): Column {
  const builder = new ColumnBuilder(representation, { capacity: rowCount });
  let next = 0;
  for (let row = 0; row < rowCount; row++) builder.push(valueAt(column, row) ?? values[next++]);
  return builder.finish();
}

/** The lines as rows of the table, NULL in what they do not name. */
function rowsOf(batch: IngestBatch, table: TableDescriptor, fields: readonly BlockColumn[]): Batch {
  const { rowCount, times, seriesOfRow, series, tagNames } = batch;
  const columns = table.columns
    .filter((column) => column.isHidden !== true)
    .map((column): Column => {
      if (column.role === 'time') return { kind: 'number', values: times.subarray(0, rowCount), validity: undefined };
      const { representation } = column.type.definition;
      if (column.role === 'field') {
        const field = fields.find((candidate) => candidate.number === column.number)?.column;
        return field ?? constantColumn(representation, null, rowCount);
      }
      const tag = tagNames.indexOf(column.name);
      if (tag < 0) return constantColumn(representation, null, rowCount);
      const values = Array.from({ length: rowCount }, (_, row) => series[seriesOfRow[row]][tag] ?? null);
      return columnOf(representation, values);
    });
  return { rowCount, columns };
}
