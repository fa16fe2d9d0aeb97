import type { Column } from '../columnar/column.ts';
import type { SqlType, TypeContext } from '../types/type-definition.ts';
import type { CellBlock } from './cell-block.ts';
import type { CellFailures } from './cell-failures.ts';
import { NumberCells, numberForm } from './number-cells.ts';
import { ParsedCells } from './parsed-cells.ts';
import { isCodedText, TextCells } from './text-cells.ts';

/** The cells of one column → its values. */
export interface CellReader {
  /**
   * A column of as many rows as the block has; what stands at a row that failed, and at those behind `failures.rowLimit`,
   * is undefined. The column is valid until the next call. `leader`: the codes of a text column of the same rows, which this
   * one may follow: tags of a series mostly do.
   */
  read(block: CellBlock, column: number, failures: CellFailures, leader?: Uint32Array): Column;
}

/** A reader for the text form of a type. */
export function cellReader(type: SqlType, context: TypeContext): CellReader {
  const form = numberForm(type);
  if (form !== undefined) return new NumberCells(form, type, context);
  return isCodedText(type) ? new TextCells(type, context) : new ParsedCells(type, context);
}
