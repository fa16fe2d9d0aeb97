import type { CatalogObject } from '../../catalog/catalog-object.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';

/** Of each kind the fields that it must have, with their types. */
const FIELDS: Readonly<
  Record<CatalogObject['kind'], Readonly<Record<string, 'number' | 'string' | 'boolean' | 'object'>>>
> = {
  schema: { oid: 'number', name: 'string', ownerOid: 'number', version: 'number' },
  view: {
    oid: 'number',
    schemaOid: 'number',
    schemaName: 'string',
    name: 'string',
    query: 'string',
    version: 'number',
  },
  acl: { classOid: 'number', objectOid: 'number', subId: 'number', items: 'object', version: 'number' },
  'default-acl': { oid: 'number', roleOid: 'number', schemaOid: 'number', objectType: 'string', items: 'object' },
  role: { oid: 'number', name: 'string', isSuperuser: 'boolean', canLogin: 'boolean', version: 'number' },
  membership: { roleOid: 'number', memberOid: 'number', grantorOid: 'number', version: 'number' },
  database: { oid: 'number', name: 'string', ownerOid: 'number', version: 'number' },
  'role-settings': { databaseOid: 'number', roleOid: 'number', values: 'object', version: 'number' },
  extension: { oid: 'number', name: 'string', ownerOid: 'number', schemaOid: 'number', release: 'string' },
  comment: { classOid: 'number', objectOid: 'number', subId: 'number', text: 'string', version: 'number' },
};

/** Schemas, roles and all that is kept like them are in JSON as in memory. Throws CorruptionError for what is none. */
export function objectFromJson(json: unknown): CatalogObject {
  if (typeof json === 'object' && json !== null && 'kind' in json) {
    const { kind } = json;
    const fields = typeof kind === 'string' && Object.hasOwn(FIELDS, kind) ? FIELDS[kind as CatalogObject['kind']] : {};
    const values = json as Record<string, unknown>;
    const names = Object.keys(fields);
    if (names.length > 0 && names.every((name) => typeof values[name] === fields[name])) return json as CatalogObject;
  }
  throw new CorruptionError(`no object of the catalog: ${JSON.stringify(json)?.slice(0, 100)}`);
}
