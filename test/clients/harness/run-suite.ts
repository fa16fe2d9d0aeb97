import { resolve } from 'node:path';
import { StatementClient } from '../../support/statement-client.ts';
import { startTidewireServer } from '../../support/tidewire-server.ts';
import { type CheckResult, type ClientSuite, type Side, Unavailable } from './client-suite.ts';
import type { Workshop } from './workshop.ts';

/** What a suite came to, as it stands in test/clients/results.json. */
export interface SuiteResult {
  readonly suite: string;
  readonly client: string;
  readonly version: string;
  /** `PostgreSQL 15.18`; undefined when nothing was compared. */
  readonly comparedWith?: string;
  /** Why the whole suite was not run. */
  readonly skipped?: string;
  readonly checks: readonly CheckResult[];
}

export interface SuiteOptions {
  readonly workshop: Workshop;
  /** Of a PostgreSQL on which databases can be made. */
  readonly postgresUrl: string | undefined;
  /** The built main.js. */
  readonly main: string;
}

/** Runs a suite against a server of its own, and beside it on the PostgreSQL, in a new database each. */
export async function runSuite(suite: ClientSuite, options: SuiteOptions): Promise<SuiteResult> {
  const { name, client } = suite;
  const skipped = (reason: string): SuiteResult => ({ suite: name, client, version: '', skipped: reason, checks: [] });
  try {
    options.workshop.debian(suite.debianPackages ?? []);
  } catch (error) {
    if (error instanceof Unavailable) return skipped(error.message);
    throw error;
  }
  const server = await startTidewireServer({
    main: resolve(options.main),
    ...(suite.serverArguments === undefined ? {} : { arguments: suite.serverArguments }),
  });
  const database = `clients_${name.replace(/[^a-z0-9]+/g, '_')}_${process.pid}`;
  const made: string[] = [];
  try {
    await make(server.url);
    if (options.postgresUrl !== undefined) await make(options.postgresUrl);
    const theirs = options.postgresUrl === undefined ? undefined : sideAt(options.postgresUrl, 'postgresql');
    const { version, checks } = await suite.run({
      ours: sideAt(server.url, 'tidewire'),
      theirs,
      workshop: options.workshop,
    });
    const comparedWith = options.postgresUrl === undefined ? undefined : await versionOf(options.postgresUrl);
    return { suite: name, client, version, ...(comparedWith === undefined ? {} : { comparedWith }), checks };
  } catch (error) {
    if (error instanceof Unavailable) return skipped(error.message);
    throw error;
  } finally {
    await server.stop();
    if (options.postgresUrl !== undefined && made.includes(options.postgresUrl)) {
      await ask(options.postgresUrl, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    }
  }

  async function make(url: string): Promise<void> {
    await ask(url, `CREATE DATABASE ${database} TEMPLATE template0`);
    made.push(url);
  }

  function sideAt(url: string, kind: Side['kind']): Side {
    const { hostname, port, username } = new URL(url);
    const own = new URL(url);
    own.pathname = `/${database}`;
    return { kind, url: own.href, host: hostname, port: Number(port), user: username || 'postgres', database };
  }
}

async function versionOf(url: string): Promise<string> {
  const number = await ask(url, "SELECT split_part(current_setting('server_version'), ' ', 1)");
  return `PostgreSQL ${number}`;
}

/** The first value of the answer. Throws what the server says. */
async function ask(url: string, sql: string): Promise<string | undefined> {
  const client = await StatementClient.connect(url);
  try {
    const { error, results } = await client.ask(sql);
    if (error !== undefined) throw new Error(`${error.get('M')}: ${sql}`);
    return results[0]?.rows[0]?.[0]?.toString();
  } finally {
    await client.end();
  }
}
