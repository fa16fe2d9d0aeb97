import { type Column, valueAt } from './columnar/column.ts';
import type { Database as StoredDatabase } from './database/database.ts';
import { Instance } from './database/instance.ts';
import { SqlError } from './errors/sql-error.ts';
import { SqlState } from './errors/sql-state.ts';
import type { SpillSpace } from './execution/spill/spill-space.ts';
import type { WorkerPool } from './execution/workers/worker-pool.ts';
import { parseLargeBody } from './http/line-protocol/parse-body.ts';
import type { Precision } from './http/line-protocol/timestamp.ts';
import { systemClock } from './platform/clock.ts';
import { memoryShares } from './platform/machine-memory.ts';
import { nodeFileSystem } from './platform/node-file-system.ts';
import { systemRandom } from './platform/random.ts';
import { systemTimers } from './platform/timers.ts';
import { type Durability, defaultWorkerThreads } from './server/config.ts';
import { startScanWorkers } from './server/scan-workers.ts';
import { segmentEncoders } from './server/segment-encoders.ts';
import { VERSION } from './server/version.ts';
import { useIngestConstraints } from './session/ingest-constraints.ts';
import { serverIdentity } from './session/server-facts.ts';
import type { Session } from './session/session.ts';
import { SessionRegistry } from './session/session-registry.ts';
import { spillSpaces } from './session/spill-spaces.ts';
import { type BackgroundParser, backgroundParser } from './sql/syntax/background-parser.ts';
import { loadParser } from './sql/syntax/parse-sql.ts';
import type { EncoderThread } from './storage/encoding/encoder-thread.ts';
import type { TypeContext, TypeDefinition } from './types/type-definition.ts';
import type { Value } from './types/value.ts';

export { LineError } from './http/line-protocol/line-error.ts';
export { SqlError };

/**
 * A value of a result: boolean for boolean; number for smallint, integer, real and double precision; bigint for bigint;
 * string for everything else (text, numeric, timestamps, intervals, arrays …), in PostgreSQL's text form, which is exact.
 */
export type ResultValue = null | boolean | number | bigint | string;

/** A parameter; Date stands for its instant. */
export type ParameterValue = null | undefined | boolean | number | bigint | string | Date;

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, ResultValue>>[];
  /** PostgreSQL's command tag: `SELECT 2`, `INSERT 0 1`. */
  readonly tag: string;
}

export interface OpenOptions {
  readonly durability?: Durability;
  /** Bytes that one statement may hold; an eighth of the machine's memory, at most 1 GiB, unless told otherwise. */
  readonly queryMemoryBytes?: number;
  /** Bytes for decoded units of columns; an eighth of the machine's memory, at most 1 GiB, unless told otherwise. */
  readonly cacheBytes?: number;
  /** Bytes that one statement may put into temporary files when memory does not suffice; 16 GiB unless told otherwise. */
  readonly queryDiskBytes?: number;
  /** Threads that help with large scans; one less than there are cores unless told otherwise, 0 for none. */
  readonly workerThreads?: number;
}

const DEFAULT_QUERY_DISK = 16 * 1024 ** 3;
const DATABASE_NAME = 'tidewire';

/** The database inside this process, with no sockets: the same engine, the same files, one process at a time. */
export class Database {
  readonly #instance: Instance;
  readonly #database: StoredDatabase;
  readonly #registry: SessionRegistry;
  readonly #session: Session;
  readonly #parser: BackgroundParser | undefined;
  readonly #workers: WorkerPool | undefined;
  readonly #encoders: EncoderThread | undefined;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(
    instance: Instance,
    database: StoredDatabase,
    limits: {
      readonly memoryLimitBytes: number;
      readonly workerThreads: number;
      readonly encoders: EncoderThread | undefined;
      readonly newSpillSpace?: () => SpillSpace;
    },
  ) {
    this.#instance = instance;
    this.#database = database;
    const server = serverIdentity(VERSION, systemClock.nowMicros());
    this.#parser = backgroundParser();
    this.#workers = startScanWorkers(instance, limits.workerThreads);
    this.#encoders = limits.encoders;
    useIngestConstraints(instance, { server, clock: systemClock, random: systemRandom });
    this.#registry = new SessionRegistry({
      backend: instance,
      server,
      clock: systemClock,
      random: systemRandom,
      timers: systemTimers,
      log: () => {},
      ...limits,
      ...(this.#parser === undefined ? {} : { parseElsewhere: this.#parser }),
      ...(this.#workers === undefined ? {} : { workers: this.#workers }),
    });
    this.#session = this.#registry.open({
      userName: 'postgres',
      databaseName: DATABASE_NAME,
      remoteAddress: 'in process',
      cancelKeyBytes: 4,
    }).session;
  }

  /** Opens a data directory, which is made when it does not exist. Throws SqlError when it cannot be used. */
  static async open(directory: string, options: OpenOptions = {}): Promise<Database> {
    await loadParser();
    const workerThreads = options.workerThreads ?? defaultWorkerThreads();
    const encoders = segmentEncoders(workerThreads);
    const durability = options.durability ?? 'every_write';
    const shares = memoryShares();
    const instance = await Instance.open({
      directory,
      durability,
      encoders,
      cacheBytes: options.cacheBytes ?? shares.cacheBytes,
      indexBytes: shares.indexBytes,
    });
    const database = instance.database(DATABASE_NAME);
    if (database === undefined) {
      await instance.close();
      throw new SqlError(SqlState.InvalidCatalogName, `database "${DATABASE_NAME}" does not exist`);
    }
    const newSpillSpace = await spillSpaces(nodeFileSystem, directory, options.queryDiskBytes ?? DEFAULT_QUERY_DISK);
    return new Database(instance, database, {
      memoryLimitBytes: options.queryMemoryBytes ?? shares.queryBytes,
      workerThreads,
      encoders,
      ...(newSpillSpace === undefined ? {} : { newSpillSpace }),
    });
  }

  /** Runs one statement. Statements run one after the other; BEGIN and COMMIT work as in one session. */
  query(text: string, parameters: readonly ParameterValue[] = []): Promise<QueryResult> {
    const result = this.#running.then(() => this.#query(text, parameters));
    this.#running = result.catch(() => {});
    return result;
  }

  /** Stores line protocol: all of it, durable when the promise resolves, or nothing. Throws LineError or SqlError. */
  async write(lines: string, options: { readonly precision?: Precision } = {}): Promise<void> {
    const tables = await parseLargeBody(Buffer.from(lines), {
      precision: options.precision ?? 'ns',
      defaultMicros: systemClock.nowMicros(),
    });
    if (tables.length > 0) await this.#database.ingest(tables.map((table) => table.finish()));
  }

  /** Waits for what runs, syncs and gives the directory free. */
  async close(): Promise<void> {
    await this.#running;
    await this.#registry.close(this.#session);
    await this.#workers?.close();
    await this.#instance.close();
    await this.#encoders?.close();
    await this.#parser?.close();
  }

  async #query(text: string, parameters: readonly ParameterValue[]): Promise<QueryResult> {
    const session = this.#session;
    session.noteMessage();
    try {
      const statement = await session.prepare('', text, []);
      const types = statement.parameterTypes;
      if (types.length !== parameters.length) {
        throw new SqlError(
          SqlState.ProtocolViolation,
          `the statement has ${types.length} parameters, ${parameters.length} were given`,
        );
      }
      const values = types.map((type, index) => parameterValue(type, parameters[index], session.typeContext));
      const portal = await session.bind('', statement, values);
      const columns = portal.columns ?? [];
      const rows: Record<string, ResultValue>[] = [];
      const { tag } = await session.execute(portal, {
        maxRows: Number.POSITIVE_INFINITY,
        onRows: (batch) => {
          for (let row = 0; row < batch.rowCount; row++) {
            const entries = columns.map(({ name, type }, index): [string, ResultValue] => [
              name,
              resultValue(type.definition, batch.columns[index], row, session.typeContext),
            ]);
            rows.push(Object.fromEntries(entries));
          }
          return undefined;
        },
      });
      await session.closePortal('');
      await session.endMessage();
      return { columns: columns.map(({ name, type }) => ({ name, type: type.definition.sqlName })), rows, tag };
    } catch (error) {
      await session.fail();
      throw error;
    }
  }
}

function parameterValue(type: TypeDefinition, value: ParameterValue, context: TypeContext): Value {
  if (value === null || value === undefined) return null;
  return type.parse(value instanceof Date ? value.toISOString() : String(value), context, -1);
}

function resultValue(type: TypeDefinition, column: Column, row: number, context: TypeContext): ResultValue {
  const value = valueAt(column, row);
  if (value === null || typeof value === 'boolean') return value;
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'float4':
    case 'float8':
      return value as number;
    case 'int8':
      return BigInt(value as number | bigint);
    default:
      return type.format(value, context);
  }
}
