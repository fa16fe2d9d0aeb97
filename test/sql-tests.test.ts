import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findSqlTestFiles } from './support/find-sql-tests.ts';
import { formatFailures, runSqlTestFile } from './support/run-sql-tests.ts';
import { parseSqlTestFile } from './support/sql-test-file.ts';
import { startTidewireServer, type TidewireServer } from './support/tidewire-server.ts';

const files = await findSqlTestFiles();

/** Every file of sql-tests/ through pgwire, against the built server. PostgreSQL wrote the answers. */
describe('the server answers as PostgreSQL does', () => {
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
      const { failures, executed } = await runSqlTestFile(file, server.url, 'tidewire');
      expect(formatFailures(failures)).toBe('');
      expect(executed).toBeGreaterThan(0);
    });
  }
});
