import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, StatementClient } from '../support/statement-client.ts';
import { startTidewireServer } from '../support/tidewire-server.ts';
import { showAnswer } from './compare-answers.ts';

const SEPARATOR = /^-- ;;$/m;
/** Nothing that reaches beyond a database, waits, or ends somebody's session. */
const OUT_OF_BOUNDS =
  /pg_sleep|pg_terminate|pg_cancel|pg_reload|\balter\s+system|\b(create|alter|drop)\s+(database|role|user|group|tablespace|subscription|extension)|\bprepare\s+transaction|\bcopy\b.*\b(program|to\s+'|from\s+')|\blo_/is;

/** The tables that the recorded statements are about. */
const FIXTURE = [
  'CREATE TABLE vendors (id int PRIMARY KEY, name text)',
  'CREATE TABLE trips (id int PRIMARY KEY, pickup timestamptz, vendor_id int REFERENCES vendors, fare float8, distance numeric(10, 2), payment text, tags text[])',
  'CREATE TABLE cpu (time timestamptz NOT NULL, host text, region text, usage_user float8, usage_system float8, count int8, ok bool)',
  "INSERT INTO vendors VALUES (1, 'one'), (2, NULL)",
  "INSERT INTO trips VALUES (1, '2024-02-29 12:00:00+00', 1, 7.5, 1.25, 'card', '{a,b}'), (2, NULL, 2, NULL, NULL, 'cash', NULL)",
  "INSERT INTO cpu VALUES ('2024-02-29 12:00:00+00', 'host_1', 'eu', 0.5, 0.25, 1, true), ('2024-02-29 12:01:00+00', 'host_1', 'eu', NULL, 1, 500, false)",
];

interface Tally {
  count: number;
  readonly example: string;
}

/**
 * Runs the statements that clients were seen to send, each file on sessions of its own, and tells where the two differ
 * in kind: SQLSTATE, or the shape of the result. What is in catalogs is each server's own and is not compared.
 */
export async function runCorpus(directory: string, main: string, postgresUrl: string): Promise<string> {
  if (!existsSync(directory)) return `corpus: ${directory} is not here, so nothing of it was run`;
  const server = await startTidewireServer({ main });
  const tallies = new Map<string, Tally>();
  let executed = 0;
  let equal = 0;
  try {
    for (const path of (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.sql')).sort()) {
      const statements = (await readFile(join(directory, path), 'utf8')).split(SEPARATOR).map((text) => text.trim());
      let ours = await StatementClient.connect(server.url);
      const theirs = await StatementClient.connect(postgresUrl);
      await theirs.ask('BEGIN; CREATE SCHEMA corpus; SET search_path TO corpus, public; COMMIT');
      for (const text of FIXTURE) await Promise.all([ours.ask(text), theirs.ask(text)]);
      for (const statement of statements) {
        if (statement === '' || OUT_OF_BOUNDS.test(statement)) continue;
        executed++;
        const request = { sql: statement, extended: !/;\s*\S/.test(statement), values: nullsFor(statement) };
        const other = await theirs.ask(request);
        const own = await ours.ask(request).catch(() => undefined);
        if (own === undefined) ours = await StatementClient.connect(server.url);
        // What follows an error on one side only says nothing.
        if (own !== undefined && own.transactionStatus !== other.transactionStatus) {
          await Promise.all([ours.ask('ROLLBACK'), theirs.ask('ROLLBACK')]);
        }
        const kind = differenceInKind(own, other);
        if (kind === undefined) {
          equal++;
          continue;
        }
        const known = tallies.get(kind);
        if (known === undefined)
          tallies.set(kind, { count: 1, example: `${path}: ${statement.replace(/\s+/g, ' ').slice(0, 160)}` });
        else known.count++;
      }
      for (const name of ['cpu', 'trips', 'vendors']) await ours.ask(`DROP TABLE IF EXISTS ${name}`);
      await ours.end();
      await theirs.ask('ROLLBACK');
      await theirs.ask('DROP SCHEMA corpus CASCADE');
      await theirs.end();
    }
  } finally {
    await server.stop();
  }
  const lines = [...tallies]
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([kind, { count, example }]) => `${String(count).padStart(6)}  ${kind}    e.g. ${example}`);
  return [`corpus: ${executed} statements, ${equal} alike in kind`, ...lines, ''].join('\n');
}

/** What the clients bound is not known. */
function nullsFor(statement: string): readonly null[] {
  const numbers = [...statement.matchAll(/\$(\d+)/g)].map(([, digits]) => Number(digits));
  return new Array(Math.max(0, ...numbers)).fill(null);
}

/** Undefined when both fail with one SQLSTATE, or both succeed with columns of the same names and types. */
function differenceInKind(ours: Answer | undefined, theirs: Answer): string | undefined {
  if (ours === undefined) return 'the connection broke';
  const own = ours.error?.get('C');
  const other = theirs.error?.get('C');
  if (own !== other) {
    const said = ours.error === undefined ? 'ours succeeds' : `ours: ${showAnswer(ours).replace(/ @\d+/, '')}`;
    return `${said} / ${other === undefined ? 'PostgreSQL succeeds' : `PostgreSQL: ${other}`}`;
  }
  if (own !== undefined) return undefined;
  const shape = ({ results }: Answer) =>
    results
      .map(({ columns }) => columns?.map(({ name, typeOid }) => `${name}:${typeOid}`).join(', ') ?? 'none')
      .join('; ');
  return shape(ours) === shape(theirs) ? undefined : 'other columns';
}
