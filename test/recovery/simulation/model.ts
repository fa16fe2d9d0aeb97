import type { ColumnRole } from '../../../src/catalog/table-descriptor.ts';
import { unreachable } from '../../../src/errors/invariant.ts';
import type { Value } from '../../../src/types/value.ts';
import { DAY } from '../../database/scratch-instance.ts';

/** What a commit does to the tables of one database, as plain data and in order. Values are text, see `valueText`. */
export type Effect = CreateTable | DropTable | AlterTable | TruncateTable | WritePoints | InsertRows | ChangeRows;

export interface CreateTable {
  readonly kind: 'create-table';
  readonly table: TableShape;
}

export interface DropTable {
  readonly kind: 'drop-table';
  readonly tableName: string;
}

/** ALTER TABLE. */
export interface AlterTable {
  readonly kind: 'alter-table';
  readonly tableName: string;
  readonly change: TableChange;
}

/** `missing`: what rows from before have in a column that is added. Types change without changing the values' texts. */
export type TableChange =
  | { readonly what: 'add-column'; readonly column: ModelColumn; readonly missing: string | undefined }
  | { readonly what: 'drop-column'; readonly name: string }
  | { readonly what: 'rename-column'; readonly from: string; readonly to: string }
  | { readonly what: 'change-type'; readonly name: string; readonly typeName: string };

/** All rows go, whoever wrote them. */
export interface TruncateTable {
  readonly kind: 'truncate-table';
  readonly tableName: string;
}

/** Lines of one measurement: makes the table and its columns, merges versions of a point where the table has a key. */
export interface WritePoints {
  readonly kind: 'write-points';
  readonly tableName: string;
  readonly points: readonly ModelPoint[];
}

/** Full rows; a column that is not named is NULL. A key that is there already refuses them. */
export interface InsertRows {
  readonly kind: 'insert-rows';
  readonly tableName: string;
  readonly rows: readonly ModelRow[];
}

/** DELETE and UPDATE: rows that a statement has found go, of a point every version; others take the place of some. */
export interface ChangeRows {
  readonly kind: 'delete-rows' | 'update-rows';
  readonly tableName: string;
  readonly old: readonly ModelRow[];
  readonly new: readonly ModelRow[];
}

export interface ModelPoint {
  /** Of the row that it becomes in a table without a key. */
  readonly id: number;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, { readonly typeName: string; readonly value: string }>;
  readonly micros: number;
  readonly nanoseconds: number;
}

export interface ModelRow {
  /** Names the row where no key does; unlike all others of a history. */
  readonly id: number;
  /** By column name; NULL is absent. */
  readonly values: ReadonlyMap<string, string>;
  /** 0 for plain tables. */
  readonly micros: number;
  readonly nanoseconds: number;
}

export interface ModelColumn {
  readonly name: string;
  readonly typeName: string;
  readonly role: ColumnRole;
}

export interface TableShape {
  readonly name: string;
  /** `lines`: made by line protocol; `series`: by CREATE TABLE with a time column; `plain`: without. */
  readonly kind: 'lines' | 'series' | 'plain';
  readonly columns: readonly ModelColumn[];
  /** Columns of the key, without those of line protocol's, which are all tags and the time. */
  readonly primaryKey: readonly string[] | undefined;
}

/** A write that does not fit the tables as they are. */
export class ModelRefusal extends Error {}

const LINE_TIME = 'time';

/** One table at one moment. Rows are never changed, so that a copy is shallow. */
export class ModelTable {
  shape: TableShape;
  /** Tells incarnations of one name apart. */
  readonly createdBy: number;
  /** In the order of insertion, by key or, without a key, by id. */
  readonly #rows: Map<string, ModelRow>;

  constructor(shape: TableShape, createdBy: number, rows: ReadonlyMap<string, ModelRow> = new Map()) {
    this.shape = shape;
    this.createdBy = createdBy;
    this.#rows = new Map(rows);
  }

  copy(): ModelTable {
    return new ModelTable(this.shape, this.createdBy, this.#rows);
  }

  get rows(): Iterable<ModelRow> {
    return this.#rows.values();
  }

  get rowCount(): number {
    return this.#rows.size;
  }

  equals(other: ModelTable): boolean {
    if (other.createdBy !== this.createdBy || other.rowCount !== this.rowCount) return false;
    for (const [key, row] of this.#rows) if (other.#rows.get(key) !== row) return false;
    return shapeText(other.shape.columns) === shapeText(this.shape.columns);
  }

  /** The same table with other rows, each of which was in some state of it. */
  withRows(rows: Iterable<ModelRow>): ModelTable {
    const table = new ModelTable(this.shape, this.createdBy);
    for (const row of rows) table.#rows.set(table.#keyOf(row), row);
    return table;
  }

  insert(row: ModelRow): void {
    const key = this.#keyOf(row);
    if (this.#rows.has(key)) throw new ModelRefusal(`duplicate key ${key} in ${this.shape.name}`);
    this.#rows.set(key, row);
  }

  alter(change: TableChange): void {
    const { columns } = this.shape;
    const place = columns.findIndex(({ name }) => name === nameOf(change));
    if (change.what === 'add-column') {
      if (place >= 0) throw new ModelRefusal(`column ${change.column.name} of ${this.shape.name} exists`);
      this.shape = { ...this.shape, columns: [...columns, change.column] };
      const { missing, column } = change;
      if (missing !== undefined) this.#mapValues((values) => new Map([...values, [column.name, missing]]));
      return;
    }
    const column = columns[place];
    if (column === undefined) throw new ModelRefusal(`column ${nameOf(change)} of ${this.shape.name} does not exist`);
    switch (change.what) {
      case 'drop-column':
        this.shape = { ...this.shape, columns: columns.toSpliced(place, 1) };
        this.#mapValues((values) => new Map([...values].filter(([name]) => name !== change.name)));
        return;
      case 'rename-column': {
        const { from, to } = change;
        if (columns.some(({ name }) => name === to)) throw new ModelRefusal(`column ${to} exists`);
        this.shape = { ...this.shape, columns: columns.with(place, { ...column, name: to }) };
        this.#mapValues((values) => new Map(Array.from(values, ([name, value]) => [name === from ? to : name, value])));
        return;
      }
      case 'change-type':
        this.shape = { ...this.shape, columns: columns.with(place, { ...column, typeName: change.typeName }) };
        return;
      default:
        unreachable(change);
    }
  }

  /** Of fields alone: keys stay. */
  #mapValues(map: (values: ReadonlyMap<string, string>) => ReadonlyMap<string, string>): void {
    for (const [key, row] of this.#rows) this.#rows.set(key, { ...row, values: map(row.values) });
  }

  truncate(): void {
    this.#rows.clear();
  }

  /** What is there by now of the old rows goes. A key may move from one row to another. */
  change({ old, new: added }: Pick<ChangeRows, 'old' | 'new'>): void {
    for (const row of old) this.#rows.delete(this.#keyOf(row));
    for (const row of added) this.insert(row);
  }

  /** Adds the point, or its fields to the point that is there. */
  merge(row: ModelRow): void {
    const key = this.#keyOf(row);
    const known = this.#rows.get(key);
    if (known === undefined) this.insert(row);
    else this.#rows.set(key, { ...row, values: new Map([...known.values, ...row.values]) });
  }

  #keyOf(row: ModelRow): string {
    const { kind, columns, primaryKey } = this.shape;
    if (kind === 'lines') {
      // A tag that came later is NULL in older rows: named, so that the key of those does not change.
      const tags = columns.filter(({ role, name }) => role === 'tag' && row.values.has(name));
      return JSON.stringify([tags.map(({ name }) => [name, row.values.get(name)]), row.micros, row.nanoseconds]);
    }
    if (primaryKey === undefined) return `#${row.id}`;
    return JSON.stringify([...primaryKey.map((name) => row.values.get(name)), row.nanoseconds]);
  }
}

/** All tables of an instance at one moment, by `tableId`. */
export class ModelState {
  readonly tables: Map<string, ModelTable>;

  constructor(tables: ReadonlyMap<string, ModelTable> = new Map()) {
    this.tables = new Map([...tables].map(([id, table]) => [id, table.copy()]));
  }

  copy(): ModelState {
    return new ModelState(this.tables);
  }

  /** The tables of one database, to be looked at alone: they are not copied. */
  ofDatabase(databaseName: string): ModelState {
    const state = new ModelState();
    for (const [id, table] of this.tables) if (id.startsWith(`${databaseName}.`)) state.tables.set(id, table);
    return state;
  }

  /** Whether both have the same tables with the very same rows. */
  equals({ tables }: ModelState): boolean {
    if (tables.size !== this.tables.size) return false;
    for (const [id, table] of this.tables) if (tables.get(id)?.equals(table) !== true) return false;
    return true;
  }

  /** Throws ModelRefusal, after which the state must not be used. `commitId` names who makes tables. */
  apply(databaseName: string, effects: readonly Effect[], commitId: number): void {
    for (const effect of effects) this.#apply(databaseName, effect, commitId);
  }

  #apply(databaseName: string, effect: Effect, commitId: number): void {
    switch (effect.kind) {
      case 'create-table': {
        const id = tableId(databaseName, effect.table.name);
        if (this.tables.has(id)) throw new ModelRefusal(`table ${id} exists`);
        this.tables.set(id, new ModelTable(effect.table, commitId));
        return;
      }
      case 'drop-table': {
        const id = tableId(databaseName, effect.tableName);
        if (!this.tables.delete(id)) throw new ModelRefusal(`table ${id} does not exist`);
        return;
      }
      case 'write-points':
        this.#writePoints(databaseName, effect, commitId);
        return;
      case 'insert-rows': {
        const table = this.#table(databaseName, effect.tableName);
        for (const row of effect.rows) table.insert(row);
        return;
      }
      case 'alter-table':
        this.#table(databaseName, effect.tableName).alter(effect.change);
        return;
      case 'truncate-table':
        this.#table(databaseName, effect.tableName).truncate();
        return;
      case 'delete-rows':
      case 'update-rows':
        this.#table(databaseName, effect.tableName).change(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  #table(databaseName: string, tableName: string): ModelTable {
    const id = tableId(databaseName, tableName);
    const table = this.tables.get(id);
    if (table === undefined) throw new ModelRefusal(`table ${id} does not exist`);
    return table;
  }

  #writePoints(databaseName: string, { tableName, points }: WritePoints, commitId: number): void {
    const id = tableId(databaseName, tableName);
    let table = this.tables.get(id);
    if (table === undefined) {
      const time: ModelColumn = { name: LINE_TIME, typeName: 'timestamptz', role: 'time' };
      table = new ModelTable({ name: tableName, kind: 'lines', columns: [time], primaryKey: undefined }, commitId);
      this.tables.set(id, table);
    }
    table.shape = shapeFor(table.shape, points);
    const time = table.shape.columns.find(({ role }) => role === 'time')!.name;
    for (const { id: rowId, tags, fields, micros, nanoseconds } of points) {
      const values = new Map<string, string>([[time, valueText(micros)]]);
      for (const [name, value] of tags) values.set(name, valueText(value));
      for (const [name, { value }] of fields) values.set(name, value);
      for (const name of table.shape.primaryKey ?? []) {
        if (!values.has(name)) throw new ModelRefusal(`column ${name} of ${id} is part of the key`);
      }
      table.merge({ id: rowId, values, micros, nanoseconds });
    }
  }
}

function nameOf(change: TableChange): string {
  if (change.what === 'add-column') return change.column.name;
  return change.what === 'rename-column' ? change.from : change.name;
}

/** The shape with the tags and fields that the points bring. */
function shapeFor(shape: TableShape, points: readonly ModelPoint[]): TableShape {
  if (shape.kind === 'plain') throw new ModelRefusal(`table ${shape.name} has no time column`);
  const known = new Map(shape.columns.map((column) => [column.name, column]));
  const tags = new Map<string, ModelColumn>();
  const fields = new Map<string, ModelColumn>();
  for (const point of points) {
    for (const name of point.tags.keys()) {
      const column = known.get(name) ?? tags.get(name);
      if (column === undefined) tags.set(name, { name, typeName: 'text', role: 'tag' });
      else if (column.role !== 'tag') throw new ModelRefusal(`${name} is no tag of ${shape.name}`);
    }
    for (const [name, { typeName }] of point.fields) {
      const column = known.get(name) ?? fields.get(name);
      if (column === undefined) fields.set(name, { name, typeName, role: 'field' });
      else if (column.role !== 'field' || column.typeName !== typeName) {
        throw new ModelRefusal(`field ${name} of ${shape.name} is a ${column.role} of type ${column.typeName}`);
      }
    }
  }
  for (const name of tags.keys()) {
    if (fields.has(name)) throw new ModelRefusal(`${name} is tag and field`);
    if (shape.primaryKey !== undefined) throw new ModelRefusal(`the key of ${shape.name} does not have tag ${name}`);
  }
  if (tags.size + fields.size === 0) return shape;
  return { ...shape, columns: [...shape.columns, ...tags.values(), ...fields.values()] };
}

export function tableId(databaseName: string, tableName: string): string {
  return `${databaseName}.${tableName}`;
}

export function partitionOf(row: ModelRow): number {
  return Math.floor(row.micros / DAY);
}

/** A value as text that no other value of its type has: -0 and NaN are themselves, integers of either kind are equal. */
export function valueText(value: NonNullable<Value>): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** What a table looks like, in one line. */
export function shapeText(columns: readonly ModelColumn[]): string {
  return JSON.stringify(columns.map(({ name, typeName, role }) => [name, typeName, role]));
}

/** A row as one line, its columns in the order of the table. */
export function rowText({ columns }: Pick<TableShape, 'columns'>, row: ModelRow): string {
  return JSON.stringify([row.nanoseconds, ...columns.map(({ name }) => row.values.get(name) ?? null)]);
}

/** Rows as lines, sorted: tables have no order. */
export function rowTexts(shape: Pick<TableShape, 'columns'>, rows: Iterable<ModelRow>): string[] {
  return Array.from(rows, (row) => rowText(shape, row)).sort();
}
