import { sqlType, typeByOid } from '../../types/type-registry.ts';
import { headerOf, type PortableHeader, portableHeader } from '../encoding/encode-message.ts';
import { MissingColumns } from '../missing-value.ts';
import type { SegmentHeader } from '../segment/segment-column.ts';
import type { MergedColumns } from './merge-layout.ts';

/** An input of a merge, by its file. */
export interface PortableInput {
  readonly name: string;
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Rows to leave out, ascending. */
  readonly dead: Uint32Array;
}

/** A merge as plain data, for a thread that reads the files by itself. */
export interface PortableMerge {
  /** Where the files are. */
  readonly directory: string;
  readonly header: PortableHeader;
  readonly mergesVersions: boolean;
  readonly missing: readonly {
    readonly number: number;
    readonly typeOid: number;
    readonly missing: string;
    readonly missingBefore: number;
  }[];
  /** Oldest first. */
  readonly inputs: readonly PortableInput[];
  readonly readAheadBytes: number;
}

/** undefined where a type is not the same in every thread. */
export function portableMerge(
  header: Omit<SegmentHeader, 'columns' | 'sortColumnNumber'>,
  { columns, sortColumn, mergesVersions, missing }: MergedColumns,
  files: Pick<PortableMerge, 'directory' | 'inputs' | 'readAheadBytes'>,
): PortableMerge | undefined {
  const portable = portableHeader({ ...header, columns, sortColumnNumber: sortColumn.number });
  if (portable === undefined) return undefined;
  const values: PortableMerge['missing'][number][] = [];
  for (const { number, type, missing: text, missingBefore } of missing.columns) {
    const { oid } = type.definition;
    if (typeByOid(oid) !== type.definition) return undefined;
    if (text === undefined || missingBefore === undefined) continue;
    values.push({ number, typeOid: oid, missing: text, missingBefore });
  }
  return { ...files, header: portable, mergesVersions, missing: values };
}

/** What `portableMerge` was made of. */
export function mergeOf({ header, mergesVersions, missing }: PortableMerge): {
  readonly header: SegmentHeader;
  readonly layout: MergedColumns;
} {
  const whole = headerOf(header);
  const { columns, sortColumnNumber } = whole;
  const sortColumn = columns.find(({ number }) => number === sortColumnNumber);
  if (sortColumn === undefined) throw new Error('a merge has its sort column');
  const values = missing.map(({ typeOid, ...column }) => {
    const type = typeByOid(typeOid);
    if (type === undefined) throw new Error(`no type with OID ${typeOid}`);
    return { ...column, type: sqlType(type) };
  });
  return { header: whole, layout: { columns, sortColumn, mergesVersions, missing: new MissingColumns(values) } };
}
