import pg from 'pg';
import { writeLines } from '../support/http-write.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import type { TidewireServer } from '../support/tidewire-server.ts';
import type { Ledger, LedgerEntries } from './ledger.ts';

/** Kinds of writers, see `#kindOf`. */
export const WRITER_KINDS = 8;

const POINTS_PER_BATCH = 25;
const ROWS_PER_TRANSACTION = 3;
const COUNTERS = 4;
/** The steps of an altered table, each one transaction, and the columns after each; none after the last. */
const ALTER_STEPS: readonly (readonly string[])[] = [
  ['CREATE TABLE $t (id int PRIMARY KEY, x int NOT NULL DEFAULT 7)', 'INSERT INTO $t VALUES (1), (2), (3)'],
  ["ALTER TABLE $t ADD COLUMN y text DEFAULT 'new'"],
  ['ALTER TABLE $t ALTER COLUMN x TYPE bigint USING x * 2', 'UPDATE $t SET y = x::text WHERE id = 2'],
  ['ALTER TABLE $t RENAME COLUMN x TO z', 'CREATE INDEX ON $t (z)'],
  ['ALTER TABLE $t DROP COLUMN y'],
  ['DROP TABLE $t'],
];
const ALTER_ROWS: readonly string[] = [
  '[{"id":1,"x":7},{"id":2,"x":7},{"id":3,"x":7}]',
  '[{"id":1,"x":7,"y":"new"},{"id":2,"x":7,"y":"new"},{"id":3,"x":7,"y":"new"}]',
  '[{"id":1,"x":"14","y":"new"},{"id":2,"x":"14","y":"14"},{"id":3,"x":"14","y":"new"}]',
  '[{"id":1,"z":"14","y":"new"},{"id":2,"z":"14","y":"14"},{"id":3,"z":"14","y":"new"}]',
  '[{"id":1,"z":"14"},{"id":2,"z":"14"},{"id":3,"z":"14"}]',
];

/** What a writer does once; false when the server did not take it, or the connection broke. */
type Write = (batch: number) => Promise<boolean>;

/**
 * The load of a crash test and its check. Every write is a batch that carries its number and has to be there whole or not
 * at all: line protocol, INSERT, transactions over two tables, tables that are made, filled and dropped, rows that are
 * deleted again, rows that are updated, tables that are altered step by step, numbers drawn from a sequence; and VACUUM
 * now and then.
 */
export class CrashLoad {
  readonly #ledger: Ledger;
  readonly #random: SeededRandom;
  #nextBatch = 0;
  /** What a server answered that no crash explains. */
  readonly #unexpected: string[] = [];

  constructor(ledger: Ledger, random: SeededRandom) {
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Makes the tables of the load; no error when a server before the crash had made them already. */
  async prepare(server: TidewireServer): Promise<void> {
    const client = await connect(server);
    try {
      for (const [name, columns] of [
        ['sql_load', 'batch bigint, point int'],
        ['debit', 'batch bigint'],
        ['credit', 'batch bigint'],
      ]) {
        await client.query(
          `CREATE TABLE IF NOT EXISTS ${name} (time timestamptz NOT NULL, host text NOT NULL, ${columns},
           PRIMARY KEY (host, time)) WITH (tidewire.time = 'time', tidewire.tags = 'host')`,
        );
      }
      await client.query(
        `CREATE TABLE IF NOT EXISTS removable (time timestamptz NOT NULL, batch bigint, point int)
         WITH (tidewire.time = 'time')`,
      );
      await client.query(
        'CREATE TABLE IF NOT EXISTS counters (id int PRIMARY KEY, batch bigint NOT NULL, copy bigint, CHECK (copy = batch))',
      );
      await client.query('CREATE TABLE IF NOT EXISTS tickets (id bigserial PRIMARY KEY, batch bigint UNIQUE)');
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Writers beside each other until the server is gone. */
  async runUntilCrash(server: TidewireServer, { writers }: { readonly writers: number }): Promise<void> {
    const kinds = Array.from({ length: writers }, (_, writer) => writer % WRITER_KINDS);
    await Promise.all(kinds.map((kind) => this.#writeOnAndOn(server, kind)));
  }

  /** One write after the other, of all kinds in turn. True when the server took them all. */
  async runScript(server: TidewireServer, { writes }: { readonly writes: number }): Promise<boolean> {
    const client = await connect(server).catch(() => undefined);
    if (client === undefined) return false;
    try {
      for (let index = 0; index < writes; index++) {
        if (!(await this.#attempt(this.#kindOf(server, client, index % WRITER_KINDS)))) return false;
      }
      return true;
    } finally {
      client.end().catch(() => {});
    }
  }

  /** What is wrong with what the server holds; empty when all is as it must be. */
  async findProblems(server: TidewireServer): Promise<string[]> {
    const entries = await this.#ledger.read();
    const client = await connect(server);
    const problems = this.#unexpected.splice(0);
    try {
      const tables = await tableNames(client);
      const found = new Map<string, number>();
      const count = async (prefix: string, table: string, whole: number): Promise<void> => {
        if (!tables.has(table)) return;
        const points = table === 'load' || table === 'sql_load' ? 'count(DISTINCT point)' : 'count(*)';
        const { rows } = await client.query<{ batch: string; rows: string; points: string }>(
          `SELECT batch, count(*) AS rows, ${points} AS points FROM ${table} GROUP BY batch`,
        );
        for (const row of rows) {
          const key = `${prefix}${row.batch}`;
          if (Number(row.rows) !== whole || Number(row.points) !== whole) {
            problems.push(`${table} has ${row.rows} rows of batch ${row.batch} instead of ${whole}`);
          }
          if (!entries.attempted.has(key)) problems.push(`${table} has batch ${row.batch}, which nobody wrote`);
          found.set(key, (found.get(key) ?? 0) + 1);
        }
      };
      await count('lines ', 'load', POINTS_PER_BATCH);
      await count('insert ', 'sql_load', POINTS_PER_BATCH);
      await count('transfer ', 'debit', ROWS_PER_TRANSACTION);
      await count('transfer ', 'credit', ROWS_PER_TRANSACTION);
      for (const [key, times] of found) {
        if (key.startsWith('transfer ') && times !== 2) problems.push(`half of ${key} is there`);
      }
      for (const key of entries.acknowledged) {
        if (/^(lines|insert|transfer) /.test(key) && !found.has(key))
          problems.push(`${key} was acknowledged and is gone`);
      }
      problems.push(...(await this.#tableProblems(client, tables, entries)));
      if (tables.has('tickets')) problems.push(...(await changeProblems(client, tables, entries)));
    } finally {
      await client.end();
    }
    return problems;
  }

  async #tableProblems(
    client: pg.Client,
    tables: ReadonlySet<string>,
    { attempted, acknowledged }: LedgerEntries,
  ): Promise<string[]> {
    const problems: string[] = [];
    for (const key of attempted) {
      if (!key.startsWith('make table ')) continue;
      const name = key.slice('make table '.length);
      const isThere = tables.has(name);
      const wasMade = acknowledged.has(key);
      if (acknowledged.has(`drop table ${name}`)) {
        if (isThere) problems.push(`${name} was dropped and is there`);
      } else if (wasMade && !isThere && !attempted.has(`drop table ${name}`)) problems.push(`${name} is gone`);
      if (!isThere) continue;
      const { rows } = await client.query<{ rows: string }>(`SELECT count(*) AS rows FROM ${name}`);
      if (Number(rows[0]?.rows) !== ROWS_PER_TRANSACTION) problems.push(`${name} has ${rows[0]?.rows} rows`);
    }
    return problems;
  }

  async #writeOnAndOn(server: TidewireServer, kind: number): Promise<void> {
    const client = await connect(server).catch(() => undefined);
    if (client === undefined) return;
    const write = this.#kindOf(server, client, kind);
    while (await this.#attempt(write));
    client.end().catch(() => {});
  }

  async #attempt(write: Write): Promise<boolean> {
    try {
      return await write(this.#nextBatch++);
    } catch (error) {
      // The connection broke: whether this batch was stored, nobody was told.
      const code = (error as { code?: unknown }).code;
      if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57P')) {
        this.#unexpected.push(`${code}: ${(error as Error).message}`);
      }
      return false;
    }
  }

  #kindOf(server: TidewireServer, client: pg.Client, kind: number): Write {
    switch (kind) {
      case 0:
        return (batch) => this.#writeLines(server, batch);
      case 1:
        return (batch) => this.#insert(client, batch);
      case 2:
        return (batch) => this.#transfer(client, batch);
      case 3:
        return (batch) => this.#makeAndDrop(client, batch);
      case 4:
        return (batch) => this.#fillAndRemove(client, batch);
      case 5:
        return (batch) => this.#count(client, batch);
      case 6:
        return (batch) => this.#alter(client, batch);
      default:
        return (batch) => this.#drawTicket(client, batch);
    }
  }

  /** 25 points of five hosts, now and then with a tag and a field that are new. */
  async #writeLines(server: TidewireServer, batch: number): Promise<boolean> {
    const extra = this.#random.fraction() < 0.05 ? this.#random.below(1000) : undefined;
    const tag = extra === undefined ? '' : `,t${extra % 20}=x`;
    const field = extra === undefined ? '' : `,f${extra % 30}=${extra}`;
    const lines = Array.from(
      { length: POINTS_PER_BATCH },
      (_, point) =>
        `load,host=h${point % 5}${tag} batch=${batch}i,point=${point}i,value=${batch}.${point}${field} ${batch * 1000 + point}`,
    );
    await this.#ledger.begin(`lines ${batch}`);
    const { status } = await writeLines(server.httpPort, lines.join('\n'), { query: '?precision=ms' });
    if (status !== 204) throw new Error(`line protocol was answered with ${status}`);
    await this.#ledger.acknowledge(`lines ${batch}`);
    return true;
  }

  async #insert(client: pg.Client, batch: number): Promise<boolean> {
    const values = Array.from(
      { length: POINTS_PER_BATCH },
      (_, point) => `(to_timestamp(${batch} + ${point} / 1000.0), 's${point % 5}', ${batch}, ${point})`,
    );
    await this.#ledger.begin(`insert ${batch}`);
    await client.query(`INSERT INTO sql_load VALUES ${values.join(', ')}`);
    await this.#ledger.acknowledge(`insert ${batch}`);
    return true;
  }

  /** The same rows into two tables, in one transaction of several statements. */
  async #transfer(client: pg.Client, batch: number): Promise<boolean> {
    await this.#ledger.begin(`transfer ${batch}`);
    await client.query('BEGIN');
    for (let row = 0; row < ROWS_PER_TRANSACTION; row++) {
      for (const table of ['debit', 'credit']) {
        await client.query(`INSERT INTO ${table} VALUES (to_timestamp(${batch}), 'h${row}', ${batch})`);
      }
    }
    await client.query('COMMIT');
    await this.#ledger.acknowledge(`transfer ${batch}`);
    return true;
  }

  /** A table with its rows, in one transaction; half of them are dropped again. */
  async #makeAndDrop(client: pg.Client, batch: number): Promise<boolean> {
    const name = `t${batch}`;
    await this.#ledger.begin(`make table ${name}`);
    await client.query('BEGIN');
    await client.query(`CREATE TABLE ${name} (time timestamptz NOT NULL, x int) WITH (tidewire.time = 'time')`);
    const values = Array.from({ length: ROWS_PER_TRANSACTION }, (_, row) => `(to_timestamp(${row}), ${row})`);
    await client.query(`INSERT INTO ${name} VALUES ${values.join(', ')}`);
    await client.query('COMMIT');
    await this.#ledger.acknowledge(`make table ${name}`);
    if (this.#random.fraction() < 0.2) return true;
    await this.#ledger.begin(`drop table ${name}`);
    await client.query(`DROP TABLE ${name}`);
    await this.#ledger.acknowledge(`drop table ${name}`);
    return true;
  }

  /** Rows that come in one statement and go in another. */
  async #fillAndRemove(client: pg.Client, batch: number): Promise<boolean> {
    const values = Array.from({ length: ROWS_PER_TRANSACTION }, (_, row) => `(to_timestamp(${row}), ${batch}, ${row})`);
    await this.#ledger.begin(`fill ${batch}`);
    await client.query(`INSERT INTO removable VALUES ${values.join(', ')}`);
    await this.#ledger.acknowledge(`fill ${batch}`);
    if (this.#random.fraction() < 0.3) return true;
    await this.#ledger.begin(`remove ${batch}`);
    await client.query(`DELETE FROM removable WHERE batch = ${batch}`);
    await this.#ledger.acknowledge(`remove ${batch}`);
    if (this.#random.fraction() < 0.1) await client.query('VACUUM removable');
    return true;
  }

  /** A row that says which batch has written to it last; one writer does it, so that it only grows. */
  async #count(client: pg.Client, batch: number): Promise<boolean> {
    const id = this.#random.below(COUNTERS);
    await this.#ledger.begin(`count ${id} ${batch}`);
    const { rowCount } = await client.query(`UPDATE counters SET batch = ${batch}, copy = ${batch} WHERE id = ${id}`);
    if (rowCount === 0) await client.query(`INSERT INTO counters VALUES (${id}, ${batch}, ${batch})`);
    await this.#ledger.acknowledge(`count ${id} ${batch}`);
    return true;
  }

  /** A table that is changed step by step, with its rows. */
  async #alter(client: pg.Client, batch: number): Promise<boolean> {
    const name = `altered${batch}`;
    for (const [step, statements] of ALTER_STEPS.entries()) {
      await this.#ledger.begin(`alter ${batch} ${step}`);
      await client.query(statements.map((statement) => statement.replaceAll('$t', name)).join('; '));
      await this.#ledger.acknowledge(`alter ${batch} ${step}`);
    }
    return true;
  }

  async #drawTicket(client: pg.Client, batch: number): Promise<boolean> {
    await this.#ledger.begin(`ticket ${batch}`);
    await client.query(`INSERT INTO tickets (batch) VALUES (${batch})`);
    await this.#ledger.acknowledge(`ticket ${batch}`);
    return true;
  }
}

async function connect(server: TidewireServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function tableNames(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace = 2200`,
  );
  return new Set(rows.map(({ relname }) => relname));
}

/** What is wrong with rows that were deleted, updated or rewritten, or that have numbers of a sequence. */
async function changeProblems(
  client: pg.Client,
  tables: ReadonlySet<string>,
  entries: LedgerEntries,
): Promise<string[]> {
  const problems: string[] = [];
  const { rows: left } = await client.query<{ batch: string; rows: string }>(
    'SELECT batch, count(*) AS rows FROM removable GROUP BY batch',
  );
  const rowCounts = new Map(left.map(({ batch, rows }) => [batch, Number(rows)]));
  const { rows: tickets } = await client.query<{ batch: string }>('SELECT batch FROM tickets');
  const drawn = new Set(tickets.map(({ batch }) => batch));
  const { rows: counters } = await client.query<{ id: number; batch: string; copy: string }>('SELECT * FROM counters');
  const lastCounted = new Map<string, number>();
  const lastAltered = new Map<string, number>();
  const maximum = (known: Map<string, number>, key: string, value: number): void => {
    known.set(key, Math.max(known.get(key) ?? -1, value));
  };
  for (const key of entries.attempted) {
    const [what, first = '', second] = key.split(' ');
    const isAcknowledged = entries.acknowledged.has(key);
    if (what === 'fill') {
      const rowCount = rowCounts.get(first) ?? 0;
      const isToBeThere = isAcknowledged && !entries.attempted.has(`remove ${first}`);
      const isToBeGone = entries.acknowledged.has(`remove ${first}`);
      const isWhole = rowCount === ROWS_PER_TRANSACTION || rowCount === 0;
      if (!isWhole || (isToBeThere && rowCount === 0) || (isToBeGone && rowCount > 0)) {
        problems.push(`removable has ${rowCount} rows of batch ${first}`);
      }
    } else if (what === 'ticket' && isAcknowledged && !drawn.has(first)) problems.push(`${key} is gone`);
    else if (what === 'count' && isAcknowledged) maximum(lastCounted, first, Number(second));
    else if (what === 'alter') maximum(lastAltered, first, isAcknowledged ? Number(second) : -1);
  }
  for (const [id, batch] of lastCounted) {
    const found = counters.filter((row) => row.id === Number(id));
    const [row] = found;
    const isKnown = row !== undefined && row.copy === row.batch && entries.attempted.has(`count ${id} ${row.batch}`);
    if (found.length !== 1 || !isKnown) problems.push(`counter ${id} is ${JSON.stringify(found)}`);
    else if (Number(row.batch) < batch) problems.push(`counter ${id} has gone back from ${batch} to ${row.batch}`);
  }
  for (const [batch, lastStep] of lastAltered) {
    const name = `altered${batch}`;
    const isThere = tables.has(name);
    const text = isThere ? JSON.stringify((await client.query(`SELECT * FROM ${name} ORDER BY id`)).rows) : undefined;
    const step = isThere ? ALTER_ROWS.indexOf(text!) : lastStep < 0 ? -1 : ALTER_ROWS.length;
    const isAllowed =
      step === lastStep || (step === lastStep + 1 && entries.attempted.has(`alter ${batch} ${lastStep + 1}`));
    if (!isAllowed) problems.push(`${name} was at step ${lastStep} and has ${text}`);
  }
  return problems;
}
