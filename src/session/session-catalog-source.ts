import type { AccessControl } from '../catalog/access/access-control.ts';
import { tableTarget, viewTarget } from '../catalog/access/access-target.ts';
import { ALL_PRIVILEGES, Privilege } from '../catalog/access/acl.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Database } from '../database/database.ts';
import type { CatalogSource } from '../pg-catalog/catalog-source.ts';
import type { CursorFact } from '../pg-catalog/pg-cursors.ts';
import type { PreparedFact } from '../pg-catalog/pg-prepared-statements.ts';
import type { SettingFact } from '../pg-catalog/pg-settings.ts';
import type { BindContext } from '../sql/binder/bind-context.ts';
import { showStoredExpression } from '../sql/binder/stored-expression.ts';
import type { CatalogState } from './catalog-state.ts';
import type { Settings } from './settings.ts';

/** What is known of the other sessions. */
type Given = 'activities' | 'locks' | 'statements' | 'maySeeActivity';

export interface CatalogSourceOptions extends Pick<CatalogSource, Given> {
  readonly catalog: () => CatalogReader;
  readonly state: () => CatalogState;
  readonly hasOwnChanges: () => boolean;
  readonly shared: () => SharedCatalog;
  readonly access: () => AccessControl;
  readonly roleOid: () => number;
  readonly databaseName: string;
  readonly temporarySchema: () => string;
  readonly searchPath: () => readonly string[];
  readonly settings: Settings;
  readonly cursors: () => Iterable<CursorFact>;
  readonly preparedStatements: () => Iterable<PreparedFact>;
  readonly database: () => Database;
  readonly bindContext: () => BindContext;
}

const { Select, Insert, Update, References } = Privilege;
const COLUMN_PRIVILEGES = Select | Insert | Update | References;

/** What one session's system tables are made from. */
export function sessionCatalogSource(options: CatalogSourceOptions): CatalogSource {
  const { catalog, state, shared, access, roleOid, database } = options;
  return {
    activities: () => options.activities(),
    locks: () => options.locks(),
    statements: () => options.statements(),
    maySeeActivity: (role) => options.maySeeActivity(role),
    catalog,
    catalogVersion: state,
    hasOwnChanges: () => options.hasOwnChanges(),
    transactionId: () => state().transactionId,
    databases: () => shared().databases(),
    roles: () => shared().roles(),
    memberships: () => shared().memberships(),
    roleSettings: () => shared().allSettings(),
    sharedComments: () => shared().comments(),
    access,
    analyzedRows: (tableOid) => database().statistics.get(tableOid)?.rowCount,
    columnStatistics: ({ oid }, number) => database().statistics.get(oid)?.columns.get(number),
    tagValueCount: ({ oid }, number) => database().tagValueCount(oid, number),
    // The path has the schema of temporary objects where there are any.
    viewer: () => `${roleOid()} ${options.searchPath().join()}`,
    databaseName: () => options.databaseName,
    temporarySchema: options.temporarySchema,
    mayUse: (oid, column) => mayUse({ access: access(), catalog: catalog(), roleOid: roleOid() }, oid, column),
    expressionText: (stored, oid) => (PLAIN.test(stored) ? stored : expressionText(options.bindContext(), stored, oid)),
    settings: () => settingFacts(options.settings),
    cursors: () => options.cursors(),
    preparedStatements: () => options.preparedStatements(),
    storage: () => database().storageFacts,
  };
}

interface Viewer {
  readonly access: AccessControl;
  readonly catalog: CatalogReader;
  readonly roleOid: number;
}

function mayUse({ access, catalog, roleOid }: Viewer, oid: number, column: number | 'whole' | undefined): boolean {
  if (access.isSuperuser(roleOid)) return true;
  const table = catalog.tableByOid(oid);
  const view = table === undefined ? catalog.viewByOid(oid) : undefined;
  const target = table !== undefined ? tableTarget(table) : view && viewTarget(view);
  if (target === undefined) return false;
  if (access.isOwner(roleOid, target)) return true;
  const whole = access.privileges(roleOid, target);
  if (column === undefined) {
    if ((whole & ALL_PRIVILEGES.table) !== 0) return true;
    return [Select, Insert, Update, References].some((bit) => access.hasOnAnyColumn(roleOid, target, bit));
  }
  if ((whole & COLUMN_PRIVILEGES) !== 0) return true;
  return column !== 'whole' && access.columnPrivileges(roleOid, target, column) !== 0;
}

/** Plain literals are most of all defaults, and need not be bound to be written. */
const PLAIN = /^(?:-?\d+(?:\.\d+)?|true|false|now\(\)|CURRENT_TIMESTAMP)$/;

function expressionText(context: BindContext, stored: string, relationOid: number): string {
  const table: TableDescriptor | undefined = context.catalog.tableByOid(relationOid);
  return showStoredExpression(context, stored, table, { isPretty: false });
}

function* settingFacts(settings: Settings): Iterable<SettingFact> {
  for (const { name, setting, definition, resetValue, source } of settings.rows()) {
    const { category, description, context, valueType, bootValue, unit, minimum, maximum, choices } = definition;
    yield {
      ...{ name, setting, category, description, context, valueType, bootValue, resetValue, source, choices },
      unit: unit === undefined ? undefined : String(unit),
      minimum: minimum === undefined ? undefined : String(minimum),
      maximum: maximum === undefined ? undefined : String(maximum),
    };
  }
}
