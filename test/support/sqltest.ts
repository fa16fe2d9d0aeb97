import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { findSqlTestFiles } from './find-sql-tests.ts';
import { formatFailures, runSqlTestFile } from './run-sql-tests.ts';
import { parseSqlTestFile } from './sql-test-file.ts';
import { startTidewireServer } from './tidewire-server.ts';

const USAGE = `npm run sqltest -- [FILE | FOLDER …] [--url postgres://…] [--rewrite] [--tidewire]

Runs SQL tests, all of sql-tests/ by default, against the built server, which it starts.
  --url URL    against a running PostgreSQL instead; each file works in a schema of its own, dropped at the end
  --tidewire   the server at URL is a Tidewire
  --rewrite    with --url: writes PostgreSQL's answers into the files`;

/** The command line of the SQL tests; resolves to the exit code. */
export async function sqltest(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      rewrite: { type: 'boolean', default: false },
      tidewire: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const isPostgres = values.url !== undefined && !values.tidewire;
  if (values.rewrite && !isPostgres) {
    console.error('--rewrite needs --url of a PostgreSQL: the answers are its answers');
    return 2;
  }
  const files = await findSqlTestFiles(positionals);
  const server = values.url === undefined ? await startTidewireServer() : undefined;
  const url = values.url ?? server?.url ?? '';
  let executed = 0;
  let failed = 0;
  try {
    for (const path of files) {
      const text = await readFile(path, 'utf8');
      const file = parseSqlTestFile(path, text);
      const outcome = await runSqlTestFile(file, url, isPostgres ? 'postgresql' : 'tidewire');
      executed += outcome.executed;
      if (values.rewrite) {
        if (outcome.rewritten !== text) {
          await writeFile(path, outcome.rewritten);
          console.log(`rewrote ${path}`);
        }
      } else if (outcome.failures.length > 0) {
        failed += outcome.failures.length;
        console.log(`${formatFailures(outcome.failures)}\n`);
      }
    }
  } finally {
    await server?.stop();
  }
  console.log(`${files.length} files, ${executed} records, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
