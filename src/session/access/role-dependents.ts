import { ObjectClass } from '../../catalog/catalog-object.ts';
import type { CatalogReader } from '../../catalog/catalog-reader.ts';
import { regprocedure } from '../../types/reg-types.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { DefinitionRun } from '../definitions/definition-run.ts';
import { describeObject, descriptorOf, type SchemaObject } from '../definitions/schema-object.ts';

interface Dependent {
  readonly oid: number;
  readonly line: string;
}

/** What keeps a role from being dropped, line by line as PostgreSQL tells: what it owns, and what it has rights on. */
export function roleDependents(run: DefinitionRun, roleOid: number): readonly string[] {
  const here = run.transaction.catalog();
  const found = [...ownedBy(run, here, roleOid), ...grantedTo(run, here, roleOid)].sort((a, b) => a.oid - b.oid);
  const lines = [...ofDatabases(run, roleOid), ...found.map(({ line }) => line)];
  for (const { name, catalog } of run.transaction.otherCatalogs()) {
    const count = countIn(catalog, roleOid);
    if (count > 0) lines.push(`${count} ${count === 1 ? 'object' : 'objects'} in database ${name}`);
  }
  return lines;
}

/** Objects of the current database that a role owns. */
export function* objectsOwnedBy(catalog: CatalogReader, roleOid: number): Iterable<SchemaObject> {
  const isOwned = ({ ownerOid }: { readonly ownerOid: number }): boolean => ownerOid === roleOid;
  for (const schema of catalog.schemas()) if (isOwned(schema)) yield { kind: 'schema', schema };
  for (const table of catalog.tables()) if (isOwned(table) && table.kind === 'table') yield { kind: 'table', table };
  for (const view of catalog.views()) if (isOwned(view)) yield { kind: 'view', view };
  for (const sequence of catalog.sequences()) {
    // Those of columns go with their tables.
    if (isOwned(sequence) && sequence.owner === undefined) yield { kind: 'sequence', sequence };
  }
  for (const found of catalog.enums()) if (isOwned(found)) yield { kind: 'type', enum: found };
}

function* ownedBy(run: DefinitionRun, catalog: CatalogReader, roleOid: number): Iterable<Dependent> {
  for (const object of objectsOwnedBy(catalog, roleOid)) {
    yield { oid: descriptorOf(object).oid, line: `owner of ${describeObject(run, object)}` };
  }
  for (const acl of catalog.defaultAcls()) {
    if (acl.roleOid === roleOid) yield { oid: acl.oid, line: `owner of ${describeDefault(run, acl)}` };
  }
}

function* grantedTo(run: DefinitionRun, catalog: CatalogReader, roleOid: number): Iterable<Dependent> {
  for (const acl of catalog.acls()) {
    if (!acl.items.some(({ grantee }) => grantee === roleOid)) continue;
    const object = objectOf(catalog, acl);
    const system = object === undefined ? describeSystem(run, acl) : undefined;
    if (system !== undefined) yield { oid: acl.objectOid, line: `privileges for ${system}` };
    // What an owner has himself is told already.
    if (object === undefined || descriptorOf(object).ownerOid === roleOid) continue;
    const column = acl.subId === 0 ? '' : `column ${columnName(object, acl.subId)} of `;
    yield { oid: acl.objectOid, line: `privileges for ${column}${describeObject(run, object)}` };
  }
  for (const acl of catalog.defaultAcls()) {
    if (acl.roleOid === roleOid || !acl.items.some(({ grantee }) => grantee === roleOid)) continue;
    yield { oid: acl.oid, line: `privileges for ${describeDefault(run, acl)}` };
  }
}

/** Functions, languages and types of the system's own. */
function describeSystem(
  run: DefinitionRun,
  { classOid, objectOid }: { readonly classOid: number; readonly objectOid: number },
): string | undefined {
  const { typeContext } = run.bindContext();
  if (classOid === ObjectClass.Function) return `function ${regprocedure.format(objectOid, typeContext)}`;
  if (classOid === ObjectClass.Language) return 'language sql';
  return classOid === ObjectClass.Type ? `type ${typeByOid(objectOid)?.sqlName ?? objectOid}` : undefined;
}

function ofDatabases(run: DefinitionRun, roleOid: number): string[] {
  const { shared } = run.identity;
  const lines: string[] = [];
  for (const { oid, name, ownerOid } of shared.databases()) {
    if (ownerOid === roleOid) lines.push(`owner of database ${name}`);
    else if (shared.databaseAcl(oid)?.items.some(({ grantee }) => grantee === roleOid) === true) {
      lines.push(`privileges for database ${name}`);
    }
  }
  return lines;
}

function countIn(catalog: CatalogReader, roleOid: number): number {
  let count = [...objectsOwnedBy(catalog, roleOid)].length;
  for (const { items } of catalog.acls()) if (items.some(({ grantee }) => grantee === roleOid)) count++;
  for (const acl of catalog.defaultAcls()) {
    if (acl.roleOid === roleOid || acl.items.some(({ grantee }) => grantee === roleOid)) count++;
  }
  return count;
}

const DEFAULT_WORDS = { r: 'relations', S: 'sequences', f: 'functions', T: 'types', n: 'schemas' } as const;

function describeDefault(
  run: DefinitionRun,
  acl: { readonly roleOid: number; readonly schemaOid: number; readonly objectType: keyof typeof DEFAULT_WORDS },
): string {
  const role = run.identity.shared.role(acl.roleOid)?.name ?? String(acl.roleOid);
  const schema = acl.schemaOid === 0 ? undefined : run.catalog.schemaByOid(acl.schemaOid)?.name;
  const words = `default privileges on new ${DEFAULT_WORDS[acl.objectType]} belonging to role ${role}`;
  return schema === undefined ? words : `${words} in schema ${schema}`;
}

/** The object that rights are on. */
export function objectOf(
  catalog: CatalogReader,
  { classOid, objectOid }: { readonly classOid: number; readonly objectOid: number },
): SchemaObject | undefined {
  if (classOid === ObjectClass.Schema) {
    const schema = catalog.schemaByOid(objectOid);
    return schema && { kind: 'schema', schema };
  }
  if (classOid === ObjectClass.Type) {
    const found = catalog.enumByOid(objectOid);
    return found && { kind: 'type', enum: found };
  }
  const table = catalog.tableByOid(objectOid);
  if (table !== undefined) return { kind: 'table', table };
  const view = catalog.viewByOid(objectOid);
  if (view !== undefined) return { kind: 'view', view };
  const sequence = catalog.sequenceByOid(objectOid);
  return sequence && { kind: 'sequence', sequence };
}

function columnName(object: SchemaObject, number: number): string {
  if (object.kind === 'view') return object.view.columns[number - 1]?.name ?? String(number);
  if (!('table' in object)) return String(number);
  return object.table.columns.find((column) => column.number === number)?.name ?? String(number);
}
