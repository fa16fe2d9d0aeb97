import type { StoredView } from '../../catalog/catalog-object.ts';
import type { CatalogReader, SchemaDescriptor } from '../../catalog/catalog-reader.ts';
import type { ConstraintDescriptor } from '../../catalog/constraint-descriptor.ts';
import type { EnumDescriptor } from '../../catalog/enum-descriptor.ts';
import type { SequenceDescriptor } from '../../catalog/sequence-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { unreachable } from '../../errors/invariant.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import type { DefinitionRun } from './definition-run.ts';

/** What DROP drops, and what depends on it. A constraint's index goes with the constraint. */
export type SchemaObject =
  | { readonly kind: 'table'; readonly table: TableDescriptor }
  | { readonly kind: 'column' | 'default'; readonly table: TableDescriptor; readonly column: ColumnDescriptor }
  | { readonly kind: 'constraint'; readonly table: TableDescriptor; readonly constraint: TableConstraint }
  | { readonly kind: 'index'; readonly table: TableDescriptor; readonly index: { oid: number; name: string } }
  | { readonly kind: 'sequence'; readonly sequence: SequenceDescriptor }
  | { readonly kind: 'type'; readonly enum: EnumDescriptor }
  | { readonly kind: 'schema'; readonly schema: SchemaDescriptor }
  | { readonly kind: 'view'; readonly view: StoredView };

/** Any constraint but NOT NULL; `key` of time-series tables is their unique key. */
export interface TableConstraint {
  readonly oid: number;
  readonly name: string;
  readonly kind: ConstraintDescriptor['kind'];
  readonly columnNumbers: readonly number[];
  /** Of keys. */
  readonly indexOid: number | undefined;
  readonly isPrimary: boolean;
}

/** All constraints of a table that have names. */
export function constraintsOf(table: TableDescriptor): TableConstraint[] {
  const { uniqueKey } = table;
  const constraints = table.constraints.map((constraint): TableConstraint => {
    const { oid, name, kind, columnNumbers } = constraint;
    const isKey = constraint.kind === 'key';
    return {
      oid,
      name,
      kind,
      columnNumbers,
      indexOid: isKey ? constraint.indexOid : undefined,
      isPrimary: isKey && constraint.isPrimary,
    };
  });
  if (uniqueKey === undefined) return constraints;
  const { constraintOid, indexOid, name, columnNumbers, isPrimary } = uniqueKey;
  return [{ oid: constraintOid, name, kind: 'key', columnNumbers, indexOid, isPrimary }, ...constraints];
}

/** Two objects are the same when this is. */
export function keyOf(object: SchemaObject): string {
  switch (object.kind) {
    case 'table':
      return `table ${object.table.oid}`;
    case 'column':
    case 'default':
      return `${object.kind} ${object.table.oid} ${object.column.number}`;
    case 'constraint':
      return `constraint ${object.constraint.oid}`;
    case 'index':
      return `index ${object.index.oid}`;
    case 'sequence':
      return `sequence ${object.sequence.oid}`;
    case 'type':
      return `type ${object.enum.oid}`;
    case 'schema':
      return `schema ${object.schema.oid}`;
    case 'view':
      return `view ${object.view.oid}`;
    default:
      return unreachable(object);
  }
}

/** What the catalog has of the object, or of the table that it is a part of. */
export function descriptorOf(
  object: SchemaObject,
): TableDescriptor | SequenceDescriptor | EnumDescriptor | SchemaDescriptor | StoredView {
  switch (object.kind) {
    case 'sequence':
      return object.sequence;
    case 'type':
      return object.enum;
    case 'schema':
      return object.schema;
    case 'view':
      return object.view;
    default:
      return object.table;
  }
}

/** Younger objects have higher ones; a default is a little younger than its table. */
export function ageOf(object: SchemaObject): number {
  switch (object.kind) {
    case 'default':
      return object.table.oid + 0.5;
    case 'constraint':
      return object.constraint.oid;
    case 'index':
      return object.index.oid;
    default:
      return descriptorOf(object).oid;
  }
}

/** `column a of table t`. */
export function describeObject(run: DefinitionRun, object: SchemaObject): string {
  switch (object.kind) {
    case 'table':
      return describeTable(run, object.table);
    case 'column':
      return `column ${object.column.name} of ${describeTable(run, object.table)}`;
    case 'default':
      return `default value for column ${object.column.name} of ${describeTable(run, object.table)}`;
    case 'constraint':
      return `constraint ${object.constraint.name} on ${describeTable(run, object.table)}`;
    case 'index':
      return `index ${run.shownName(object.table.schemaName, object.index.name, object.index.oid)}`;
    case 'sequence': {
      const { schemaName, name, oid } = object.sequence;
      return `sequence ${run.shownName(schemaName, name, oid)}`;
    }
    case 'type': {
      const { schemaName, name, oid } = object.enum;
      return `type ${run.shownName(schemaName, name, oid)}`;
    }
    case 'schema':
      return `schema ${quoteIdentifier(object.schema.name)}`;
    case 'view': {
      const { schemaName, name, oid } = object.view;
      return `view ${run.shownName(schemaName, name, oid)}`;
    }
    default:
      return unreachable(object);
  }
}

function describeTable(run: DefinitionRun, { schemaName, name, oid }: TableDescriptor): string {
  return `table ${run.shownName(schemaName, name, oid)}`;
}

/** The index of this OID, as an object of its own or the constraint that it keeps. */
export function constraintOfIndex(table: TableDescriptor, indexOid: number): TableConstraint | undefined {
  return constraintsOf(table).find((constraint) => constraint.indexOid === indexOid);
}

/** The tables that can be dropped or altered. */
export function* storedTables(catalog: CatalogReader): Iterable<TableDescriptor> {
  for (const table of catalog.tables()) if (table.kind === 'table') yield table;
}
