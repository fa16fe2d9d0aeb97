import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { storedType } from '../../types/stored-type.ts';
import { MissingColumns } from '../missing-value.ts';
import { nullColumn } from '../scan/null-column.ts';
import { FULL_ROW, REMAINDER, ROW_ID, WRITER } from '../segment/hidden-columns.ts';
import type { SegmentColumn } from '../segment/segment-column.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import { mergesVersions } from '../table-identity.ts';

/** What a merge is to know of the columns that it writes. */
export interface MergedColumns {
  readonly sortColumn: SegmentColumn;
  /** Rows with one key are versions of one point. */
  readonly mergesVersions: boolean;
  /** Of fields, what rows from before a column have in it: they get it now. */
  readonly missing: MissingColumns;
  readonly columns: readonly SegmentColumn[];
}

/** The columns that a merge writes, in this order: what rows are sorted by, hidden ones, fields. */
export interface MergeLayout extends MergedColumns {
  /** Row ids stand beside the time; where they are what rows are sorted by, this is false. */
  readonly hasRowIds: boolean;
  readonly hasRemainders: boolean;
  readonly hasPartialRows: boolean;
  readonly fields: readonly SegmentColumn[];
}

/**
 * What the segments have of the table's columns; those of dropped ones are left out. `isOldest`: no segment of the
 * partition is older, so that nothing stands behind a partial row and it says all there is to say.
 */
export function mergeLayout(
  table: TableDescriptor,
  inputs: readonly SegmentReader[],
  { isOldest }: { isOldest: boolean },
): MergeLayout {
  const known = new Map<number, SegmentColumn>();
  for (const { columns } of inputs) {
    for (const column of columns) if (!known.has(column.number)) known.set(column.number, column);
  }
  const missing = MissingColumns.of(table);
  const { sortColumnNumber } = inputs[0]!.header;
  const sortColumn = known.get(sortColumnNumber);
  invariant(sortColumn !== undefined, 'the sort column stands in every segment');
  const hidden = [ROW_ID, REMAINDER, FULL_ROW].filter((number) => {
    if (number === FULL_ROW && (isOldest || !mergesVersions(table))) return false;
    return number !== sortColumnNumber && known.has(number);
  });
  const fields = table.columns
    .filter(({ role, isHidden }) => role === 'field' && isHidden !== true)
    .flatMap(({ number, type }) => {
      const isMissing = inputs.some(({ header }) => missing.value(number, header.schemaVersion) !== null);
      // Integers of a column that has become double precision are written as that (`readWidened`).
      return known.has(number) || isMissing ? { number, type: storedType(type.definition) } : [];
    })
    .sort((a, b) => a.number - b.number);
  const writer = known.get(WRITER);
  if (writer !== undefined) fields.unshift(writer);
  return {
    sortColumn,
    mergesVersions: mergesVersions(table),
    hasRowIds: hidden.includes(ROW_ID),
    hasRemainders: hidden.includes(REMAINDER),
    hasPartialRows: hidden.includes(FULL_ROW),
    fields,
    missing,
    columns: [sortColumn, ...hidden.map((number) => known.get(number)!), ...fields],
  };
}

/** What rows have in a column that their segment lacks: no remainder, nothing partial, no value. */
export function absentColumn({ number, type }: SegmentColumn, rowCount: number): Column {
  if (number === REMAINDER) return { kind: 'number', values: new Float64Array(rowCount), validity: undefined };
  if (number === FULL_ROW) return { kind: 'boolean', values: new Uint8Array(rowCount).fill(1), validity: undefined };
  return nullColumn(type.representation, rowCount);
}
