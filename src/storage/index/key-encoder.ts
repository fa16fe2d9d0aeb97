import type { IndexDescriptor } from '../../catalog/index-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { type Column, valueAt } from '../../columnar/column.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { columnOfNumber } from '../table-identity.ts';
import { IndexKey, MAX_KEY_BYTES } from './index-key.ts';
import { type KeyForm, keyFormOf, NULL_BYTE, pushInteger } from './key-form.ts';

/** Columns by their number in the table; undefined = NULL in all rows. */
export type ColumnLookup = (columnNumber: number) => Column | undefined;

/** Makes the keys of one index: of rows that are stored, of values that are looked for, of the ends of ranges. */
export class KeyEncoder {
  readonly descriptor: IndexDescriptor;
  readonly columnNumbers: readonly number[];
  readonly types: readonly TypeDefinition[];
  /** The last key that was made. */
  readonly key = new IndexKey();
  readonly #forms: readonly KeyForm[];
  readonly #columns: (Column | undefined)[];

  constructor(table: TableDescriptor, descriptor: IndexDescriptor) {
    this.descriptor = descriptor;
    this.columnNumbers = descriptor.columns.map(({ columnNumber }) => columnNumber);
    this.types = this.columnNumbers.map((number) => columnOfNumber(table, number).type.definition);
    this.#forms = this.types.map(keyFormOf);
    this.#columns = this.columnNumbers.map(() => undefined);
  }

  /** Whether the keys that this makes are those that an index of another version of the table has. */
  fits(table: TableDescriptor, descriptor: IndexDescriptor): boolean {
    return (
      descriptor.method === this.descriptor.method &&
      descriptor.columns.length === this.columnNumbers.length &&
      descriptor.columns.every(
        ({ columnNumber }, index) =>
          columnNumber === this.columnNumbers[index] &&
          sameForm(columnOfNumber(table, columnNumber).type.definition, this.types[index]!),
      )
    );
  }

  /** The rows that `ofRow` is about from now on. */
  read(columns: ColumnLookup): void {
    for (let index = 0; index < this.columnNumbers.length; index++) {
      this.#columns[index] = columns(this.columnNumbers[index]);
    }
  }

  /** Makes the key of a row. False when a NULL makes it unlike any other one. Throws 54000 for a key that is too long. */
  ofRow(row: number): boolean {
    const { key } = this;
    key.clear();
    let hasNull = false;
    for (let index = 0; index < this.#columns.length; index++) {
      const column = this.#columns[index];
      if (column === undefined || (column.validity !== undefined && column.validity[row] === 0)) {
        key.push(NULL_BYTE);
        hasNull = true;
      } else if (column.kind === 'number' && this.#forms[index].isInteger) pushInteger(key, column.values[row]);
      else this.#forms[index].push(key, valueAt(column, row)!);
    }
    if (key.length > MAX_KEY_BYTES) throw keyTooLong(this.descriptor, key.length);
    key.finish();
    return !hasNull || this.descriptor.nullsNotDistinct;
  }

  /** Makes the beginning of a key, of the leading columns. No value may be NULL. The caller finishes it. */
  begin(values: readonly Value[]): IndexKey {
    const { key } = this;
    key.clear();
    for (let index = 0; index < values.length; index++) this.#forms[index].push(key, values[index]!);
    return key;
  }

  /** Appends a value of the next column to what `begin` has made. */
  pushAt(index: number, value: Exclude<Value, null>): void {
    this.#forms[index].push(this.key, value);
  }

  /** The values of a row, for messages. */
  valuesAt(columns: ColumnLookup, row: number): Value[] {
    return this.columnNumbers.map((number) => {
      const column = columns(number);
      return column === undefined ? null : valueAt(column, row);
    });
  }
}

/** A type may be replaced by another object for itself, as an enum is when a label is added. */
function sameForm(left: TypeDefinition, right: TypeDefinition): boolean {
  return left === right || left.oid === right.oid || keyFormOf(left) === keyFormOf(right);
}

function keyTooLong({ name, method }: IndexDescriptor, length: number): SqlError {
  return new SqlError(
    SqlState.ProgramLimitExceeded,
    `index row size ${length} exceeds ${method} maximum ${MAX_KEY_BYTES} for index "${name}"`,
    { hint: 'Values this long cannot be indexed. Consider an index of a column that holds a hash of the value.' },
  );
}
