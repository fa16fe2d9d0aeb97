import { valueAt } from '../../src/columnar/column.ts';
import type { CopyFormat, CopyOption } from '../../src/copy/copy-format.ts';
import { readCopyOptions } from '../../src/copy/copy-options.ts';
import type { CopyReader } from '../../src/copy/copy-reader.ts';
import { SqlError } from '../../src/errors/sql-error.ts';
import { sqlType, typeByName } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';

/** A format by its options as text. */
export function copyFormat(options: Readonly<Record<string, string>>, isFrom = true): CopyFormat {
  const written = Object.entries(options).map(
    ([name, text]): CopyOption => ({
      name,
      value: text.startsWith('(')
        ? { kind: 'list', items: text.slice(1, -1).split(',') }
        : { kind: 'text', text, isNumber: false },
      position: 0,
    }),
  );
  return readCopyOptions(written, isFrom);
}

/** Columns a, b, c … of these types. */
export function copyColumnsOf(...names: readonly string[]) {
  return names.map((name, at) => {
    const type = typeByName(name);
    if (type === undefined) throw new Error(`no type ${name}`);
    return { name: String.fromCharCode(97 + at), type: sqlType(type) };
  });
}

/** All rows, given so many bytes at a time; an error as `code message | context`. */
export function readAll(reader: CopyReader, bytes: Uint8Array, step = bytes.length): Value[][] | string {
  const rows: Value[][] = [];
  const take = (): void => {
    for (let batch = reader.next(); batch !== undefined; batch = reader.next()) {
      for (let row = 0; row < batch.rowCount; row++) rows.push(batch.columns.map((column) => valueAt(column, row)));
      if (batch.failure !== undefined) throw batch.failure.error;
    }
  };
  try {
    for (let at = 0; at < bytes.length; at += step) {
      reader.push(bytes.subarray(at, at + step));
      take();
    }
    reader.end();
    take();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return `${error.code} ${error.message} | ${error.fields.where}`;
  }
  return rows;
}
