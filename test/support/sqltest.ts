import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findSqlTestFiles } from './find-sql-tests.ts';
import { formatFailures, runSqlTestFile } from './run-sql-tests.ts';
import { formatSqlTestFile, parseSqlTestFile, type SqlTestFile, type SqlTestRecord } from './sql-test-file.ts';
import { startTidewireServer } from './tidewire-server.ts';

const USAGE = `npm run sqltest -- [FILE | FOLDER …] [--url postgres://…] [--rewrite]

Runs SQL tests, all of sql-tests/ by default, against the built server, which it starts.
  --url URL      against a running PostgreSQL instead; each file works in a schema of its own, dropped at the end
  --rewrite      with --url: writes PostgreSQL's answers into the files
  --tidewire     the server at URL is a Tidewire
  --rewrite-own  writes Tidewire's answers, but into the records marked "onlyif tidewire" alone
  --server MAIN  the main.js of the server to start; default dist/main.js`;

/** The command line of the SQL tests; resolves to the exit code. */
export async function sqltest(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      rewrite: { type: 'boolean', default: false },
      'rewrite-own': { type: 'boolean', default: false },
      tidewire: { type: 'boolean', default: false },
      server: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const isPostgres = values.url !== undefined && !values.tidewire;
  const rewritesOwn = values['rewrite-own'];
  if (values.rewrite && !isPostgres) {
    console.error('--rewrite needs --url of a PostgreSQL: the answers are its answers');
    return 2;
  }
  if (rewritesOwn && isPostgres) {
    console.error('--rewrite-own is for records which PostgreSQL does not see');
    return 2;
  }
  const files = await findSqlTestFiles(positionals);
  const server = values.url === undefined ? await startTidewireServer(serverAt(values.server)) : undefined;
  const url = values.url ?? server?.url ?? '';
  let executed = 0;
  let failed = 0;
  try {
    for (const path of files) {
      const text = await readFile(path, 'utf8');
      const file = parseSqlTestFile(path, text);
      const outcome = await runSqlTestFile(file, url, isPostgres ? 'postgresql' : 'tidewire');
      executed += outcome.executed;
      if (values.rewrite || rewritesOwn) {
        const rewritten = formatSqlTestFile(file.parts.map((part, index) => pick(part, outcome.answered[index])));
        if (rewritten !== text) {
          await writeFile(path, rewritten);
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

  function pick(asked: Part, answered: Part): Part {
    const isOwn = asked.kind !== 'passage' && isOnlyForTidewire(asked);
    return isOwn === rewritesOwn ? answered : asked;
  }
}

type Part = SqlTestFile['parts'][number];

function isOnlyForTidewire({ condition }: SqlTestRecord): boolean {
  return condition?.engine === 'tidewire' ? condition.kind === 'onlyif' : condition?.kind === 'skipif';
}

function serverAt(main: string | undefined): { readonly main?: string } {
  return main === undefined ? {} : { main: resolve(main) };
}
