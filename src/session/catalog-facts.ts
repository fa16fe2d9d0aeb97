import type { CatalogReader, RoleDescriptor } from '../catalog/catalog-reader.ts';
import { rowTypeOf, tableOfRowType } from '../catalog/row-type.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { CatalogFacts } from '../functions/environment.ts';
import { quoteIdentifier } from '../functions/scalar/quoting.ts';
import type { SqlType, TypeDefinition } from '../types/type-definition.ts';
import { sqlType, typeByOid } from '../types/type-registry.ts';
import { parseQualifiedName } from './qualified-name.ts';

interface CatalogView {
  readonly catalog: CatalogReader;
  /** Effective, pg_catalog included. */
  readonly searchPath: readonly string[];
  readonly databaseName: string;
  readonly roles: readonly RoleDescriptor[];
  /** Throws 42501 where a schema that is written may not be looked into. Absent: all may. */
  requireUsage?(schemaName: string): void;
}

/** Tables, indexes and sequences share their names. */
interface Relation {
  readonly oid: number;
  readonly schemaName: string;
  readonly name: string;
}

/** What SQL functions such as pg_table_is_visible and regclass ask of the catalog, as one statement sees it. */
export class SessionCatalogFacts implements CatalogFacts {
  readonly #view: CatalogView;
  /** Made at first use. */
  #indexes: ReadonlyMap<number, Relation> | undefined;
  #tablesByRowType: ReadonlyMap<number, TableDescriptor> | undefined;

  constructor(view: CatalogView) {
    this.#view = view;
  }

  get catalog(): CatalogReader {
    return this.#view.catalog;
  }

  get roles(): readonly RoleDescriptor[] {
    return this.#view.roles;
  }

  roleName(oid: number): string | undefined {
    return this.#view.roles.find((role) => role.oid === oid)?.name;
  }

  isRelationVisible(oid: number): boolean {
    const relation = this.#relationByOid(oid);
    return relation !== undefined && this.#firstInPath(relation.name)?.oid === oid;
  }

  /** Built-in types and all functions are in pg_catalog, which every search path has. */
  isTypeVisible(oid: number): boolean {
    if (typeByOid(oid) !== undefined) return true;
    const { catalog, searchPath } = this.#view;
    const table = this.#tableOfRowType(oid);
    if (table !== undefined) return this.isRelationVisible(table.oid);
    const type = catalog.userTypeByOid(oid);
    if (type === undefined) return false;
    const schema = searchPath.find((name) => catalog.userType(name, type.name) !== undefined);
    return schema !== undefined && catalog.userType(schema, type.name)?.oid === oid;
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
    this.#view.requireUsage?.(schema);
    if (this.#view.catalog.schema(schema) === undefined) {
      throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
    }
    return this.#relationIn(schema, relation)?.oid;
  }

  relationName(oid: number): string | undefined {
    const relation = this.#relationByOid(oid);
    if (relation === undefined) return undefined;
    const name = quoteIdentifier(relation.name);
    return this.#firstInPath(relation.name)?.oid === oid ? name : `${quoteIdentifier(relation.schemaName)}.${name}`;
  }

  typeOf(oid: number): SqlType | undefined {
    const definition = typeByOid(oid) ?? this.#view.catalog.userTypeByOid(oid) ?? this.#rowType(oid);
    return definition === undefined ? undefined : sqlType(definition);
  }

  /** Of types that were created. */
  typeOid(name: string): number | undefined {
    const { catalog, searchPath } = this.#view;
    const [element = '', brackets = ''] = name.split(/(\[\])+$/);
    const [type = '', schema] = parseQualifiedName(element).toReversed();
    const stored = brackets === '' ? type : `_${type}`;
    for (const candidate of schema === undefined ? searchPath : [schema]) {
      const found = catalog.userType(candidate, stored);
      if (found !== undefined) return found.oid;
      const table = brackets === '' ? catalog.table(candidate, type) : undefined;
      if (table !== undefined && table.rowTypeOid !== 0) return table.rowTypeOid;
    }
    return undefined;
  }

  typeName(oid: number): string | undefined {
    const { catalog } = this.#view;
    const table = tableOfRowType(catalog, oid);
    if (table !== undefined) return this.relationName(table.oid);
    const type = catalog.userTypeByOid(oid);
    const described = catalog.enumByOid(type?.elementOid || oid);
    if (type === undefined || described === undefined) return undefined;
    return this.isTypeVisible(oid) ? type.sqlName : `${quoteIdentifier(described.schemaName)}.${type.sqlName}`;
  }

  sequenceOf(tableName: string, columnName: string): string | undefined {
    const { catalog } = this.#view;
    const oid = this.relationOid(tableName);
    const table = oid === undefined ? undefined : (catalog.tableByOid(oid) ?? catalog.viewByOid(oid));
    if (table === undefined) throw new SqlError(SqlState.UndefinedTable, `relation "${tableName}" does not exist`);
    const at = table.columns.findIndex((candidate) => candidate.name === columnName);
    const column = table.columns[at];
    if (column === undefined) {
      throw new SqlError(SqlState.UndefinedColumn, `column "${columnName}" of relation "${table.name}" does not exist`);
    }
    // No sequence goes with a view's column.
    if (!('number' in column)) return undefined;
    for (const { owner, schemaName, name } of catalog.sequences()) {
      if (owner?.tableOid !== oid || owner?.columnNumber !== column.number) continue;
      return `${quoteIdentifier(schemaName)}.${quoteIdentifier(name)}`;
    }
    return undefined;
  }

  #rowType(oid: number): TypeDefinition | undefined {
    const table = this.#tableOfRowType(oid);
    return table === undefined ? undefined : rowTypeOf(table);
  }

  #relationIn(schema: string, name: string): Relation | undefined {
    const { catalog } = this.#view;
    const relation = catalog.table(schema, name) ?? catalog.view(schema, name) ?? catalog.sequence(schema, name);
    if (relation !== undefined) return relation;
    const found = catalog.index(schema, name);
    return found === undefined ? undefined : { oid: found.index.oid, schemaName: schema, name };
  }

  #relationByOid(oid: number): Relation | undefined {
    const { catalog } = this.#view;
    const known = catalog.tableByOid(oid) ?? catalog.viewByOid(oid) ?? catalog.sequenceByOid(oid);
    return known ?? this.#indexesByOid().get(oid);
  }

  /** For functions that ask for many. */
  #tableOfRowType(oid: number): TableDescriptor | undefined {
    if (this.#tablesByRowType === undefined) {
      const tables = new Map<number, TableDescriptor>();
      for (const table of this.#view.catalog.tables()) {
        if (table.rowTypeOid !== 0) tables.set(table.rowTypeOid, table);
      }
      this.#tablesByRowType = tables;
    }
    return this.#tablesByRowType.get(oid);
  }

  #indexesByOid(): ReadonlyMap<number, Relation> {
    if (this.#indexes !== undefined) return this.#indexes;
    const indexes = new Map<number, Relation>();
    for (const { schemaName, indexes: own } of this.#view.catalog.tables()) {
      for (const { oid, name } of own) indexes.set(oid, { oid, schemaName, name });
    }
    this.#indexes = indexes;
    return indexes;
  }

  #firstInPath(name: string): Relation | undefined {
    for (const schema of this.#view.searchPath) {
      const relation = this.#relationIn(schema, name);
      if (relation !== undefined) return relation;
    }
    return undefined;
  }
}
