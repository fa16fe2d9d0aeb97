import type { SqlType } from './type-definition.ts';
import type { Value } from './value.ts';

/** A column of a row type. */
export interface RecordField {
  readonly name: string;
  readonly type: SqlType;
}

/** A row as a value: it carries the names and types of its columns, which `record` alone does not tell. */
export class SqlRecord {
  readonly fields: readonly RecordField[];
  /** One for each field. */
  readonly values: readonly Value[];

  constructor(fields: readonly RecordField[], values: readonly Value[]) {
    this.fields = fields;
    this.values = values;
  }
}
