import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { SpillSpace } from '../execution/spill/spill-space.ts';
import type { ScanWorkers } from '../execution/workers/share-task.ts';
import type { CursorFact } from '../pg-catalog/pg-cursors.ts';
import type { PreparedFact } from '../pg-catalog/pg-prepared-statements.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import type { ResultColumn } from './result-column.ts';
import type { ServerIdentity } from './server-facts.ts';
import type { SessionAdvisoryLocks } from './session-advisory-locks.ts';
import type { SessionNotifications } from './session-notifications.ts';
import type { SessionPeers } from './session-peers.ts';
import type { SessionRoles } from './session-roles.ts';
import type { SessionSignals } from './session-signals.ts';
import type { Settings } from './settings.ts';
import type { StatementStatistics } from './statement-statistics.ts';
import type { TransactionBlock } from './transaction-block.ts';

/** Who else is in a database, by its OID. */
export interface DatabaseSessions {
  count(databaseOid: number): number;
  /** Ends them; resolves once they are gone. */
  end(databaseOid: number): Promise<void>;
}

/** What a session gives the environment of its statements. */
export interface SessionEnvironmentOptions {
  readonly processId: number;
  readonly roles: SessionRoles;
  readonly databaseName: string;
  readonly server: ServerIdentity;
  readonly settings: Settings;
  readonly block: TransactionBlock;
  /** Roles and databases as the running transaction sees them. */
  readonly shared: () => SharedCatalog;
  /** The other sessions of the server. */
  readonly sessionsOf: DatabaseSessions;
  readonly clock: Clock;
  readonly random: Random;
  /** A prepared statement of the session. Throws 26000. */
  readonly prepared: (name: string) => PreparedStatement;
  readonly advisoryLocks: SessionAdvisoryLocks;
  readonly peers: SessionPeers;
  readonly signals: SessionSignals;
  readonly statistics: StatementStatistics;
  readonly cursors: () => Iterable<CursorFact>;
  readonly preparedStatements: () => Iterable<PreparedFact>;
  readonly cursorColumns: (name: string) => readonly ResultColumn[] | undefined;
  readonly notifications: SessionNotifications;
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
  /** pg_reload_conf. */
  readonly reload?: (() => void) | undefined;
  /** A new one for each statement; absent: what does not fit into memory fails. */
  readonly newSpillSpace?: (() => SpillSpace) | undefined;
  /** Threads that help with large scans; absent: there are none. */
  readonly workers?: ScanWorkers | undefined;
}
