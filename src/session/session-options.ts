import type { StoredRole } from '../catalog/access/role.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { Batch } from '../columnar/batch.ts';
import type { Database } from '../database/database.ts';
import type { SpillSpace } from '../execution/spill/spill-space.ts';
import type { ScanWorkers } from '../execution/workers/share-task.ts';
import type { SessionActivity } from '../pg-catalog/session-activity.ts';
import type { Clock } from '../platform/clock.ts';
import type { CopyFolder } from '../platform/copy-folder.ts';
import type { Random } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import type { StatementCache } from '../sql/syntax/statement-cache.ts';
import type { Log } from './log.ts';
import type { NotificationHub } from './notification-hub.ts';
import type { ServerIdentity } from './server-facts.ts';
import type { DatabaseSessions } from './session-environment-options.ts';
import type { SessionPeers } from './session-peers.ts';
import type { StatementStatistics } from './statement-statistics.ts';

export interface SessionOptions {
  readonly processId: number;
  /** Who has logged in. */
  readonly role: StoredRole;
  readonly databaseName: string;
  readonly database: Database;
  /** Roles and databases as they are committed. */
  readonly shared: () => SharedCatalog;
  /** The other sessions of the server, by the database that they are in. */
  readonly sessionsOf: DatabaseSessions;
  readonly peers: SessionPeers;
  /** Of all sessions. */
  readonly statistics: StatementStatistics;
  readonly server: ServerIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  /** Shared by all sessions. */
  readonly statementCache: StatementCache;
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
  /** Who listens in the database. */
  readonly notifications: NotificationHub;
  /** Where COPY may use files; absent: nowhere. */
  readonly copyFolder?: CopyFolder | undefined;
  /** pg_reload_conf. */
  readonly reload?: (() => void) | undefined;
  /** A new one for each statement; absent: what does not fit into memory fails. */
  readonly newSpillSpace?: (() => SpillSpace) | undefined;
  /** Threads that help with large scans; absent: there are none. */
  readonly workers?: ScanWorkers | undefined;
}

export interface ExecuteOptions {
  /** Stop after so many rows; Infinity for all. */
  readonly maxRows: number;
  /** Takes the rows before the next are made: back-pressure is its promise. */
  readonly onRows: (rows: Batch) => Promise<void> | undefined;
}

export interface Completion {
  /** True when `maxRows` were given and there may be more. */
  readonly isSuspended: boolean;
  readonly rowCount: number;
  /** `SELECT 5`; meaningful when not suspended. */
  readonly tag: string;
}

/** What the session itself knows of its activity. */
export type OwnActivity = Omit<SessionActivity, 'client' | 'backendStart' | 'isWaiting' | 'isHidden'>;
