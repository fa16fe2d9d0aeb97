import type { OutputBuffer } from '../cells/output-buffer.ts';
import type { ResultColumn } from '../session/result-column.ts';
import { TEXT_FORMAT } from './message-code.ts';

/**
 * The body of RowDescription: what a client needs to read the rows and to tell which of them it could edit.
 *
 *   | count (int16) | per column: name, 0 | table OID | column number (int16) | type OID | type length (int16) | typmod | format (int16)
 */
export function writeRowDescription(
  columns: readonly ResultColumn[],
  formats: readonly number[],
  out: OutputBuffer,
  writeName: (name: string) => void = (name) => out.zeroTerminated(name),
): void {
  out.int16(columns.length);
  for (const [index, { name, tableOid, columnNumber, type }] of columns.entries()) {
    writeName(name);
    out.int32(tableOid);
    out.int16(columnNumber);
    out.int32(type.definition.oid);
    out.int16(type.definition.length);
    out.int32(type.typmod);
    out.int16(formatOf(formats, index));
  }
}

/** The format of a column or parameter: none given means text, one given means all. */
export function formatOf(formats: readonly number[], index: number): number {
  return (formats.length === 1 ? formats[0] : formats[index]) ?? TEXT_FORMAT;
}
