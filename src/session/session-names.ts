import { permissionDenied } from '../catalog/access/access-control.ts';
import { schemaTarget } from '../catalog/access/access-target.ts';
import { Privilege } from '../catalog/access/acl.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader, SchemaDescriptor } from '../catalog/catalog-reader.ts';
import type { CatalogFacts } from '../functions/environment.ts';
import type { NameResolver } from '../types/type-definition.ts';
import { SessionCatalogFacts } from './catalog-facts.ts';
import { objectName, objectOid } from './object-names.ts';
import { once } from './once.ts';
import { effectiveSearchPath, writtenSchemas } from './search-path.ts';
import type { SessionRoles } from './session-roles.ts';
import type { Settings } from './settings.ts';

export interface SessionNamesOptions {
  readonly roles: SessionRoles;
  readonly settings: Settings;
  readonly databaseName: string;
  /** The name of the schema of temporary objects, which is there once there are such. */
  readonly temporarySchema: string;
  /** As the running transaction sees it; begins one when there is none. */
  readonly catalog: () => CatalogReader;
  readonly shared: () => SharedCatalog;
}

/** What names mean to a session: by its search path, and in schemas alone that its role may use. */
export class SessionNames {
  readonly #options: SessionNamesOptions;
  #firstSchema: string | undefined;

  constructor(options: SessionNamesOptions) {
    this.#options = options;
  }

  /** Whether a schema is being made together with what is in it. */
  get isInNewSchema(): boolean {
    return this.#firstSchema !== undefined;
  }

  /** Carries something out with another schema in front of the search path: what is made together with it. */
  async inSchema(name: string, perform: () => Promise<void>): Promise<void> {
    this.#firstSchema = name;
    try {
      await perform();
    } finally {
      this.#firstSchema = undefined;
    }
  }

  /** Effective: existing schemas, that of temporary objects and pg_catalog included. */
  searchPath(catalog: CatalogReader): readonly string[] {
    return effectiveSearchPath(this.#searchPathSetting, {
      ...this.#schemaNames(),
      exists: (name) => {
        const schema = catalog.schema(name);
        return schema !== undefined && this.#mayLookInto(schema);
      },
    });
  }

  /** Those of the setting alone, whether they exist or not. */
  writtenSchemas(): readonly string[] {
    return writtenSchemas(this.#searchPathSetting, this.#schemaNames());
  }

  /** Throws 42501; nothing is said of a schema that is not there. `position`: of the name in the statement. */
  requireUsage(schema: SchemaDescriptor | undefined, position: number): void {
    if (schema === undefined || this.#mayLookInto(schema)) return;
    throw permissionDenied({ word: 'schema', name: schema.name }, position);
  }

  /** Names as they stand when they are asked for. */
  resolver(): NameResolver {
    return {
      relation: (name) => this.view().relationOid(name),
      relationName: (oid) => this.view().relationName(oid),
      type: (name) => this.view().typeOid(name),
      typeName: (oid) => this.view().typeName(oid),
      object: (kind, name) => objectOid(this.view(), kind, name),
      objectName: (kind, oid) => objectName(this.view(), kind, oid),
    };
  }

  /** Names as they stand when one is first asked for. */
  facts(): CatalogFacts {
    const view = once(() => this.view());
    return {
      roleName: (oid) => view().roleName(oid),
      isRelationVisible: (oid) => view().isRelationVisible(oid),
      isTypeVisible: (oid) => view().isTypeVisible(oid),
      isFunctionVisible: () => view().isFunctionVisible(),
      relationOid: (name) => view().relationOid(name),
      relationName: (oid) => view().relationName(oid),
      typeOf: (oid) => view().typeOf(oid),
      sequenceOf: (tableName, columnName) => view().sequenceOf(tableName, columnName),
    };
  }

  /** Names as they stand now. */
  view(): SessionCatalogFacts {
    const catalog = this.#options.catalog();
    return new SessionCatalogFacts({
      catalog,
      searchPath: this.searchPath(catalog),
      databaseName: this.#options.databaseName,
      roles: [...this.#options.shared().roles()],
      requireUsage: (name) => this.requireUsage(catalog.schema(name), 0),
    });
  }

  #mayLookInto(schema: SchemaDescriptor): boolean {
    const { roles } = this.#options;
    return roles.isSuperuser || roles.access.has(roles.current.oid, schemaTarget(schema), Privilege.Usage);
  }

  get #searchPathSetting(): readonly string[] {
    const { searchPath } = this.#options.settings;
    return this.#firstSchema === undefined ? searchPath : [this.#firstSchema, ...searchPath];
  }

  #schemaNames(): { readonly userName: string; readonly temporarySchema: string } {
    return { userName: this.#options.roles.current.name, temporarySchema: this.#options.temporarySchema };
  }
}
