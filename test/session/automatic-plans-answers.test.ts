import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scanLiterals } from '../../src/sql/syntax/scan-literals.ts';
import { findSqlTestFiles } from '../support/find-sql-tests.ts';
import { formatFailures, runSqlTestFile } from '../support/run-sql-tests.ts';
import { parseSqlTestFile, type SqlTestRecord } from '../support/sql-test-file.ts';
import type { StatementClient } from '../support/statement-client.ts';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

/** Where nearly all is SELECT. */
const FOLDERS = ['aggregate', 'join', 'select', 'set-operations', 'subquery', 'time', 'time-series'];
const files = await findSqlTestFiles(FOLDERS.map((folder) => `sql-tests/${folder}`));

/** What leaves a trace, or takes its time with other numbers. */
const NOT_REPEATED =
  /insert|update|delete|lock|into|nextval|setval|set_config|pg_|random|seed|sleep|notify|hypertable|recursive/i;

/**
 * The answers of sql-tests/ once more, where the server has planned two texts before that differ in their literals alone,
 * so that it need not parse the one that is asked.
 */
describe('a text that is run with the plan of another one has the answer of its own', () => {
  let server: TidewireServer;

  beforeAll(async () => {
    server = await startTidewireServer();
  });

  afterAll(async () => {
    await server?.stop();
  });

  for (const path of files) {
    test(path, async () => {
      const file = parseSqlTestFile(path, readFileSync(path, 'utf8'));
      const { failures, executed } = await runSqlTestFile(file, server.url, 'tidewire', askOthersFirst);
      expect(formatFailures(failures)).toBe('');
      expect(executed).toBeGreaterThan(0);
    });
  }
});

/** Statements that leave no trace, also where they fail. */
async function askOthersFirst(client: StatementClient, record: SqlTestRecord): Promise<void> {
  const { sql, isExtended, isBinary, bindings, isBackground } = record;
  if (isExtended || isBinary || isBackground || bindings.length > 0) return;
  if (!/^\s*(select|with|values|\()/i.test(sql) || NOT_REPEATED.test(sql)) return;
  const { transactionStatus } = await client.ask('');
  if (transactionStatus !== 'I') return;
  for (const text of variantsOf(sql)) await client.ask(text);
}

/** The text with other literals, or with blanks behind it where that may fail. */
function variantsOf(sql: string): string[] {
  const scanned = scanLiterals(sql);
  if (scanned === undefined) return [];
  return [1, 2].flatMap((round) => {
    let text = '';
    let copied = 0;
    for (const { start, end, value, kind } of scanned.literals) {
      text += sql.slice(copied, start);
      if (kind === 'string') text += `'${value.replaceAll("'", "''")}'`;
      else if (kind === 'integer' && value.length < 6) text += String(Number(value) + round);
      else text += value;
      copied = end;
    }
    return [`${sql}${' '.repeat(round)}`, text + sql.slice(copied)];
  });
}
