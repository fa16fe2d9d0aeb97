import type { SchemaDescriptor } from '../catalog/catalog-reader.ts';
import type { Table } from '../catalog/table.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { CatalogSource } from './catalog-source.ts';
import { pgAm } from './pg-am.ts';
import { pgAttrdef } from './pg-attrdef.ts';
import { pgAttribute } from './pg-attribute.ts';
import { pgClass } from './pg-class.ts';
import { pgConstraint } from './pg-constraint.ts';
import { pgDatabase } from './pg-database.ts';
import { pgDepend } from './pg-depend.ts';
import { pgDescription } from './pg-description.ts';
import { pgEnum } from './pg-enum.ts';
import { pgIndex } from './pg-index.ts';
import { pgNamespace } from './pg-namespace.ts';
import { pgRewrite } from './pg-rewrite.ts';
import { pgRoles } from './pg-roles.ts';
import { pgSequence } from './pg-sequence.ts';
import { pgType } from './pg-type.ts';
import { pgViews } from './pg-views.ts';
import { PG_CATALOG, type SystemTable } from './system-table.ts';

const SUPERUSER_OID = 10;

/** All system tables of one session, over the catalog which that session's transaction sees. */
export class SystemCatalog {
  readonly #tables: readonly SystemTable[];

  constructor(source: CatalogSource) {
    const viewOids = new Set<number>();
    this.#tables = [
      pgAm(),
      pgAttrdef(source),
      pgAttribute(source),
      pgClass(source, viewOids),
      pgConstraint(source),
      pgDatabase(source),
      pgDepend(source),
      pgDescription(source),
      pgEnum(source),
      pgIndex(source),
      pgNamespace(source),
      pgRewrite(source),
      pgRoles(source),
      pgSequence(source),
      pgType(source),
      pgViews(source),
    ];
    for (const { definition } of this.#tables) if (definition.isView === true) viewOids.add(definition.oid);
  }

  schemas(): Iterable<SchemaDescriptor> {
    return [{ oid: PG_CATALOG.oid, name: PG_CATALOG.name, ownerOid: SUPERUSER_OID }];
  }

  table(schemaName: string, name: string): TableDescriptor | undefined {
    if (schemaName !== PG_CATALOG.name) return undefined;
    return this.#tables.find((table) => table.descriptor.name === name)?.descriptor;
  }

  tableByOid(oid: number): Table | undefined {
    return this.#tables.find((table) => table.descriptor.oid === oid);
  }

  *tables(): Iterable<TableDescriptor> {
    for (const table of this.#tables) yield table.descriptor;
  }
}
