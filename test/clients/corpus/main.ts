import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StatementClient } from '../../support/statement-client.ts';
import { startTidewireServer } from '../../support/tidewire-server.ts';
import { hasPsql, runPsqlCommands } from './psql-commands.ts';
import { type Outcome, runCorpus } from './run-corpus.ts';
import { Side } from './side.ts';

const DEFAULT_CORPUS = '../shared/client-corpus';

const SLOWEST = 8;

const USAGE = `npm run test:corpus -- [options]

Runs what real clients were recorded to send on the built server, which it starts, and on a PostgreSQL 15, over the same
tables, and compares columns, types and the rows about these tables.
  --corpus DIR    the recordings; default ${DEFAULT_CORPUS}. Where there are none, nothing is run, and said so
  --url URL       of the PostgreSQL 15; default $POSTGRES_URL
  --server MAIN   the main.js of our server; default dist/main.js
  --only TEXT     files whose path has TEXT in it
  --psql          psql's own commands instead, where it is installed
  --report FILE   writes every difference to FILE`;

/** The command line of the comparison; resolves to the exit code. */
export async function corpus(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      corpus: { type: 'string', default: DEFAULT_CORPUS },
      url: { type: 'string' },
      server: { type: 'string', default: 'dist/main.js' },
      only: { type: 'string' },
      psql: { type: 'boolean', default: false },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const url = values.url ?? process.env.POSTGRES_URL;
  if (values.help || url === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  if (values.psql ? !hasPsql() : !existsSync(values.corpus)) {
    if (values.psql) console.log('psql is not installed, so none of its commands was run');
    if (values.psql) return 0;
    console.log(`${values.corpus} is not here, so no recorded statement was run`);
    return 0;
  }
  const database = `corpus_${process.pid}`;
  const keeper = await StatementClient.connect(url);
  await keeper.ask(`CREATE DATABASE ${database} TEMPLATE template0`);
  const postgresUrl = new URL(url);
  postgresUrl.pathname = `/${database}`;
  const server = await startTidewireServer({ main: resolve(values.server) });
  try {
    const ourUrl = new URL(server.url);
    ourUrl.pathname = '/tidewire';
    if (values.psql) return await comparePsql(ourUrl.href, postgresUrl.href, values.report);
    const outcomes = await runCorpus({
      directory: values.corpus,
      ourUrl: ourUrl.href,
      postgresUrl: postgresUrl.href,
      only: values.only,
    });
    console.log(summary(outcomes));
    if (values.report !== undefined) await writeFile(values.report, report(outcomes));
    return outcomes.some(({ difference, reason }) => difference !== undefined && reason === undefined) ? 1 : 0;
  } finally {
    await server.stop();
    await keeper.ask(`DROP DATABASE ${database} WITH (FORCE)`);
    await keeper.end();
  }
}

async function comparePsql(ourUrl: string, postgresUrl: string, file: string | undefined): Promise<number> {
  for (const url of [ourUrl, postgresUrl]) {
    const side = new Side(url);
    await side.reset();
    await side.end();
  }
  const outcomes = runPsqlCommands(ourUrl, postgresUrl);
  const different = outcomes.filter(({ difference }) => difference !== undefined);
  const unexplained = different.filter(({ reason }) => reason === undefined);
  console.log(
    `${outcomes.length} commands: ${different.length} print something else, ${unexplained.length} of them without a reason`,
  );
  const show = (shown: typeof outcomes): string =>
    shown
      .map(({ command, difference, reason }) => {
        const why = reason === undefined ? '' : ` (${reason})`;
        return `== ${command}${why}\n--- PostgreSQL\n${difference?.theirs}\n--- ours\n${difference?.ours}`;
      })
      .join('\n');
  if (file !== undefined) await writeFile(file, show(different));
  if (unexplained.length > 0) console.log(show(unexplained));
  return unexplained.length === 0 ? 0 : 1;
}

function summary(outcomes: readonly Outcome[]): string {
  const executed = outcomes.filter(({ hasFailed }) => !hasFailed).length;
  const equal = outcomes.filter(({ difference }) => difference === undefined).length;
  const explained = outcomes.filter(({ reason }) => reason !== undefined).length;
  const share = (count: number): string => `${count} (${((100 * count) / outcomes.length).toFixed(1)} %)`;
  const kinds = new Map<string, number>();
  for (const { difference, reason } of outcomes) {
    if (difference === undefined || reason !== undefined) continue;
    const kind = difference.replace(/ @\d+/, '').slice(0, 140);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const times = outcomes.map(({ ourMs }) => ourMs).sort((left, right) => left - right);
  const at = (quantile: number): string => (times[Math.floor(quantile * (times.length - 1))] ?? 0).toFixed(2);
  return [
    `${outcomes.length} statements: ${share(executed)} execute, ${share(equal)} equal, ${explained} explained`,
    `ours take ${at(0.5)} ms in the middle, ${at(0.95)} ms at 95 %, ${at(1)} ms at most`,
    ...slowest(outcomes),
    ...[...kinds].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${String(count).padStart(5)}  ${kind}`),
  ].join('\n');
}

function slowest(outcomes: readonly Outcome[]): string[] {
  return [...outcomes]
    .sort((left, right) => right.ourMs - left.ourMs)
    .slice(0, SLOWEST)
    .map(
      ({ file, number, ourMs, theirMs }) =>
        `  ${ourMs.toFixed(1)} ms (PostgreSQL ${theirMs.toFixed(1)}): ${file} ${number}`,
    );
}

function report(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ difference }) => difference !== undefined)
    .map(
      ({ file, number, statement, difference, reason }) =>
        `== ${file} ${number}${reason === undefined ? '' : ` (${reason})`}\n${difference}\n${statement}\n`,
    )
    .join('\n');
}
