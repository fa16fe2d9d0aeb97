/**
 * What the catalog holds beside tables, sequences and types: plain data, kept as it is in the log and in the manifest. Each
 * has a key of its own within its database (`objectKey`) and a version that grows with each change of it.
 */
export type CatalogObject = StoredSchema | StoredComment | StoredView;

/** A schema. Its name stands in the descriptors of what is in it as well. */
export interface StoredSchema {
  readonly kind: 'schema';
  readonly oid: number;
  readonly name: string;
  readonly ownerOid: number;
  readonly version: number;
}

/** COMMENT ON: a row of pg_description. */
export interface StoredComment {
  readonly kind: 'comment';
  /** The system table that the object is a row of. */
  readonly classOid: number;
  readonly objectOid: number;
  /** The number of a column; 0: the object itself. */
  readonly subId: number;
  readonly text: string;
  readonly version: number;
}

/**
 * A view. Its query is SQL that means the same to every session, bound anew whenever it is read: relations and types of the
 * user have their schemas, columns their relations. What it names gets other names only together with it.
 */
export interface StoredView {
  readonly kind: 'view';
  readonly oid: number;
  readonly rowTypeOid: number;
  readonly schemaOid: number;
  readonly schemaName: string;
  readonly name: string;
  readonly ownerOid: number;
  readonly columns: readonly StoredViewColumn[];
  readonly query: string;
  /** What the query reads: tables and other views, and which of their columns. */
  readonly uses: readonly ViewUse[];
  /** Types of the user that the query names. */
  readonly typeOids: readonly number[];
  /** WITH CHECK OPTION: rows that are written through the view must be rows of it. */
  readonly checkOption?: 'local' | 'cascaded';
  readonly version: number;
}

/** Numbered from 1 by their places. */
export interface StoredViewColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typmod: number;
  /** ALTER VIEW … SET DEFAULT: of rows that are inserted through the view. */
  readonly default?: string;
}

export interface ViewUse {
  readonly oid: number;
  readonly columnNumbers: readonly number[];
}

/** The OIDs of the system tables whose rows have comments. */
export const ObjectClass = {
  Type: 1247,
  Relation: 1259,
  Database: 1262,
  Constraint: 2606,
  Schema: 2615,
} as const;

export function objectKey(object: CatalogObject): string {
  switch (object.kind) {
    case 'schema':
      return `schema ${object.oid}`;
    case 'comment':
      return commentKey(object);
    case 'view':
      return `view ${object.oid}`;
  }
}

export function commentKey(place: { classOid: number; objectOid: number; subId: number }): string {
  return `comment ${place.classOid} ${place.objectOid} ${place.subId}`;
}

/** The schema that every database begins with, which can be dropped as any other. */
export const PUBLIC_SCHEMA: StoredSchema = { kind: 'schema', oid: 2200, name: 'public', ownerOid: 10, version: 1 };

/** What a database has before anything was made in it. */
export const FIRST_OBJECTS: readonly CatalogObject[] = [
  PUBLIC_SCHEMA,
  {
    kind: 'comment',
    classOid: ObjectClass.Schema,
    objectOid: PUBLIC_SCHEMA.oid,
    subId: 0,
    text: 'standard public schema',
    version: 1,
  },
];
