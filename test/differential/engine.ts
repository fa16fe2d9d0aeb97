import { type Answer, StatementClient } from '../support/statement-client.ts';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';
import type { GeneratedTable } from './generator/schema.ts';
import type { GeneratedCase } from './generator/statements.ts';
import { OWN_TYPES } from './generator/values.ts';
import { render } from './sql-tree.ts';

/** The answers to a case: to the statement, and to the look at what it has changed. */
export type CaseAnswers = readonly Answer[];

const STATEMENT_TIMEOUT = "SET statement_timeout TO '10s'";

/** A server that is asked the same as another one. */
export class Engine {
  readonly name: 'tidewire' | 'postgresql';
  readonly #connect: () => Promise<StatementClient>;
  #client: StatementClient | undefined;
  #settings: readonly string[] = [];

  constructor(name: Engine['name'], connect: () => Promise<StatementClient>) {
    this.name = name;
    this.#connect = connect;
  }

  async client(): Promise<StatementClient> {
    if (this.#client === undefined || this.#client.isClosed) {
      this.#client = await this.#connect();
      for (const setting of [STATEMENT_TIMEOUT, ...this.#settings]) await this.#client.ask(setting);
    }
    return this.#client;
  }

  /** The answers to each case; one that breaks the connection has none, and those after it are asked anew. */
  async run(cases: readonly GeneratedCase[]): Promise<(CaseAnswers | undefined)[]> {
    const client = await this.client();
    const settled = await Promise.allSettled(cases.map((one) => askCase(client, one)));
    const answers: (CaseAnswers | undefined)[] = [];
    for (const [index, outcome] of settled.entries()) {
      if (outcome.status === 'fulfilled') {
        answers.push(outcome.value);
      } else if (cases.length === 1) {
        answers.push(undefined);
      } else {
        answers.push(...(await this.run([cases[index]])));
      }
    }
    return answers;
  }

  /** Also of connections to come; what was said against them. */
  async set(settings: readonly string[]): Promise<readonly string[]> {
    this.#settings = settings;
    const client = await this.client();
    await client.ask('ROLLBACK');
    const answers = await Promise.all(settings.map((setting) => client.ask(setting)));
    return answers.map(({ error }) => error?.get('M') ?? '');
  }

  /** Makes tables anew; resolves to the names of those that could not be made, with what was said. */
  async makeTables(tables: readonly GeneratedTable[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const client = await this.client();
    await client.ask('ROLLBACK');
    for (const { name } of tables.toReversed()) await client.ask(`DROP TABLE IF EXISTS ${name} CASCADE`);
    for (const { name } of tables.toReversed()) await client.ask(`DROP TABLE IF EXISTS ${name}`);
    const refusals = new Map<string, string[]>();
    for (const type of OWN_TYPES) {
      await client.ask(`DROP TYPE IF EXISTS ${type.name}`);
      await client.ask(type.create);
    }
    for (const table of tables) {
      const answers = await Promise.all([...table.create[this.name], ...table.rows].map((text) => client.ask(text)));
      const said = answers.flatMap(({ error }) => (error === undefined ? [] : [`${error.get('C')} ${error.get('M')}`]));
      if (said.length > 0) refusals.set(table.name, said);
    }
    return refusals;
  }

  /** The rows of tables as text, in an order of their own. */
  async contents(tables: readonly GeneratedTable[]): Promise<readonly string[]> {
    const client = await this.client();
    const answers = await Promise.all(tables.map(({ name }) => client.ask(`SELECT * FROM ${name}`)));
    return answers.map(({ results, error }) => {
      const rows = results[0]?.rows.map((row) => row.map((value) => value?.toString('utf8') ?? null)) ?? [];
      return (
        error?.get('M') ??
        rows
          .map((row) => JSON.stringify(row))
          .sort()
          .join('\n')
      );
    });
  }

  async dropTable(name: string): Promise<void> {
    await (await this.client()).ask(`DROP TABLE IF EXISTS ${name} CASCADE`);
  }

  async end(): Promise<void> {
    await this.#client?.end();
  }
}

async function askCase(client: StatementClient, one: GeneratedCase): Promise<CaseAnswers> {
  const { tree, look, protocol, before } = one;
  const statement = render(tree);
  const values = usedValues(statement, one.values ?? []);
  const isExtended = protocol === 'extended';
  if (look === undefined && before === undefined) {
    return [await client.ask({ sql: statement, values, ...(isExtended ? { format: 'both' as const } : {}) })];
  }
  const asked = [
    client.ask('BEGIN'),
    ...(before ?? []).map((text) => client.ask(text)),
    client.ask({ sql: statement, values, ...(isExtended ? { format: 'text' as const } : {}) }),
    ...(look === undefined ? [] : [client.ask({ sql: look, format: 'both' })]),
    client.ask('ROLLBACK'),
  ];
  return (await Promise.all(asked)).slice(1 + (before?.length ?? 0), -1);
}

/** When a statement was made simpler, its last parameters may not be in it any more. */
export function usedValues(statement: string, values: readonly (string | null)[]): readonly (string | null)[] {
  let count = values.length;
  while (count > 0 && !new RegExp(`\\$${count}\\b`).test(statement)) count--;
  return values.slice(0, count);
}

export interface Engines {
  readonly ours: Engine;
  readonly theirs: Engine;
  /** What our server last wrote of errors of its own. */
  lastErrors(): readonly string[];
  end(): Promise<void>;
}

/** Our server, started from its main.js, and a database of our own in the PostgreSQL at a URL. */
export async function startEngines(main: string, postgresUrl: string): Promise<Engines> {
  const database = `differential_${process.pid}`;
  const keeper = await StatementClient.connect(postgresUrl);
  await keeper.ask(`DROP DATABASE IF EXISTS ${database}`);
  const created = await keeper.ask(`CREATE DATABASE ${database} TEMPLATE template0`);
  if (created.error !== undefined) throw new Error(`CREATE DATABASE: ${created.error.get('M')}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${database}`;
  let server: TidewireServer | undefined;
  const ours = new Engine('tidewire', async () => {
    try {
      if (server !== undefined) return await StatementClient.connect(server.url);
    } catch {
      await server?.stop();
    }
    server = await startTidewireServer({ main });
    return StatementClient.connect(server.url);
  });
  const theirs = new Engine('postgresql', () => StatementClient.connect(url.href));
  return {
    ours,
    theirs,
    lastErrors: () => (server?.log ?? []).filter((line) => /"level":"?(error|fatal|50|60)/.test(line)),
    async end() {
      await ours.end();
      await theirs.end();
      await keeper.ask(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      await keeper.end();
      await server?.stop();
    },
  };
}
