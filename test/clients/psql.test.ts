import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeLines } from '../support/http-write.ts';
import { startTidewireServer, type TidewireServer } from '../support/tidewire-server.ts';

const hasPsql = spawnSync('psql', ['--version']).status === 0;

/** Debian's psql; without it these tests are skipped, and the report says so. */
describe.skipIf(!hasPsql)('psql (skipped where it is not installed)', () => {
  let server: TidewireServer;

  beforeAll(async () => {
    server = await startTidewireServer();
    await writeLines(
      server.httpPort,
      'cpu,host=a usage=1.5 1704067200000000000\ncpu,host=b usage=2.5 1704070800000000000',
    );
  });
  afterAll(() => server.stop());

  function psql(...args: string[]) {
    const { stdout, stderr, status } = spawnSync(
      'psql',
      ['-X', '-h', '127.0.0.1', '-p', String(server.pgPort), ...args],
      {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C.UTF-8', USER: 'nobody-special' },
      },
    );
    return { stdout, stderr, status };
  }

  test('connects with no user, database or password', () => {
    expect(psql('-Atc', 'SELECT current_user, current_database()')).toEqual({
      stdout: 'postgres|tidewire\n',
      stderr: '',
      status: 0,
    });
  });

  test('\\dt lists the tables as PostgreSQL would', () => {
    expect(psql('-c', '\\dt').stdout).toBe(
      [
        '        List of relations',
        ' Schema | Name | Type  |  Owner   ',
        '--------+------+-------+----------',
        ' public | cpu  | table | postgres',
        '(1 row)',
        '',
        '',
      ].join('\n'),
    );
  });

  test('a query prints an aligned table', () => {
    const { stdout } = psql(
      '-c',
      "SELECT time_bucket('1 hour', time) AS h, host, avg(usage) FROM cpu GROUP BY h, host ORDER BY h, host",
    );
    expect(stdout).toBe(
      [
        '           h            | host | avg ',
        '------------------------+------+-----',
        ' 2024-01-01 00:00:00+00 | a    | 1.5',
        ' 2024-01-01 01:00:00+00 | b    | 2.5',
        '(2 rows)',
        '',
        '',
      ].join('\n'),
    );
  });

  test('an error shows the line and the place', () => {
    expect(psql('-c', 'SELECT host,\n  nope FROM cpu').stderr).toBe(
      'ERROR:  column "nope" does not exist\nLINE 2:   nope FROM cpu\n          ^\n',
    );
  });

  test('what is not there yet is refused with a place, not ignored', () => {
    const { stderr } = psql('-v', 'VERBOSITY=verbose', '-c', 'SELECT host FROM cpu TABLESAMPLE system (50)');
    expect(stderr).toMatch(/^ERROR: {2}0A000: /);
    expect(stderr).toMatch(/LINE 1: /);
  });

  test('several statements, empty statements and comments', () => {
    expect(psql('-Atc', 'SELECT 1; ; -- nothing\nSELECT 2').stdout).toBe('1\n2\n');
  });

  test('SHOW TABLES', () => {
    expect(psql('-Atc', 'SHOW TABLES').stdout).toContain('cpu');
  });
});
