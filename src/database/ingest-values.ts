import type { Column } from '../columnar/column.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SqlType } from '../types/type-definition.ts';
import { isBeyondDoubles } from './exact-integers.ts';
import type { IngestField, IngestFieldType } from './ingest-batch.ts';

type Fail = (code: SqlState, message: string, row: number) => never;

/** Types by name that hold values of a field type without loss; the first is what a new column gets. */
const COLUMN_TYPES: { readonly [type in IngestFieldType]: readonly string[] } = {
  float: ['float8', 'float4'],
  integer: ['int8', 'int4', 'int2'],
  unsigned: ['numeric'],
  boolean: ['bool'],
  string: ['text', 'varchar'],
};

const RANGES: { readonly [typeName: string]: number } = { int4: 2 ** 31, int2: 2 ** 15 };

/** Whether a field of this type may be written to a column of that one. */
export function fitsColumn(fieldType: IngestFieldType, { definition, typmod }: SqlType): boolean {
  return typmod < 0 && COLUMN_TYPES[fieldType].includes(definition.name);
}

/** pg_type.typname of the column that a new field gets. */
export function newColumnTypeName(fieldType: IngestFieldType): string {
  return COLUMN_TYPES[fieldType][0]!;
}

/** InfluxDB's word for what a column holds; SQL's where it has none. */
export function fieldTypeName({ definition }: SqlType): string {
  for (const [fieldType, typeNames] of Object.entries(COLUMN_TYPES)) {
    if (typeNames.includes(definition.name)) return fieldType;
  }
  return definition.sqlName;
}

/** The field's values as the column takes them: rounded to real, checked against the range of smaller integers. */
export function fittingColumn(field: IngestField, { definition }: SqlType, fail: Fail): Column {
  const { column } = field;
  if (field.type === 'integer' && (definition.name === 'float8' || definition.name === 'float4')) {
    return asFloats(field, definition.name === 'float4', fail);
  }
  if (definition.name === 'float4' && column.kind === 'number') {
    return { ...column, values: column.values.map(Math.fround) };
  }
  const bound = RANGES[definition.name];
  if (bound === undefined) return column;
  const outOfRange = (row: number): never =>
    fail(SqlState.NumericValueOutOfRange, `field "${field.name}": ${definition.sqlName} out of range`, row);
  if (column.kind === 'wide') return toNarrow(column, bound, outOfRange);
  if (column.kind === 'number') {
    for (let row = 0; row < column.values.length; row++) {
      if (column.validity !== undefined && column.validity[row] === 0) continue;
      const value = column.values[row];
      if (value < -bound || value >= bound) outOfRange(row);
    }
  }
  return column;
}

/** Integers for a column of floats, where the table takes them (`tidewire.field_conflict = 'widen'`). */
function asFloats({ name, column }: IngestField, isSingle: boolean, fail: Fail): Column {
  if (column.kind === 'number') {
    return isSingle ? { ...column, values: column.values.map(Math.fround) } : column;
  }
  invariant(column.kind === 'wide', 'integers are numbers or wide');
  const values = new Float64Array(column.high.length);
  for (let row = 0; row < values.length; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) continue;
    values[row] = column.high[row] * 4294967296 + column.low[row];
    if (!isBeyondDoubles(column.high[row], column.low[row])) continue;
    fail(
      SqlState.NumericValueOutOfRange,
      `field "${name}": an integer beyond 2^53 would lose digits in a column of floats`,
      row,
    );
  }
  return { kind: 'number', values, validity: column.validity };
}

/** Some value of a wide column is beyond every smaller type; which row it is remains to be found. */
function toNarrow(
  column: Extract<Column, { kind: 'wide' }>,
  bound: number,
  outOfRange: (row: number) => never,
): Column {
  const values = new Float64Array(column.high.length);
  for (let row = 0; row < values.length; row++) {
    if (column.validity !== undefined && column.validity[row] === 0) continue;
    const value = column.high[row] * 4294967296 + column.low[row];
    if (value < -bound || value >= bound) outOfRange(row);
    values[row] = value;
  }
  return { kind: 'number', values, validity: column.validity };
}
