import { OutputBuffer } from '../cells/output-buffer.ts';
import type { ResultColumn } from '../session/result-column.ts';
import { BackendCode, BINARY_FORMAT, TEXT_FORMAT } from './message-code.ts';

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

/** By the format of all columns. */
const known: Readonly<Record<number, WeakMap<readonly ResultColumn[], Uint8Array>>> = {
  [TEXT_FORMAT]: new WeakMap(),
  [BINARY_FORMAT]: new WeakMap(),
};

/** The whole message in UTF-8, made once for the columns of a plan where all are asked for in one format. */
export function knownRowDescription(columns: readonly ResultColumn[], formats: readonly number[]): Uint8Array {
  const ofFormat = formats.length > 1 ? undefined : known[formats[0] ?? TEXT_FORMAT];
  const message = ofFormat?.get(columns);
  if (message !== undefined) return message;
  const made = rowDescription(columns, formats);
  ofFormat?.set(columns, made);
  return made;
}

function rowDescription(columns: readonly ResultColumn[], formats: readonly number[]): Uint8Array {
  const out = new OutputBuffer();
  out.uint8(BackendCode.RowDescription);
  out.int32(0);
  writeRowDescription(columns, formats, out);
  out.view.setInt32(1, out.length - 1);
  return out.take().bytes.slice();
}

/** The format of a column or parameter: none given means text, one given means all. */
export function formatOf(formats: readonly number[], index: number): number {
  return (formats.length === 1 ? formats[0] : formats[index]) ?? TEXT_FORMAT;
}
