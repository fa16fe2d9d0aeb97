import { SqlError } from '../errors/sql-error.ts';

/** PostgreSQL shows so many bytes of a line or a value. */
const MAX_SHOWN_BYTES = 100;

/** Where in the data an error was found. */
export interface CopyPlace {
  readonly line: number;
  readonly columnName?: string | undefined;
  /** Of the column; null: it was NULL. */
  readonly value?: string | null | undefined;
  /** The whole line, in UTF-8. */
  readonly text?: Uint8Array | undefined;
}

/** `COPY t, line 3, column x: "abc"`. */
export function copyContext(tableName: string, { line, columnName, value, text }: CopyPlace): string {
  const start = `COPY ${tableName}, line ${line}`;
  if (columnName !== undefined) {
    const column = `${start}, column ${columnName}`;
    if (value === null) return `${column}: null input`;
    return value === undefined ? column : `${column}: "${shown(Buffer.from(value))}"`;
  }
  return text === undefined ? start : `${start}: "${shown(text)}"`;
}

/** Errors that say where they were found, or were found nowhere. */
const placed = new WeakSet<object>();

/** The error with the place in its context, unless it has one. */
export function inCopyContext(error: unknown, tableName: string, place: CopyPlace): unknown {
  if (!(error instanceof SqlError) || placed.has(error)) return error;
  const context = copyContext(tableName, place);
  const { where } = error.fields;
  const fields = { ...error.fields, where: where === undefined ? context : `${where}\n${context}` };
  return withoutCopyContext(new SqlError(error.code, error.message, fields));
}

/** Keeps the error from getting a place: it is one of the data as a whole. */
export function withoutCopyContext(error: SqlError): SqlError {
  placed.add(error);
  return error;
}

function shown(bytes: Uint8Array): string {
  if (bytes.length <= MAX_SHOWN_BYTES) return Buffer.from(bytes).toString();
  let end = MAX_SHOWN_BYTES;
  // No character is cut.
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return `${Buffer.from(bytes.subarray(0, end)).toString()}...`;
}
