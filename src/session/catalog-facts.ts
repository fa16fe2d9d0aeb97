import type { CatalogReader, RoleDescriptor } from '../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { CatalogFacts } from '../functions/environment.ts';
import type { SqlType } from '../types/type-definition.ts';
import { sqlType, typeByOid } from '../types/type-registry.ts';
import { parseQualifiedName, quoteName } from './qualified-name.ts';

interface CatalogView {
  readonly catalog: CatalogReader;
  /** Effective, pg_catalog included. */
  readonly searchPath: readonly string[];
  readonly databaseName: string;
  readonly roles: readonly RoleDescriptor[];
}

/** What SQL functions such as pg_table_is_visible and regclass ask of the catalog, as one statement sees it. */
export class SessionCatalogFacts implements CatalogFacts {
  readonly #view: CatalogView;

  constructor(view: CatalogView) {
    this.#view = view;
  }

  roleName(oid: number): string | undefined {
    return this.#view.roles.find((role) => role.oid === oid)?.name;
  }

  isRelationVisible(oid: number): boolean {
    const table = this.#view.catalog.tableByOid(oid);
    return table !== undefined && this.#firstInPath(table.name)?.oid === oid;
  }

  /** Types and functions are all in pg_catalog, which every search path has. */
  isTypeVisible(oid: number): boolean {
    return typeByOid(oid) !== undefined;
  }

  isFunctionVisible(): boolean {
    return true;
  }

  relationOid(name: string): number | undefined {
    const parts = parseQualifiedName(name);
    const [relation = '', schema, database] = parts.toReversed();
    if (parts.length > 3) {
      throw new SqlError(SqlState.SyntaxError, `improper relation name (too many dotted names): ${parts.join('.')}`);
    }
    if (database !== undefined && database !== this.#view.databaseName) {
      throw notSupported(`a reference to another database: "${parts.join('.')}"`);
    }
    if (schema === undefined) return this.#firstInPath(relation)?.oid;
    if (this.#view.catalog.schema(schema) === undefined) {
      throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
    }
    return this.#view.catalog.table(schema, relation)?.oid;
  }

  relationName(oid: number): string | undefined {
    const table = this.#view.catalog.tableByOid(oid);
    if (table === undefined) return undefined;
    const name = quoteName(table.name);
    return this.#firstInPath(table.name)?.oid === oid ? name : `${quoteName(table.schemaName)}.${name}`;
  }

  typeOf(oid: number): SqlType | undefined {
    const definition = typeByOid(oid);
    return definition === undefined ? undefined : sqlType(definition);
  }

  #firstInPath(name: string): TableDescriptor | undefined {
    for (const schema of this.#view.searchPath) {
      const table = this.#view.catalog.table(schema, name);
      if (table !== undefined) return table;
    }
    return undefined;
  }
}
