import type { AccessControl } from '../catalog/access/access-control.ts';
import type { StoredMembership } from '../catalog/access/role.ts';
import type { StoredComment, StoredDatabase, StoredRoleSettings } from '../catalog/catalog-object.ts';
import type { CatalogReader, RoleDescriptor } from '../catalog/catalog-reader.ts';

import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { ColumnStatistics } from '../catalog/table-statistics.ts';
import type { CursorFact } from './pg-cursors.ts';
import type { PreparedFact } from './pg-prepared-statements.ts';
import type { SettingFact } from './pg-settings.ts';
import type { HeldLock, SessionActivity } from './session-activity.ts';
import type { StatementStatistic } from './statement-statistic.ts';
import type { StorageFacts } from './table-storage.ts';

/** Where the system tables get their rows from: the catalog as the current transaction sees it, and the instance. */
export interface CatalogSource {
  /** Stored tables and system tables. */
  catalog(): CatalogReader;
  /** The same object as long as all that `catalog` says, and what was analysed, is the same. */
  catalogVersion(): object;
  /** Whether the catalog has changes that nobody else sees yet. */
  hasOwnChanges(): boolean;
  /** A number for the state that the catalog is in: later states have higher ones. From 3 on, as PostgreSQL counts. */
  transactionId(): number;
  databases(): Iterable<StoredDatabase>;
  roles(): Iterable<RoleDescriptor>;
  memberships(): Iterable<StoredMembership>;
  roleSettings(): Iterable<StoredRoleSettings>;
  /** On roles and databases. */
  sharedComments(): Iterable<StoredComment>;
  /** What was granted on objects (`storedAcl`), and who may do what. */
  access(): AccessControl;
  /** The sessions of the instance. */
  activities(): Iterable<SessionActivity>;
  /** What was run, and how long it took. */
  statements(): Iterable<StatementStatistic>;
  /** Whether the session may know what a role does. */
  maySeeActivity(roleOid: number): boolean;
  /** The locks of the instance that sessions have or wait for. */
  locks(): Iterable<HeldLock>;
  /** How many rows a table had when it was analysed; undefined: it never was. */
  analyzedRows(tableOid: number): number | undefined;
  /** What ANALYZE has found out about a column. */
  columnStatistics(table: TableDescriptor, columnNumber: number): ColumnStatistics | undefined;
  /** How many values a tag has; undefined where that is not known. */
  tagValueCount(table: TableDescriptor, columnNumber: number): number | undefined;
  /** What tells apart sessions that are shown different things of one catalog: role, search path and the like. */
  viewer(): string;
  databaseName(): string;
  temporarySchema(): string;
  /**
   * Whether who asks may do something with a relation, or with a column of it; `whole`: with all of its columns. Without a
   * third word one column is enough.
   */
  mayUse(relationOid: number, columnNumber?: number | 'whole'): boolean;
  /** A default or generated column's expression, as the session would write it. */
  expressionText(stored: string, relationOid: number): string;
  settings(): Iterable<SettingFact>;
  /** Those of the session. */
  cursors(): Iterable<CursorFact>;
  preparedStatements(): Iterable<PreparedFact>;
  storage(): StorageFacts;
}
