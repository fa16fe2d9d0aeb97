import { BOOTSTRAP_ROLE } from '../catalog/access/role.ts';
import { PUBLIC_SCHEMA } from '../catalog/catalog-object.ts';
import type { ColumnDescriptor, TableDescriptor } from '../catalog/table-descriptor.ts';
import { invariant } from '../errors/invariant.ts';
import { SqlState } from '../errors/sql-state.ts';
import { withHiddenColumns } from '../storage/undeclared-columns.ts';
import { MICROS_PER_DAY } from '../types/civil-time.ts';
import { float8 } from '../types/float8.ts';
import { text } from '../types/string-types.ts';
import { timestamptz } from '../types/timestamptz.ts';
import type { SqlType } from '../types/type-definition.ts';
import { sqlType, typeByName } from '../types/type-registry.ts';
import { type IngestBatch, IngestError, type IngestField } from './ingest-batch.ts';
import type { FitRules } from './ingest-rules.ts';
import { fieldTypeName, fitsColumn, newColumnTypeName } from './ingest-values.ts';

const STRICT: FitRules = { fieldConflict: 'strict', noteWidening() {} };

/** PostgreSQL's limit on names, in bytes of UTF-8. */
const MAX_NAME_BYTES = 63;
/** PostgreSQL's limit on columns, dropped ones included. */
const MAX_COLUMNS = 1600;
const TIME_COLUMN = 'time';
const OWNER_OID = BOOTSTRAP_ROLE.oid;

/**
 * The table that the batch goes into: `table` itself, a new version of it with the tags and fields that are new, or a new
 * table. Throws IngestError when the batch does not fit.
 */
export function fitBatch(
  batch: IngestBatch,
  table: TableDescriptor | undefined,
  takeOid: () => number,
  rules: FitRules = STRICT,
): TableDescriptor {
  checkNames(batch);
  if (table === undefined)
    return withColumns(newTable(batch, takeOid, rules.ownerOid ?? OWNER_OID), batch.tagNames, batch.fields);
  checkIsTimeSeries(batch, table);
  const newTags = batch.tagNames.filter((name, index) => isNewTag(batch, table, name, index));
  const widened: number[] = [];
  const newFields = batch.fields.filter((field) => isNewField(batch, table, field, { rules, widened }));
  checkMissingTags(batch, table);
  if (newTags.length === 0 && newFields.length === 0 && widened.length === 0) return table;
  const grown = newTags.length === 0 && newFields.length === 0 ? table : withColumns(table, newTags, newFields);
  return {
    ...grown,
    columns: grown.columns.map((column) =>
      widened.includes(column.number) ? { ...column, type: sqlType(float8) } : column,
    ),
    schemaVersion: table.schemaVersion + 1,
  };
}

/** A table without tags and fields: `UNIQUE NULLS NOT DISTINCT (tag…, time)`, one partition a day. */
function newTable({ tableName }: IngestBatch, takeOid: () => number, ownerOid: number): TableDescriptor {
  const oid = takeOid();
  const rowTypeOid = takeOid();
  return withHiddenColumns({
    oid,
    schemaOid: PUBLIC_SCHEMA.oid,
    schemaName: PUBLIC_SCHEMA.name,
    name: tableName,
    ownerOid,
    kind: 'table',
    columns: [{ number: 1, name: TIME_COLUMN, type: sqlType(timestamptz), isNotNull: true, role: 'time' }],
    timeSeries: { timeColumnNumber: 1, tagColumnNumbers: [], partitionMicros: MICROS_PER_DAY },
    uniqueKey: {
      name: keyName(tableName),
      indexOid: takeOid(),
      constraintOid: takeOid(),
      isPrimary: false,
      columnNumbers: [1],
      nullsNotDistinct: true,
    },
    indexes: [],
    constraints: [],
    nextColumnNumber: 2,
    isFromLineProtocol: true,
    persistence: 'permanent',
    schemaVersion: 1,
    rowTypeOid,
  });
}

function withColumns(
  table: TableDescriptor,
  tagNames: readonly string[],
  fields: readonly IngestField[],
): TableDescriptor {
  const visible = table.columns.filter((column) => column.isHidden !== true);
  const hidden = table.columns.filter((column) => column.isHidden === true);
  let number = table.nextColumnNumber - 1;
  const tags = tagNames.map(
    (name): ColumnDescriptor => ({ number: ++number, name, type: sqlType(text), isNotNull: false, role: 'tag' }),
  );
  const added = fields.map(
    ({ name, type }): ColumnDescriptor => ({
      number: ++number,
      name,
      type: columnType(newColumnTypeName(type)),
      isNotNull: false,
      role: 'field',
    }),
  );
  if (number > MAX_COLUMNS) {
    const row = fields.length > 0 ? fields.at(-1)!.firstRow : 0;
    throw new IngestError(SqlState.TooManyColumns, `tables can have at most ${MAX_COLUMNS} columns`, table.name, row);
  }
  const { timeSeries, uniqueKey } = table;
  invariant(timeSeries !== undefined, 'line protocol writes to time-series tables');
  const tagColumnNumbers = [...timeSeries.tagColumnNumbers, ...tags.map((tag) => tag.number)];
  return {
    ...table,
    columns: [...visible, ...tags, ...added, ...hidden],
    nextColumnNumber: number + 1,
    timeSeries: { ...timeSeries, tagColumnNumbers },
    uniqueKey:
      uniqueKey === undefined || tags.length === 0
        ? uniqueKey
        : { ...uniqueKey, columnNumbers: [...tagColumnNumbers, timeSeries.timeColumnNumber] },
  };
}

function columnType(typeName: string): SqlType {
  const definition = typeByName(typeName);
  invariant(definition !== undefined, `there is a type ${typeName}`);
  return sqlType(definition);
}

function keyName(tableName: string): string {
  const suffix = '_key';
  let stem = '';
  for (const character of tableName) {
    if (Buffer.byteLength(stem + character) > MAX_NAME_BYTES - suffix.length) break;
    stem += character;
  }
  return stem + suffix;
}

function checkNames(batch: IngestBatch): void {
  checkName(batch, 'measurement', batch.tableName, 0);
  const tags = new Set<string>();
  for (const [index, name] of batch.tagNames.entries()) {
    const row = firstRowOfTag(batch, index);
    checkName(batch, 'tag', name, row);
    if (name === TIME_COLUMN) throw conflict(batch, `tag "${name}" has the name of the time column`, row);
    if (tags.has(name)) throw conflict(batch, `tag "${name}" stands twice`, row);
    tags.add(name);
  }
  const fields = new Set<string>();
  for (const { name, firstRow } of batch.fields) {
    checkName(batch, 'field', name, firstRow);
    if (name === TIME_COLUMN) throw conflict(batch, `field "${name}" has the name of the time column`, firstRow);
    if (tags.has(name)) throw conflict(batch, `"${name}" is both a tag and a field`, firstRow);
    if (fields.has(name)) throw conflict(batch, `field "${name}" stands twice`, firstRow);
    fields.add(name);
  }
}

function checkName(batch: IngestBatch, what: string, name: string, row: number): void {
  const shown = name.length > MAX_NAME_BYTES ? `${name.slice(0, MAX_NAME_BYTES)}…` : name;
  if (name === '') throw new IngestError(SqlState.InvalidName, `a ${what} has no name`, batch.tableName, row);
  if (name.includes('\0')) {
    throw new IngestError(SqlState.InvalidName, `the name of ${what} "${shown}" holds a NUL`, batch.tableName, row);
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    const message = `the name of ${what} "${shown}" is longer than ${MAX_NAME_BYTES} bytes`;
    throw new IngestError(SqlState.NameTooLong, message, batch.tableName, row);
  }
}

function checkIsTimeSeries(batch: IngestBatch, table: TableDescriptor): void {
  const time = table.columns.find((column) => column.number === table.timeSeries?.timeColumnNumber);
  if (time === undefined) {
    const message = `table "${table.name}" is not a time-series table`;
    throw new IngestError(SqlState.WrongObjectType, message, batch.tableName, 0);
  }
  if (time.type.definition.representation !== 'int64') {
    const message = `the time column "${time.name}" of table "${table.name}" holds whole days`;
    throw new IngestError(SqlState.DatatypeMismatch, message, batch.tableName, 0);
  }
}

/** Throws unless the name is a tag of the table or may become one. */
function isNewTag(batch: IngestBatch, table: TableDescriptor, name: string, index: number): boolean {
  const column = table.columns.find((candidate) => candidate.name === name);
  const row = firstRowOfTag(batch, index);
  if (column === undefined) {
    checkKeyAllows(batch, table, `tag "${name}"`, row);
    return true;
  }
  if (column.role !== 'tag')
    throw conflict(batch, `tag "${name}" is ${describeRole(column)} of table "${table.name}"`, row);
  if (column.type.definition.name !== 'text' && column.type.definition.name !== 'varchar') {
    throw conflict(batch, `tag "${name}" of table "${table.name}" has type ${column.type.definition.sqlName}`, row);
  }
  return false;
}

function isNewField(
  batch: IngestBatch,
  table: TableDescriptor,
  { name, type, firstRow }: IngestField,
  { rules, widened }: { readonly rules: FitRules; readonly widened: number[] },
): boolean {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    checkKeyAllows(batch, table, `field "${name}"`, firstRow);
    return true;
  }
  if (column.role !== 'field' || column.isHidden === true) {
    throw conflict(batch, `field "${name}" is ${describeRole(column)} of table "${table.name}"`, firstRow);
  }
  if (fitsColumn(type, column.type)) return false;
  if ((table.fieldConflict ?? rules.fieldConflict) === 'widen') {
    if (type === 'integer' && fitsColumn('float', column.type)) return false;
    if (type === 'float' && canWiden(table, column)) {
      widened.push(column.number);
      rules.noteWidening({ table, columnNumber: column.number, row: firstRow });
      return false;
    }
  }
  const existing = fieldTypeName(column.type);
  throw conflict(
    batch,
    `field type conflict: input field "${name}" on measurement "${batch.tableName}" is type ${type}, already exists as type ${existing}`,
    firstRow,
  );
}

/** What defaults and checks say of an integer may not hold for a float: then its type is its owner's to change. */
function canWiden({ constraints }: TableDescriptor, column: ColumnDescriptor): boolean {
  const isChecked = constraints.some((constraint) => constraint.columnNumbers.includes(column.number));
  const isPlain = column.default === undefined && column.identity === undefined && column.missing === undefined;
  return fitsColumn('integer', column.type) && isPlain && !isChecked;
}

/** A declared key says what identifies a row: tags that it does not name cannot come by themselves. */
function checkKeyAllows(batch: IngestBatch, table: TableDescriptor, what: string, row: number): void {
  if (!what.startsWith('tag') || table.uniqueKey?.isPrimary !== true) return;
  throw conflict(batch, `${what} does not exist in table "${table.name}", whose primary key names its tags`, row);
}

/** Tags of a primary key are NOT NULL. */
function checkMissingTags(batch: IngestBatch, table: TableDescriptor): void {
  for (const column of table.columns) {
    if (column.role !== 'tag' || !column.isNotNull) continue;
    const tag = batch.tagNames.indexOf(column.name);
    const series = tag < 0 ? 0 : batch.series.findIndex((values) => (values[tag] ?? null) === null);
    if (series < 0) continue;
    throw new IngestError(
      SqlState.NotNullViolation,
      `null value in column "${column.name}" of relation "${table.name}" violates not-null constraint`,
      batch.tableName,
      tag < 0 ? 0 : firstRowOfSeries(batch, series),
    );
  }
}

function describeRole(column: ColumnDescriptor): string {
  if (column.isHidden === true) return 'a system column';
  return column.role === 'time' ? 'the time column' : `a ${column.role}`;
}

function conflict(batch: IngestBatch, message: string, row: number): IngestError {
  return new IngestError(SqlState.InvalidTextRepresentation, message, batch.tableName, row);
}

function firstRowOfTag(batch: IngestBatch, tag: number): number {
  const series = batch.series.findIndex((values) => (values[tag] ?? null) !== null);
  return series < 0 ? 0 : firstRowOfSeries(batch, series);
}

function firstRowOfSeries(batch: IngestBatch, series: number): number {
  return Math.max(batch.seriesOfRow.subarray(0, batch.rowCount).indexOf(series), 0);
}
