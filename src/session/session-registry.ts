import { timingSafeEqual } from 'node:crypto';
import { AccessControl } from '../catalog/access/access-control.ts';
import { databaseTarget } from '../catalog/access/access-target.ts';
import { Privilege } from '../catalog/access/acl.ts';
import { BOOTSTRAP_ROLE, type StoredRole } from '../catalog/access/role.ts';
import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { InstanceLocks } from '../catalog/instance-locks.ts';
import type { Database } from '../database/database.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SpillSpace } from '../execution/spill/spill-space.ts';
import type { ScanWorkers } from '../execution/workers/share-task.ts';
import type { Clock } from '../platform/clock.ts';
import type { CopyFolder } from '../platform/copy-folder.ts';
import type { Random } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import { normalizeSql } from '../sql/syntax/parse-sql.ts';
import { type ElsewhereParser, StatementCache } from '../sql/syntax/statement-cache.ts';
import type { Log } from './log.ts';
import { NotificationHub } from './notification-hub.ts';
import type { ServerIdentity } from './server-facts.ts';
import { Session } from './session.ts';
import type { DatabaseSessions } from './session-environment-options.ts';
import { SessionPeers } from './session-peers.ts';
import { StatementStatistics } from './statement-statistics.ts';

/** The databases and roles behind the sessions; `Instance` is one. */
export interface SessionBackend {
  database(name: string): Database | undefined;
  readonly locks: InstanceLocks;
  /** Roles and databases as they are committed. */
  shared(): SharedCatalog;
}

export interface SessionRegistryOptions {
  readonly backend: SessionBackend;
  readonly server: ServerIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  /** Whether the log names who comes and goes. */
  readonly logsConnections?: boolean;
  /** False: a user whom nobody knows is refused, as there are rules about who comes in. */
  readonly letsUnknownIn?: boolean | (() => boolean);
  /** pg_reload_conf: what of the configuration can change is read again. */
  readonly reload?: () => void;
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
  /** A new one for each statement; absent: what does not fit into memory fails. */
  readonly newSpillSpace?: () => SpillSpace;
  /** Where COPY may use files; absent: nowhere. */
  readonly copyFolder?: CopyFolder;
  /** Threads that help with large scans; absent: there are none. */
  readonly workers?: ScanWorkers;
  /** Who parses long texts; absent: they hold up the other sessions. */
  readonly parseElsewhere?: ElsewhereParser;
}

export interface LoginRequest {
  readonly userName: string;
  /** undefined: the client named none. */
  readonly databaseName: string | undefined;
  /** Where the client is, for the log. */
  readonly remoteAddress: string;
  readonly remotePort?: number | undefined;
  /** Where it has reached the server. */
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** Length of the key that a CancelRequest must show: 4 bytes in protocol 3.0, 32 later. */
  readonly cancelKeyBytes: number;
}

export interface RegisteredSession {
  readonly session: Session;
  readonly cancelKey: Uint8Array;
  readonly remoteAddress: string;
  readonly remotePort: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly databaseOid: number;
  /** µs since 2000-01-01 UTC. */
  readonly startMicros: number;
}

/** Rights on databases stand in no database. */
const NO_CATALOG = { acl: () => undefined, acls: () => [] };
const DEFAULT_DATABASE = 'tidewire';
/** How long sessions that are told to end get for it. */
const END_WAIT_MS = 5_000;
const END_STEP_MS = 10;

/** The sessions that are open: logs them in, lists them, finds the one that a CancelRequest means. */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #statementCache: StatementCache;
  /** By database. */
  readonly #notifications = new Map<number, NotificationHub>();
  readonly #sessions = new Map<number, RegisteredSession>();
  readonly #peers: SessionPeers;
  readonly #statistics = new StatementStatistics(normalizeSql);
  #nextProcessId = 1;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    this.#peers = new SessionPeers(() => this.#sessions.values(), options.backend.locks);
    this.#statementCache = new StatementCache({ elsewhere: options.parseElsewhere });
  }

  /** Counts and ends the sessions of a database. */
  readonly #sessionsOf: DatabaseSessions = {
    count: (databaseOid) => this.#inDatabase(databaseOid).length,
    end: async (databaseOid) => {
      for (const { session } of this.#inDatabase(databaseOid)) session.terminate();
      for (let waited = 0; waited < END_WAIT_MS && this.#inDatabase(databaseOid).length > 0; waited += END_STEP_MS) {
        await new Promise<void>((resolve) => this.#options.timers.after(END_STEP_MS, resolve));
      }
    },
  };

  #inDatabase(databaseOid: number): RegisteredSession[] {
    return [...this.#sessions.values()].filter((registered) => registered.databaseOid === databaseOid);
  }

  get size(): number {
    return this.#sessions.size;
  }

  sessions(): Iterable<RegisteredSession> {
    return this.#sessions.values();
  }

  /**
   * Opens a session. A user whom we do not know is let in as `postgres` (the trust method has nothing to check), and a
   * missing database that is not asked for by a name of its own is `tidewire`, so that a bare `psql -h localhost` gets
   * in. Throws 3D000.
   */
  open(login: LoginRequest): RegisteredSession {
    const { backend, clock, random } = this.#options;
    const role = this.#role(login);
    const databaseName = this.#databaseName(login);
    const database = backend.database(databaseName);
    if (database === undefined) {
      throw new SqlError(SqlState.InvalidCatalogName, `database "${databaseName}" does not exist`);
    }
    this.#requireConnectable(role, databaseName);
    const cancelKey = new Uint8Array(login.cancelKeyBytes);
    random.fill(cancelKey);
    const session = new Session({
      ...this.#options,
      processId: this.#takeProcessId(),
      role,
      databaseName,
      database,
      statementCache: this.#statementCache,
      notifications: this.#notificationsOf(database.oid),
      shared: () => backend.shared(),
      peers: this.#peers,
      statistics: this.#statistics,
      sessionsOf: this.#sessionsOf,
    });
    const registered = {
      session,
      cancelKey,
      remoteAddress: login.remoteAddress,
      remotePort: login.remotePort,
      localAddress: login.localAddress,
      localPort: login.localPort,
      databaseOid: database.oid,
      startMicros: clock.nowMicros(),
    };
    this.#sessions.set(session.processId, registered);
    this.#logChange('session opened', registered);
    return registered;
  }

  #notificationsOf(databaseOid: number): NotificationHub {
    let hub = this.#notifications.get(databaseOid);
    if (hub === undefined) {
      hub = new NotificationHub();
      this.#notifications.set(databaseOid, hub);
    }
    return hub;
  }

  async close(session: Session): Promise<void> {
    const registered = this.#sessions.get(session.processId);
    this.#sessions.delete(session.processId);
    await session.close();
    if (registered === undefined) return;
    const { clock } = this.#options;
    this.#logChange('session closed', registered, { seconds: (clock.nowMicros() - registered.startMicros) / 1e6 });
  }

  #logChange(event: string, { session, remoteAddress }: RegisteredSession, more: Record<string, unknown> = {}): void {
    const { log, logsConnections = false } = this.#options;
    const { processId, databaseName, roles } = session;
    const facts = { processId, user: roles.login.name, database: databaseName, remoteAddress, ...more };
    log(logsConnections ? 'info' : 'debug', event, facts);
  }

  /** Cancels the statement that a session runs, if the key is right. The client is not to be told whether it was. */
  cancel(processId: number, key: Uint8Array): boolean {
    const registered = this.#sessions.get(processId);
    if (registered === undefined || registered.cancelKey.length !== key.length) return false;
    if (!timingSafeEqual(registered.cancelKey, key)) return false;
    registered.session.cancel('user');
    return true;
  }

  /** The database that a client means, whether it is there or not. */
  databaseNameOf(login: Pick<LoginRequest, 'userName' | 'databaseName'>): string {
    return this.#databaseName(login);
  }

  /** What a role must be allowed, superusers excepted: to connect, and to be one more. Throws 42501, 55000, 53300. */
  #requireConnectable(role: StoredRole, databaseName: string): void {
    const shared = this.#options.backend.shared();
    const database = shared.database(databaseName);
    if (database === undefined) return;
    if (!database.allowsConnections) {
      throw new SqlError(
        SqlState.ObjectNotInPrerequisiteState,
        `database "${databaseName}" is not currently accepting connections`,
      );
    }
    if (role.isSuperuser) return;
    const access = new AccessControl(shared, NO_CATALOG, database.oid);
    if (!access.has(role.oid, databaseTarget(database), Privilege.Connect)) {
      throw new SqlError(SqlState.InsufficientPrivilege, `permission denied for database "${databaseName}"`, {
        detail: 'User does not have CONNECT privilege.',
      });
    }
    if (database.connectionLimit >= 0 && this.#inDatabase(database.oid).length >= database.connectionLimit) {
      throw new SqlError(SqlState.TooManyConnections, `too many connections for database "${databaseName}"`);
    }
    if (role.connectionLimit < 0) return;
    const own = [...this.#sessions.values()].filter(({ session }) => session.roles.login.oid === role.oid);
    if (own.length >= role.connectionLimit) {
      throw new SqlError(SqlState.TooManyConnections, `too many connections for role "${role.name}"`);
    }
  }

  #role({ userName, remoteAddress }: LoginRequest): StoredRole {
    const shared = this.#options.backend.shared();
    const known = shared.roleByName(userName);
    if (known !== undefined) {
      if (known.canLogin) return known;
      throw new SqlError(SqlState.InvalidAuthorizationSpecification, `role "${userName}" is not permitted to log in`);
    }
    const fallback = shared.role(BOOTSTRAP_ROLE.oid);
    const { letsUnknownIn = true } = this.#options;
    const isAllowed = typeof letsUnknownIn === 'function' ? letsUnknownIn() : letsUnknownIn;
    if (fallback === undefined || !isAllowed) {
      throw new SqlError(SqlState.InvalidAuthorizationSpecification, `role "${userName}" does not exist`);
    }
    this.#options.log('warn', 'unknown role: let in as the default one', {
      userName,
      role: fallback.name,
      remoteAddress,
    });
    return fallback;
  }

  #databaseName({ userName, databaseName }: Pick<LoginRequest, 'userName' | 'databaseName'>): string {
    if (databaseName === undefined) return DEFAULT_DATABASE;
    const isMissing = this.#options.backend.database(databaseName) === undefined;
    return isMissing && databaseName === userName ? DEFAULT_DATABASE : databaseName;
  }

  #takeProcessId(): number {
    while (this.#sessions.has(this.#nextProcessId)) this.#advanceProcessId();
    const processId = this.#nextProcessId;
    this.#advanceProcessId();
    return processId;
  }

  #advanceProcessId(): void {
    this.#nextProcessId = this.#nextProcessId === 0x7fffffff ? 1 : this.#nextProcessId + 1;
  }
}
