import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTidewireServer } from '../support/tidewire-server.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const DATASETS = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data');

let directory: string;
let data: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidewire-import-'));
  data = join(directory, 'data');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function importFile(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'import', ...args, '--data-dir', data], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** Asks a server over the imported data. */
async function ask(...statements: string[]): Promise<unknown[][]> {
  const server = await startTidewireServer({ directory: data });
  const client = new pg.Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
  await client.connect();
  try {
    const answers: unknown[][] = [];
    for (const text of statements) answers.push((await client.query({ text, rowMode: 'array' })).rows);
    return answers;
  } finally {
    await client.end();
    await server.stop();
  }
}

test('three million real flights go in, and no equal point vanishes', { timeout: 120_000 }, async () => {
  const { status, stdout } = importFile(
    join(DATASETS, 'flights-3m.parquet'),
    ...['--table', 'flights', '--time', 'date', '--tags', 'origin,destination', '--partition', '30 days'],
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'imported 3000000 rows into flights\n' });
  const [counts, routes, span] = await ask(
    'SELECT count(*), sum(distance), count(DISTINCT origin) FROM flights',
    'SELECT count(*) FROM (SELECT DISTINCT origin, destination FROM flights) AS routes',
    "SELECT min(date) = '2001-01-01 00:01+00', max(date) = '2001-07-01 00:00+00' FROM flights",
  );
  expect(counts).toEqual([['3000000', '2194861208', '229']]);
  expect(routes).toEqual([['3399']]);
  expect(span).toEqual([[true, true]]);
});

describe('CSV', () => {
  test('types are what all values read as, empty fields are NULL', async () => {
    const path = file(
      'weather.csv',
      [
        'at,city,celsius,count,ok,note',
        '2024-01-01 00:00:00,Zürich,1.5,1,true,"a, ""quoted"" note"',
        '2024-01-01T01:00:00Z,Bern,-2,9007199254740993,false,',
        '2024-01-01 02:00:00+02,,,3,true,x',
      ].join('\n'),
    );
    expect(importFile(path, '--table', 'weather', '--time', 'at', '--tags', 'city').status).toBe(0);
    const [rows, types] = await ask(
      'SELECT at::text, city, celsius, count, ok, note FROM weather ORDER BY at, city',
      'SELECT pg_typeof(at)::text, pg_typeof(celsius)::text, pg_typeof(count)::text, pg_typeof(ok)::text FROM weather LIMIT 1',
    );
    expect(rows).toEqual([
      ['2024-01-01 00:00:00+00', 'Zürich', 1.5, '1', true, 'a, "quoted" note'],
      ['2024-01-01 00:00:00+00', null, null, '3', true, 'x'],
      ['2024-01-01 01:00:00+00', 'Bern', -2, '9007199254740993', false, null],
    ]);
    expect(types).toEqual([['timestamp with time zone', 'double precision', 'bigint', 'boolean']]);
  });
});

test('integers of 19 digits stay exact as long as they fit', async () => {
  const path = file('ns.csv', 'at,ns\n2024-01-01,1704067200000000001\n2024-01-02,9223372036854775807\n');
  expect(importFile(path, '--table', 'wide', '--time', 'at').status).toBe(0);
  const [rows] = await ask('SELECT pg_typeof(ns)::text, ns FROM wide ORDER BY at');
  expect(rows).toEqual([
    ['bigint', '1704067200000000001'],
    ['bigint', '9223372036854775807'],
  ]);
});

describe('what cannot be imported is said in one sentence, and nothing is stored', () => {
  const parquet = (): string => join(DATASETS, 'flights-3m.parquet');

  test('a Parquet file cut in half', async () => {
    const whole = readFileSync(parquet());
    const path = file('half.parquet', whole.subarray(0, whole.length / 2));
    const { status, stderr } = importFile(path, '--table', 't', '--time', 'date');
    expect(status).toBe(1);
    expect(stderr).toMatch(/not a whole Parquet file/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a Parquet file with a damaged middle', { timeout: 60_000 }, async () => {
    const damaged = Buffer.from(readFileSync(parquet()));
    damaged.fill(0xa5, damaged.length / 2, damaged.length / 2 + 4096);
    const { status, stderr } = importFile(file('damaged.parquet', damaged), '--table', 't', '--time', 'date');
    expect(status).toBe(1);
    expect(stderr).toMatch(/not a whole Parquet file/);
    const [tables] = await ask("SELECT relname FROM pg_class WHERE relname = 't'");
    expect(tables).toEqual([]);
  });

  const csv = 'at,host,v\n2024-01-01,a,1\n2024-01-02,b,2\n';
  const cases: Record<string, { name?: string; content?: string | Uint8Array; args: string[]; reason: RegExp }> = {
    'a time column that is none': { args: ['--time', 'v'], reason: /column "v" is no time column: its type is bigint/ },
    'a time column that is missing': { args: ['--time', 'when'], reason: /no column "when"/ },
    'a tag that is missing': { args: ['--time', 'at', '--tags', 'hots'], reason: /no column "hots"/ },
    'the time column as a tag': { args: ['--time', 'at', '--tags', 'at'], reason: /time and tag at once/ },
    'a time that is empty': {
      content: 'at,v\n2024-01-01,1\n,2\n',
      args: ['--time', 'at'],
      reason: /row 2 has no time/,
    },
    'a time that does not exist': {
      content: 'at,v\n2024-13-45,1\n',
      args: ['--time', 'at'],
      reason: /line 2, column "at"/,
    },
    'a row with too many fields': { content: 'at,v\n2024-01-01,1,2\n', args: ['--time', 'at'], reason: /t\.csv: / },
    'two columns of one name': { content: 'at,at\n2024-01-01,1\n', args: ['--time', 'at'], reason: /two columns/ },
    'an empty file': { content: '', args: ['--time', 'at'], reason: /is empty/ },
    'another kind of file': { name: 't.xlsx', args: ['--time', 'at'], reason: /neither in \.parquet nor in \.csv/ },
    'a partition that is none': { args: ['--time', 'at', '--partition', '1 month'], reason: /--partition takes/ },
    'a partition in no known unit': { args: ['--time', 'at', '--partition', 'weekly'], reason: /--partition takes/ },
    'a text in another encoding': {
      content: Buffer.from('at,v\n2024-01-01,Z\xfcrich\n', 'latin1'),
      args: ['--time', 'at'],
      reason: /not a text in UTF-8/,
    },
    'a table without a name': { args: ['--time', 'at', '--table', ''], reason: /--table is empty/ },
    'a table with a long name': { args: ['--time', 'at', '--table', 'ä'.repeat(32)], reason: /at most 63 bytes/ },
    'a column with a long name': {
      content: `at,${'x'.repeat(64)}\n2024-01-01,1\n`,
      args: ['--time', 'at'],
      reason: /at most 63 bytes/,
    },
    'a database that is none': { args: ['--time', 'at', '--database', 'x'], reason: /no database "x"/ },
  };
  for (const [title, { name = 't.csv', content = csv, args, reason }] of Object.entries(cases)) {
    test(title, () => {
      const { status, stderr } = importFile(file(name, content), '--table', 't', ...args);
      expect(status).toBe(1);
      expect(stderr).toMatch(reason);
      expect(stderr).not.toMatch(/internal error|\n\s+at /);
    });
  }

  test('an import that is interrupted', async () => {
    const child = spawn(
      process.execPath,
      [MAIN, 'import', parquet(), '--table', 't', '--time', 'date', '--data-dir', data],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      // The bar is drawn once the import has begun.
      if (stderr === '') child.kill('SIGINT');
      stderr += chunk;
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(status).toBe(1);
    expect(stderr).toMatch(/interrupted by SIGINT; nothing is kept/);
    const [tables] = await ask("SELECT relname FROM pg_class WHERE relname = 't'");
    expect(tables).toEqual([]);
  });

  test('a file that is missing', () => {
    expect(importFile(join(directory, 'none.csv'), '--table', 't', '--time', 'at').stderr).toMatch(/no such file/);
  });

  test('a table that exists', () => {
    const path = file('t.csv', csv);
    expect(importFile(path, '--table', 't', '--time', 'at').status).toBe(0);
    const again = importFile(path, '--table', 't', '--time', 'at');
    expect([again.status, again.stderr]).toEqual([1, expect.stringMatching(/relation "t" already exists/)]);
  });
});
