import type { SchemaDescriptor } from '../catalog/catalog-reader.ts';
import type { Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { CatalogLookup } from './catalog-lookup.ts';
import type { CatalogSource } from './catalog-source.ts';
import { blocksOf } from './relation-block.ts';
import { RelationRows } from './relation-rows.ts';
import { type RowProvider, rowProvider } from './row-providers.ts';
import {
  allSystemRelations,
  SUPERUSER_OID,
  type SystemRelation,
  systemRelation,
  systemRelationByOid,
} from './system-relation.ts';
import { SYSTEM_SCHEMAS } from './system-schemas.ts';
import { SystemTable } from './system-table.ts';

const SCHEMAS: readonly SchemaDescriptor[] = SYSTEM_SCHEMAS.map((schema) => ({ ...schema, ownerOid: SUPERUSER_OID }));

/** Rows that are the same in every database and for ever. */
const lastingRows = new Map<number, RelationRows>();
/** Rows that follow from a version of a catalog: all sessions that see the version share them, and they go with it. */
const rowsOfVersions = new WeakMap<object, KeptRows>();
/** How many rows relations had, in whichever database and version. */
const lastCounts = new Map<number, number>();
/** So many kinds of sessions have rows of their own kept. */
const MAX_VIEWERS = 4;

interface KeptRows {
  readonly shared: Map<number, RelationRows>;
  readonly ofViewers: Map<string, Map<number, RelationRows>>;
}

/** All system relations of one session, over the catalog which that session's transaction sees. */
export class SystemCatalog {
  /** For functions that ask for a few rows. */
  readonly lookup: CatalogLookup;
  readonly #source: CatalogSource;
  readonly #tables = new Map<number, SystemTable>();

  constructor(source: CatalogSource) {
    this.#source = source;
    this.lookup = new CatalogLookup((relation) => this.#rowsOf(relation));
  }

  schemas(): Iterable<SchemaDescriptor> {
    return SCHEMAS;
  }

  table(schemaName: string, name: string): TableDescriptor | undefined {
    return systemRelation(schemaName, name)?.descriptor;
  }

  tableByOid(oid: number): Table | undefined {
    const known = this.#tables.get(oid);
    if (known !== undefined) return known;
    const relation = systemRelationByOid(oid);
    if (relation === undefined) return undefined;
    const provider = rowProvider(relation.schema.name, relation.name);
    const made = provider?.lifetime === 'moment' && relation.kind === 'view' ? provider.rows : undefined;
    const passes = typeof made === 'function' ? () => made(this.#source) : undefined;
    const table = new SystemTable(relation, passes ?? (() => this.#rowsOf(relation)));
    this.#tables.set(oid, table);
    return table;
  }

  *tables(): Iterable<TableDescriptor> {
    for (const { descriptor } of allSystemRelations()) yield descriptor;
  }

  /**
   * About how many rows a system relation has: what it had when somebody read it last. Who asks first is about to read it,
   * and may as well have its rows made now, if they are kept. Undefined for another one, and for rows of a moment.
   */
  rowCount(oid: number): number | undefined {
    const relation = systemRelationByOid(oid);
    if (relation === undefined) return undefined;
    const known = this.#knownRows(relation)?.rowCount ?? lastCounts.get(oid);
    if (known !== undefined) return known;
    const provider = rowProvider(relation.schema.name, relation.name);
    if (provider === undefined) return 0;
    return provider.lifetime === 'moment' ? undefined : this.#rowsOf(relation).rowCount;
  }

  #rowsOf(relation: SystemRelation): RelationRows {
    const known = this.#knownRows(relation);
    if (known !== undefined) return known;
    const provider = rowProvider(relation.schema.name, relation.name);
    const rows = this.#newRows(relation, provider);
    this.#keep(relation, provider, rows);
    lastCounts.set(relation.oid, rows.rowCount);
    return rows;
  }

  #newRows(relation: SystemRelation, provider: RowProvider | undefined): RelationRows {
    const source = this.#source;
    const transactionId = source.transactionId();
    if (provider === undefined) return RelationRows.of(relation, [], transactionId);
    if (typeof provider.rows === 'function') {
      return RelationRows.of(relation, [...provider.rows(source)], transactionId);
    }
    // What only some see may name the database.
    const viewer = provider.lifetime === 'viewer' ? `${source.databaseName()} ${source.viewer()}` : '';
    const version = { viewer, transactionId, isKept: !source.hasOwnChanges() };
    return new RelationRows(relation, blocksOf(relation, provider.rows.parts(source), version));
  }

  #knownRows(relation: SystemRelation): RelationRows | undefined {
    const lasting = lastingRows.get(relation.oid);
    if (lasting !== undefined) return lasting;
    const kept = rowsOfVersions.get(this.#source.catalogVersion());
    return kept?.shared.get(relation.oid) ?? kept?.ofViewers.get(this.#source.viewer())?.get(relation.oid);
  }

  #keep(relation: SystemRelation, provider: RowProvider | undefined, rows: RelationRows): void {
    switch (provider?.lifetime ?? 'lasting') {
      case 'lasting':
        lastingRows.set(relation.oid, rows);
        break;
      case 'catalog':
        this.#keptRows().shared.set(relation.oid, rows);
        break;
      case 'viewer': {
        const { ofViewers } = this.#keptRows();
        const viewer = this.#source.viewer();
        const own = ofViewers.get(viewer) ?? new Map<number, RelationRows>();
        own.set(relation.oid, rows);
        // The one that has looked longest ago goes.
        ofViewers.delete(viewer);
        ofViewers.set(viewer, own);
        if (ofViewers.size > MAX_VIEWERS) ofViewers.delete([...ofViewers.keys()][0] ?? '');
        break;
      }
      case 'moment':
        break;
    }
  }

  #keptRows(): KeptRows {
    const version = this.#source.catalogVersion();
    let kept = rowsOfVersions.get(version);
    if (kept === undefined) {
      kept = { shared: new Map(), ofViewers: new Map() };
      rowsOfVersions.set(version, kept);
    }
    return kept;
  }
}
