import { ByteWriter } from '../bytes/byte-writer.ts';
import { type Column, valueAt } from '../columnar/column.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import type { Value } from '../types/value.ts';
import type { OutputBuffer } from './output-buffer.ts';

/** Writes one column's values of one batch; chosen once per batch, called once per row. */
export interface CellWriter {
  /** The length word and the bytes of the value at `row`, which is not NULL. */
  write(row: number, out: OutputBuffer): void;
}

/** Types whose text form is the string that they are. */
const PLAIN_TEXT: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name', 'json', 'unknown', 'cstring']);

export function isPlainText(type: TypeDefinition): boolean {
  return PLAIN_TEXT.has(type.name);
}

/** Any column of any type, by way of the type's own output function. */
export class FormattedCells implements CellWriter {
  readonly #column: Column;
  readonly #type: TypeDefinition;
  readonly #context: TypeContext;

  constructor(column: Column, type: TypeDefinition, context: TypeContext) {
    this.#column = column;
    this.#type = type;
    this.#context = context;
  }

  write(row: number, out: OutputBuffer): void {
    writeFormatted(valueAt(this.#column, row), this.#type, this.#context, out);
  }
}

export function writeFormatted(value: Value, type: TypeDefinition, context: TypeContext, out: OutputBuffer): void {
  const start = out.length;
  out.int32(0);
  out.text(type.format(value, context));
  out.view.setInt32(start, out.length - start - 4);
}

/** Any column of any type in binary. */
export class BinaryCells implements CellWriter {
  readonly #column: Column;
  readonly #type: TypeDefinition;
  readonly #scratch = new ByteWriter();

  constructor(column: Column, type: TypeDefinition) {
    this.#column = column;
    this.#type = type;
  }

  write(row: number, out: OutputBuffer): void {
    this.#scratch.clear();
    this.#type.writeBinary(valueAt(this.#column, row), this.#scratch);
    out.int32(this.#scratch.length);
    out.append(this.#scratch.view());
  }
}
