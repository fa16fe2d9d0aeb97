import type { CatalogRow } from '../functions/catalog/system-facts.ts';
import type { Value } from '../types/value.ts';
import type { RelationRows } from './relation-rows.ts';
import { type SystemRelation, systemRelation } from './system-relation.ts';
import { PG_CATALOG } from './system-schemas.ts';

/** Rows of the tables of pg_catalog by the values in their columns, for functions that ask for a few of them. */
export class CatalogLookup {
  readonly #rowsOf: (relation: SystemRelation) => RelationRows;

  constructor(rowsOf: (relation: SystemRelation) => RelationRows) {
    this.#rowsOf = rowsOf;
  }

  /** By OID, of tables that have such a column; pg_index, pg_sequence and pg_aggregate by that of what they describe. */
  row(table: string, oid: number): CatalogRow | undefined {
    const relation = systemRelation(PG_CATALOG.name, table);
    if (relation === undefined) return undefined;
    const named = relation.columns.findIndex(({ name }) => name === 'oid');
    return this.#found(relation, Math.max(named, 0), oid)[0];
  }

  rowsWith(table: string, column: string, value: Value): readonly CatalogRow[] {
    const relation = systemRelation(PG_CATALOG.name, table);
    if (relation === undefined) return [];
    const position = relation.columns.findIndex(({ name }) => name === column);
    return position < 0 ? [] : this.#found(relation, position, value);
  }

  rows(table: string): readonly CatalogRow[] {
    const relation = systemRelation(PG_CATALOG.name, table);
    if (relation === undefined) return [];
    const rows = this.#rowsOf(relation);
    return Array.from({ length: rows.rowCount }, (_, at) => rowObject(relation, rows, at));
  }

  #found(relation: SystemRelation, column: number, value: Value): CatalogRow[] {
    const rows = this.#rowsOf(relation);
    return rows.rowsWith(column, [value]).map((at) => rowObject(relation, rows, at));
  }
}

function rowObject(relation: SystemRelation, rows: RelationRows, at: number): CatalogRow {
  const values = rows.row(at);
  return Object.fromEntries(relation.columns.map(({ name }, column) => [name, values[column]]));
}
