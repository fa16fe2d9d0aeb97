import type { CatalogReader, SchemaDescriptor } from '../../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';

/** One step from a catalog to the next. `put` adds a table or replaces its older version. */
export interface CatalogChange {
  readonly kind: 'put' | 'drop';
  readonly table: TableDescriptor;
}

export const PUBLIC_SCHEMA: SchemaDescriptor = { oid: 2200, name: 'public', ownerOid: 10 };

/** The stored tables of one database at one moment: immutable, so that a snapshot is a reference. */
export class CatalogVersion implements CatalogReader {
  static readonly empty = new CatalogVersion(new Map(), new Map());

  readonly #byOid: ReadonlyMap<number, TableDescriptor>;
  readonly #byName: ReadonlyMap<string, TableDescriptor>;

  private constructor(byOid: ReadonlyMap<number, TableDescriptor>, byName: ReadonlyMap<string, TableDescriptor>) {
    this.#byOid = byOid;
    this.#byName = byName;
  }

  schema(name: string): SchemaDescriptor | undefined {
    return name === PUBLIC_SCHEMA.name ? PUBLIC_SCHEMA : undefined;
  }

  schemas(): Iterable<SchemaDescriptor> {
    return [PUBLIC_SCHEMA];
  }

  tables(): Iterable<TableDescriptor> {
    return this.#byOid.values();
  }

  table(schemaName: string, tableName: string): TableDescriptor | undefined {
    return this.#byName.get(nameKey(schemaName, tableName));
  }

  tableByOid(oid: number): TableDescriptor | undefined {
    return this.#byOid.get(oid);
  }

  /** The catalog after the changes, in their order. */
  with(changes: readonly CatalogChange[]): CatalogVersion {
    if (changes.length === 0) return this;
    const byOid = new Map(this.#byOid);
    const byName = new Map(this.#byName);
    for (const change of changes) {
      const { oid } = change.table;
      const older = byOid.get(oid);
      if (older !== undefined) byName.delete(nameKey(older.schemaName, older.name));
      if (change.kind === 'put') {
        byOid.set(oid, change.table);
        byName.set(nameKey(change.table.schemaName, change.table.name), change.table);
      } else byOid.delete(oid);
    }
    return new CatalogVersion(byOid, byName);
  }
}

/** No name holds a NUL. */
function nameKey(schemaName: string, tableName: string): string {
  return `${schemaName}\0${tableName}`;
}
