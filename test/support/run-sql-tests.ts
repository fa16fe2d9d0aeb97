import { judgeAnswer, withAnswer } from './judge-sql-test.ts';
import type { Engine, SqlTestFile, SqlTestRecord } from './sql-test-file.ts';
import { type Answer, StatementClient } from './statement-client.ts';

export interface SqlTestFailure {
  /** `path:line` of the record. */
  readonly where: string;
  readonly sql: string;
  readonly reason: string;
}

export interface SqlTestOutcome {
  readonly executed: number;
  readonly failures: readonly SqlTestFailure[];
  /** The parts of the file as they would read with the answers that came. */
  readonly answered: SqlTestFile['parts'];
}

const STATEMENT_WITHIN_MS = 30_000;
/** How long a statement in the background may take to come to where it waits. */
const BACKGROUND_HEAD_START_MS = 150;

/** What is asked on a connection before a record is. */
export type BeforeRecord = (client: StatementClient, record: SqlTestRecord) => Promise<void>;

/** Runs the records of a file in order on connections of their own. A failed record does not stop the file. */
export async function runSqlTestFile(
  file: SqlTestFile,
  url: string,
  engine: Engine,
  before?: BeforeRecord,
): Promise<SqlTestOutcome> {
  const sessions = new Sessions(url, schemaNameOf(file.path), before);
  try {
    await sessions.open();
    return await runRecords(file, sessions, engine);
  } finally {
    await sessions.close();
  }
}

async function runRecords(file: SqlTestFile, sessions: Sessions, engine: Engine): Promise<SqlTestOutcome> {
  const failures: SqlTestFailure[] = [];
  const answered: SqlTestFile['parts'][number][] = [...file.parts];
  let executed = 0;
  for (const [index, part] of file.parts.entries()) {
    if (part.kind === 'passage' || !isFor(part, engine)) continue;
    executed++;
    const done = sessions.run(part, (answer) => {
      const reason = typeof answer === 'string' ? answer : judgeAnswer(part, answer);
      if (reason !== undefined) failures.push({ where: `${file.path}:${part.line}`, sql: part.sql, reason });
      if (typeof answer !== 'string') answered[index] = withAnswer(part, answer);
    });
    if (part.isBackground) await Promise.race([done, later(BACKGROUND_HEAD_START_MS)]);
    else await done;
  }
  await sessions.idle();
  return { executed, failures, answered };
}

function isFor(record: SqlTestRecord, engine: Engine): boolean {
  if (record.condition === undefined) return true;
  return (record.condition.engine === engine) === (record.condition.kind === 'onlyif');
}

interface OpenSession {
  readonly client: StatementClient;
  /** Settles when all that was given to this session has been answered. */
  last: Promise<void>;
}

/** The sessions of one file by name. They touch nothing but a schema of the file's own. */
class Sessions {
  readonly #url: string;
  readonly #schema: string;
  readonly #before: BeforeRecord | undefined;
  readonly #open = new Map<string, Promise<OpenSession>>();
  #keeper: StatementClient | undefined;

  constructor(url: string, schema: string, before: BeforeRecord | undefined) {
    this.#url = url;
    this.#schema = schema;
    this.#before = before;
  }

  async open(): Promise<void> {
    this.#keeper = await StatementClient.connect(this.#url);
    await must(this.#keeper, "SET lock_timeout TO '10s'");
    await must(this.#keeper, `DROP SCHEMA IF EXISTS ${this.#schema} CASCADE`);
    await must(this.#keeper, `CREATE SCHEMA ${this.#schema}`);
  }

  /** Calls `hear` with the answer, or with the reason why there is none. */
  async run(record: SqlTestRecord, hear: (answer: Answer | string) => void): Promise<void> {
    const session = await this.#session(record.connection ?? '');
    session.last = session.last.then(async () => {
      await this.#before?.(session.client, record);
      hear(await askWithin(session.client, record));
    });
    await session.last;
  }

  /** Waits for what is in the background. */
  async idle(): Promise<void> {
    for (const session of this.#open.values()) await (await session).last;
  }

  async close(): Promise<void> {
    for (const session of this.#open.values()) {
      // Whoever still waits is not waited for: a schema is dropped only when nobody works in it.
      const { client } = await session;
      await Promise.race([client.end(), later(1000)]);
      client.destroy();
    }
    if (this.#keeper === undefined) return;
    await must(this.#keeper, `DROP SCHEMA IF EXISTS ${this.#schema} CASCADE`);
    await this.#keeper.end();
  }

  #session(name: string): Promise<OpenSession> {
    let session = this.#open.get(name);
    if (session === undefined) {
      session = this.#connect();
      this.#open.set(name, session);
    }
    return session;
  }

  async #connect(): Promise<OpenSession> {
    const client = await StatementClient.connect(this.#url);
    await must(client, "SET TimeZone TO 'UTC'");
    await must(client, `SET search_path TO ${this.#schema}`);
    return { client, last: Promise.resolve() };
  }
}

function schemaNameOf(path: string): string {
  return `sqltest_${process.pid}_${path.replace(/[^a-z0-9]+/gi, '_').toLowerCase()}`.slice(0, 60);
}

async function must(client: StatementClient, sql: string): Promise<void> {
  const { error } = await client.ask(sql);
  if (error !== undefined) throw new Error(`${sql}: ${error.get('C')} ${error.get('M')}`);
}

async function askWithin(client: StatementClient, record: SqlTestRecord): Promise<Answer | string> {
  const { sql, bindings: values, isExtended: extended, isBinary } = record;
  if (client.isClosed) return 'the connection is closed';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      client.destroy();
      resolve(`no answer within ${STATEMENT_WITHIN_MS} ms`);
    }, STATEMENT_WITHIN_MS);
  });
  try {
    const asked = client.ask({ sql, values, extended, ...(isBinary ? { format: 'binary' as const } : {}) });
    return await Promise.race([late, asked.catch((error: Error) => error.message)]);
  } finally {
    clearTimeout(timer);
  }
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

export function formatFailures(failures: readonly SqlTestFailure[]): string {
  return failures
    .map(({ where, sql, reason }) => `${where}\n  ${sql.replaceAll('\n', '\n  ')}\n  ${reason}`)
    .join('\n\n');
}
