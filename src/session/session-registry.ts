import { timingSafeEqual } from 'node:crypto';
import type { DatabaseDescriptor, RoleDescriptor } from '../catalog/catalog-reader.ts';
import type { Database } from '../database/database.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SpillSpace } from '../execution/spill/spill-space.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import { type ElsewhereParser, StatementCache } from '../sql/syntax/statement-cache.ts';
import type { Log } from './log.ts';
import type { ServerIdentity } from './server-facts.ts';
import { Session } from './session.ts';

/** The databases and roles behind the sessions; `Instance` is one. */
export interface SessionBackend {
  databases(): readonly DatabaseDescriptor[];
  database(name: string): Database | undefined;
  roles(): readonly RoleDescriptor[];
}

export interface SessionRegistryOptions {
  readonly backend: SessionBackend;
  readonly server: ServerIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  /** Bytes that one statement may hold. */
  readonly memoryLimitBytes: number;
  /** A new one for each statement; absent: what does not fit into memory fails. */
  readonly newSpillSpace?: () => SpillSpace;
  /** Who parses long texts; absent: they hold up the other sessions. */
  readonly parseElsewhere?: ElsewhereParser;
}

export interface LoginRequest {
  readonly userName: string;
  /** undefined: the client named none. */
  readonly databaseName: string | undefined;
  /** Where the client is, for the log. */
  readonly remoteAddress: string;
  /** Length of the key that a CancelRequest must show: 4 bytes in protocol 3.0, 32 later. */
  readonly cancelKeyBytes: number;
}

export interface RegisteredSession {
  readonly session: Session;
  readonly cancelKey: Uint8Array;
  readonly remoteAddress: string;
  /** µs since 2000-01-01 UTC. */
  readonly startMicros: number;
}

const DEFAULT_ROLE = 'postgres';
const DEFAULT_DATABASE = 'tidewire';

/** The sessions that are open: logs them in, lists them, finds the one that a CancelRequest means. */
export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #statementCache: StatementCache;
  readonly #sessions = new Map<number, RegisteredSession>();
  #nextProcessId = 1;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    this.#statementCache = new StatementCache({ elsewhere: options.parseElsewhere });
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
    const { backend, log, clock, random } = this.#options;
    const role = this.#role(login);
    const databaseName = this.#databaseName(login);
    const database = backend.database(databaseName);
    if (database === undefined) {
      throw new SqlError(SqlState.InvalidCatalogName, `database "${databaseName}" does not exist`);
    }
    const cancelKey = new Uint8Array(login.cancelKeyBytes);
    random.fill(cancelKey);
    const session = new Session({
      ...this.#options,
      processId: this.#takeProcessId(),
      role,
      databaseName,
      database,
      statementCache: this.#statementCache,
      databases: () => backend.databases(),
      roles: () => backend.roles(),
    });
    const registered = { session, cancelKey, remoteAddress: login.remoteAddress, startMicros: clock.nowMicros() };
    this.#sessions.set(session.processId, registered);
    log('debug', 'session opened', { processId: session.processId, user: role.name, database: databaseName });
    return registered;
  }

  async close(session: Session): Promise<void> {
    this.#sessions.delete(session.processId);
    await session.close();
  }

  /** Cancels the statement that a session runs, if the key is right; tells nobody whether it was. */
  cancel(processId: number, key: Uint8Array): void {
    const registered = this.#sessions.get(processId);
    if (registered === undefined || registered.cancelKey.length !== key.length) return;
    if (timingSafeEqual(registered.cancelKey, key)) registered.session.cancel('user');
  }

  #role({ userName, remoteAddress }: LoginRequest): RoleDescriptor {
    const roles = this.#options.backend.roles();
    const known = roles.find((role) => role.name === userName);
    if (known !== undefined) {
      if (known.canLogin) return known;
      throw new SqlError(SqlState.InvalidAuthorizationSpecification, `role "${userName}" is not permitted to log in`);
    }
    const fallback = roles.find((role) => role.name === DEFAULT_ROLE);
    if (fallback === undefined) {
      throw new SqlError(SqlState.InvalidAuthorizationSpecification, `role "${userName}" does not exist`);
    }
    this.#options.log('warn', 'unknown role: let in as the default one', {
      userName,
      role: DEFAULT_ROLE,
      remoteAddress,
    });
    return fallback;
  }

  #databaseName({ userName, databaseName }: LoginRequest): string {
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
