import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { columnsOfIndex } from '../../database/schema-change/indexes.ts';
import { invariant, unreachable } from '../../errors/invariant.ts';
import { generatedColumns, generatedFrom } from '../../sql/binder/generated-columns.ts';
import { bindDefault, bindStoredExpression } from '../../sql/binder/stored-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { someExpression } from '../../sql/expression/walk-expression.ts';
import type { DefinitionRun } from './definition-run.ts';
import { constraintsOf, type SchemaObject, storedTables } from './schema-object.ts';

/** How one object hangs on another: it goes along silently, or it stands in the way unless CASCADE is said. */
export interface Dependent {
  readonly object: SchemaObject;
  readonly goesAlong: boolean;
}

/** What depends directly on an object, as PostgreSQL records it in pg_depend. */
export function dependentsOf(run: DefinitionRun, object: SchemaObject): Dependent[] {
  switch (object.kind) {
    case 'table':
      return [...ofTable(run, object.table, undefined), ...viewsOf(run, object.table.oid, undefined)];
    case 'column': {
      const { table, column } = object;
      return [...ofTable(run, table, column.number), ...viewsOf(run, table.oid, column.number)];
    }
    case 'view':
      return viewsOf(run, object.view.oid, undefined);
    case 'default':
      return [];
    case 'constraint': {
      const { indexOid, name } = object.constraint;
      if (indexOid === undefined) return [];
      return [{ object: { kind: 'index', table: object.table, index: { oid: indexOid, name } }, goesAlong: true }];
    }
    case 'index':
      return ofIndex(run, object.index.oid);
    case 'sequence':
      return ofExpressions(run, (part) => isRelation(part, object.sequence.oid));
    case 'type':
      return ofType(run, object.enum.oid);
    case 'schema':
      return ofSchema(run, object.schema.oid);
    default:
      return unreachable(object);
  }
}

/** Of a whole table, or of one of its columns. */
function ofTable(run: DefinitionRun, table: TableDescriptor, columnNumber: number | undefined): Dependent[] {
  const concerns = (numbers: readonly number[]): boolean =>
    columnNumber === undefined || numbers.includes(columnNumber);
  const dependents: Dependent[] = [];
  const add = (object: SchemaObject, goesAlong: boolean): void => void dependents.push({ object, goesAlong });
  for (const column of table.columns) {
    if (column.default !== undefined && concerns([column.number])) add({ kind: 'default', table, column }, true);
  }
  if (columnNumber !== undefined) {
    for (const column of [...generatedFrom(run.bindContext(), table, columnNumber)].reverse()) {
      add({ kind: 'column', table, column }, false);
    }
  }
  const constraints = constraintsOf(table);
  for (const constraint of constraints) {
    if (concerns(constraint.columnNumbers)) add({ kind: 'constraint', table, constraint }, true);
  }
  for (const index of table.indexes) {
    if (constraints.some((constraint) => constraint.indexOid === index.oid)) continue;
    if (concerns(columnsOfIndex(index))) add({ kind: 'index', table, index }, true);
  }
  for (const sequence of run.catalog.sequences()) {
    const { owner } = sequence;
    if (owner?.tableOid === table.oid && concerns([owner.columnNumber])) add({ kind: 'sequence', sequence }, true);
  }
  for (const referencing of storedTables(run.catalog)) {
    for (const constraint of referencing.constraints) {
      if (constraint.kind !== 'foreign-key' || constraint.referencedTableOid !== table.oid) continue;
      if (!concerns(constraint.referencedColumnNumbers)) continue;
      const found = constraintsOf(referencing).find(({ oid }) => oid === constraint.oid);
      invariant(found !== undefined, 'a constraint of the table is one of its constraints');
      add({ kind: 'constraint', table: referencing, constraint: found }, false);
    }
  }
  return dependents;
}

/** The views that read a table or another view, or one column of it. */
export function viewsOf(run: DefinitionRun, oid: number, columnNumber: number | undefined): Dependent[] {
  const dependents: Dependent[] = [];
  for (const view of run.catalog.views()) {
    const use = view.uses.find((candidate) => candidate.oid === oid);
    if (use === undefined || (columnNumber !== undefined && !use.columnNumbers.includes(columnNumber))) continue;
    dependents.push({ object: { kind: 'view', view }, goesAlong: false });
  }
  return dependents;
}

/** What is in it; indexes go with their tables. */
function ofSchema({ catalog }: DefinitionRun, oid: number): Dependent[] {
  const objects: SchemaObject[] = [];
  for (const table of storedTables(catalog)) if (table.schemaOid === oid) objects.push({ kind: 'table', table });
  for (const sequence of catalog.sequences()) {
    if (sequence.schemaOid === oid) objects.push({ kind: 'sequence', sequence });
  }
  for (const view of catalog.views()) if (view.schemaOid === oid) objects.push({ kind: 'view', view });
  for (const found of catalog.enums()) if (found.schemaOid === oid) objects.push({ kind: 'type', enum: found });
  return objects.map((object) => ({ object, goesAlong: false }));
}

/** Foreign keys look their values up in it. */
function ofIndex(run: DefinitionRun, indexOid: number): Dependent[] {
  const dependents: Dependent[] = [];
  for (const table of storedTables(run.catalog)) {
    for (const { oid, ...constraint } of table.constraints) {
      if (constraint.kind !== 'foreign-key' || constraint.referencedIndexOid !== indexOid) continue;
      for (const found of constraintsOf(table)) {
        if (found.oid === oid) {
          dependents.push({ object: { kind: 'constraint', table, constraint: found }, goesAlong: false });
        }
      }
    }
  }
  return dependents;
}

function ofType(run: DefinitionRun, typeOid: number): Dependent[] {
  const dependents: Dependent[] = [];
  for (const table of storedTables(run.catalog)) {
    for (const column of table.columns) {
      if (!isType(column.type.definition, typeOid)) continue;
      dependents.push({ object: { kind: 'column', table, column }, goesAlong: false });
    }
  }
  for (const view of run.catalog.views()) {
    if (view.typeOids.includes(typeOid)) dependents.push({ object: { kind: 'view', view }, goesAlong: false });
  }
  return [...dependents, ...ofExpressions(run, ({ type: { definition } }) => isType(definition, typeOid))];
}

/** Defaults and CHECKs that have such a part. */
function ofExpressions(run: DefinitionRun, isMeant: (part: Expression) => boolean): Dependent[] {
  const dependents: Dependent[] = [];
  const context = run.bindContext();
  for (const table of storedTables(run.catalog)) {
    for (const column of table.columns) {
      if (column.default === undefined || !someExpression(bindDefault(context, column), isMeant)) continue;
      dependents.push({ object: { kind: 'default', table, column }, goesAlong: false });
    }
    for (const { column, value } of generatedColumns(context, table)) {
      if (someExpression(value, isMeant))
        dependents.push({ object: { kind: 'column', table, column }, goesAlong: false });
    }
    for (const index of table.indexes) {
      if (index.predicate === undefined) continue;
      if (!someExpression(bindStoredExpression(context, index.predicate.expression, table), isMeant)) continue;
      dependents.push({ object: { kind: 'index', table, index }, goesAlong: false });
    }
    for (const check of table.constraints) {
      if (check.kind !== 'check') continue;
      if (!someExpression(bindStoredExpression(context, check.expression, table), isMeant)) continue;
      for (const constraint of constraintsOf(table)) {
        if (constraint.oid === check.oid) {
          dependents.push({ object: { kind: 'constraint', table, constraint }, goesAlong: false });
        }
      }
    }
  }
  return dependents;
}

function isRelation(part: Expression, oid: number): boolean {
  return part.kind === 'constant' && part.type.definition.name === 'regclass' && Number(part.value) === oid;
}

function isType(definition: { readonly oid: number; readonly elementOid: number }, oid: number): boolean {
  return definition.oid === oid || definition.elementOid === oid;
}
