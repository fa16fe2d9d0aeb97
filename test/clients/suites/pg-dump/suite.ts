import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { StatementClient } from '../../../support/statement-client.ts';
import type { CheckResult, ClientSuite, Side, SuiteContext, SuiteRun } from '../../harness/client-suite.ts';
import { Unavailable } from '../../harness/client-suite.ts';
import { environmentOf } from '../../harness/run-program.ts';
import { debianVersion, hasProgram } from '../../harness/workshop.ts';
import { DUMPED } from './dumped.ts';

/** pg_dump of both servers, each dump restored by psql into both. */
export const pgDump: ClientSuite = {
  name: 'pg_dump',
  client: 'pg_dump and psql',
  howToConnect: `\`pg_dump -h 127.0.0.1 -U postgres tidewire > tidewire.sql\`, and \`psql -h 127.0.0.1 -U postgres -f tidewire.sql NEW\` to restore it: into a
Tidewire or into a PostgreSQL. Dumps of a PostgreSQL are restored in the same way.`,
  tested: `a dump of the same tables, keys, indexes, views, sequences, enums, comments, rights and rows on both servers (the text has to be
the same), each restored into an empty database of either, and dumped from there again; \`--data-only --inserts\`, \`--schema-only\`,
and the directory and custom formats with \`pg_restore\`.`,
  limits: [
    '`pg_dump --jobs` is refused, as snapshots are not handed from one session to another; `pg_restore --jobs` works.',
    'What TimescaleDB or Tidewire know of a time-series table beyond PostgreSQL (its time column, tags, partitions) is not part of a dump.',
  ],
  debianPackages: ['postgresql-client-15'],
  run,
};

async function run({ ours, theirs }: SuiteContext): Promise<SuiteRun> {
  if (!hasProgram('pg_dump')) throw new Unavailable('there is no pg_dump');
  const version = debianVersion('postgresql-client-15') ?? '15';
  const sides = theirs === undefined ? [ours] : [ours, theirs];
  const checks: CheckResult[] = [];
  const check = async (name: string, body: () => Promise<string | undefined>): Promise<void> => {
    try {
      const problem = await body();
      checks.push(problem === undefined ? { name, outcome: 'passed' } : { name, outcome: 'failed', detail: problem });
    } catch (error) {
      checks.push({ name, outcome: 'failed', detail: (error as Error).message });
    }
  };
  for (const side of sides) await execute(side, DUMPED);
  const dumps = new Map<Side, string>();
  for (const side of sides) {
    await check(`dumps ${nameOf(side)}`, async () => {
      dumps.set(side, await dump(side));
      return undefined;
    });
  }
  const [our, their] = sides.map((side) => dumps.get(side) ?? '');
  if (theirs !== undefined) await check('both dumps are the same text', async () => difference(our, their));
  for (const from of sides) {
    for (const into of sides) {
      await check(`restores the dump of ${nameOf(from)} into ${nameOf(into)}, and dumps the same again`, async () =>
        inNewDatabase(into, async (restored) => {
          await tool(restored, 'psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1'], dumps.get(from));
          return difference(await dump(restored), dumps.get(from) ?? '');
        }),
      );
    }
  }
  for (const options of [
    ['--data-only', '--inserts'],
    ['--schema-only', '--no-owner', '--no-privileges'],
    ['--table=lab.*'],
  ]) {
    if (theirs === undefined) break;
    await check(`pg_dump ${options.join(' ')} says the same`, async () =>
      difference(await dump(ours, options), await dump(theirs, options)),
    );
  }
  for (const [format, flags] of Object.entries({ custom: ['-Fc'], directory: ['-Fd'] })) {
    await check(`pg_restore of a dump in the ${format} format, by two at a time`, async () =>
      inNewDatabase(ours, async (restored) => {
        const file = `${tmpdir()}/tidewire-dump-${process.pid}-${format}`;
        try {
          await tool(ours, 'pg_dump', [...flags, '-f', file]);
          await tool(restored, 'pg_restore', ['-d', restored.database, '-j', '2', '--exit-on-error', file]);
          return difference(await dump(restored), our);
        } finally {
          await tool(ours, 'rm', ['-rf', file]);
        }
      }),
    );
  }
  return { version, checks };
}

const nameOf = ({ kind }: Side): string => (kind === 'tidewire' ? 'Tidewire' : 'PostgreSQL');

/** Without what differs from one time to the next: the server's name and the key of psql's restricted mode. */
async function dump(side: Side, options: readonly string[] = []): Promise<string> {
  const text = await tool(side, 'pg_dump', [...options, side.database]);
  return text.replace(/^\\(un)?restrict .*$/gm, '').replace(/^-- Dumped (from|by) .*$/gm, '');
}

async function inNewDatabase(
  side: Side,
  body: (restored: Side) => Promise<string | undefined>,
): Promise<string | undefined> {
  const database = `${side.database}_restored`;
  const url = new URL(side.url);
  url.pathname = `/${database}`;
  await execute(side, [`DROP DATABASE IF EXISTS ${database}`, `CREATE DATABASE ${database} TEMPLATE template0`]);
  try {
    return await body({ ...side, database, url: url.href });
  } finally {
    await execute(side, [`DROP DATABASE ${database} WITH (FORCE)`]);
  }
}

async function execute(side: Side, statements: readonly string[]): Promise<void> {
  const client = await StatementClient.connect(side.url);
  try {
    for (const sql of statements) {
      const { error } = await client.ask(sql);
      if (error !== undefined) throw new Error(`${nameOf(side)}: ${error.get('M')}: ${sql}`);
    }
  } finally {
    await client.end();
  }
}

/** What the program writes. Rejects with what it complains of, unless it ends well. */
function tool(side: Side, program: string, options: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, { env: environmentOf(side, tmpdir()), stdio: 'pipe' });
    let output = '';
    let talk = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      talk += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} on ${nameOf(side)}: ${talk.trim()}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** The first lines that differ. */
function difference(our: string, their: string): string | undefined {
  if (our === their) return undefined;
  const [left, right] = [our.split('\n'), their.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  const show = (lines: readonly string[]): string => lines.slice(Math.max(at, 0), at + 4).join('\n');
  return `line ${at + 1}:\n${show(left)}\nand\n${show(right)}`;
}
