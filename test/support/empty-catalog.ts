import type { CatalogReader } from '../../src/catalog/catalog-reader.ts';

/** A catalog without anything, for fakes to start from. */
export const emptyCatalog: CatalogReader = {
  schema: () => undefined,
  schemas: () => [],
  tables: () => [],
  table: () => undefined,
  tableByOid: () => undefined,
  sequences: () => [],
  sequence: () => undefined,
  sequenceByOid: () => undefined,
  enums: () => [],
  enumByOid: () => undefined,
  userType: () => undefined,
  userTypeByOid: () => undefined,
  index: () => undefined,
  schemaByOid: () => undefined,
  views: () => [],
  view: () => undefined,
  viewByOid: () => undefined,
  comments: () => [],
  comment: () => undefined,
  acl: () => undefined,
  acls: () => [],
  defaultAcls: () => [],
  extensions: () => [],
};
