import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchModule } from './bench-module.ts';

const { CpuPoints } = await benchModule('generators/cpu-points.mjs');
const { rowsOf, strangeInserts } = await benchModule('datasets/rough-rows.mjs');
const { chunksOf, withFiles } = await benchModule('datasets/rows-source.mjs');
const { csvAsLines } = await benchModule('lib/csv-as-lines.mjs');

const directory = mkdtempSync(join(tmpdir(), 'tidewire-bench-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function textOf(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}

function pointsOf(hosts: number, days: number[], format: string): string {
  const points = new CpuPoints(hosts);
  return days.flatMap((day) => [...points.chunks(day, format)].map(([text]) => text)).join('');
}

describe('The points of the cpu set', () => {
  test('are the same each time, and whether they come at once or day by day', () => {
    expect(pointsOf(2, [1, 2], 'csv')).toBe(pointsOf(2, [2], 'csv'));
  });

  test('have the same values in each format', () => {
    const [line] = pointsOf(1, [1], 'lines').split('\n');
    const [row] = pointsOf(1, [1], 'csv').split('\n');
    const cells = row.split(',');
    const fields = [...line.matchAll(/=(\d+)i/g)].map((match) => match[1]);
    expect(cells[0]).toBe('2024-01-01 00:00:00+00');
    expect(cells.slice(11)).toEqual(fields);
    expect(line.endsWith(' 1704067200000000000')).toBe(true);
    expect(pointsOf(1, [1], 'csv').trimEnd().split('\n')).toHaveLength(8640);
  });
});

describe('Rows of a file', () => {
  const file = join(directory, 'rows.csv');
  writeFileSync(file, 'head\na\nb\nc\n');

  test('are taken or left by their number, which does not count the header', async () => {
    const rewrite = (row: string, number: number) => (number === 1 ? undefined : `${number}${row}`);
    expect(await textOf(rowsOf(file, rewrite, { hasHeader: true }))).toBe('0a\n2c\n');
    expect(await textOf(rowsOf(file, rewrite))).toBe('0head\n2b\n3c\n');
  });

  test('come from the file or from a generator', async () => {
    expect(await textOf(chunksOf(file))).toBe('head\na\nb\nc\n');
    expect(await textOf(chunksOf(() => [Buffer.from('x\n')]))).toBe('x\n');
  });

  test('of a generator stand in a file as long as somebody reads them', async () => {
    const { readFileSync, existsSync } = await import('node:fs');
    let seen = '';
    let path = '';
    await withFiles(
      () => [Buffer.from('x\n'), Buffer.from('y\n')],
      (piece: string) => {
        path = piece;
        seen += readFileSync(piece, 'utf8');
      },
    );
    expect(seen).toBe('x\ny\n');
    expect(existsSync(path)).toBe(false);
  });

  test('become line protocol, with blanks of tags escaped', async () => {
    writeFileSync(join(directory, 'table.csv'), '2024-01-01 00:00:01+00,a b,1.5,2,y\n');
    const table = {
      name: 't',
      tags: ['k'],
      fields: [
        ['f', 'double precision'],
        ['i', 'bigint'],
        ['s', 'text'],
      ],
      csv: join(directory, 'table.csv'),
    };
    expect(await textOf(csvAsLines(table))).toBe('t,k=a\\ b f=1.5,i=2i,s="y" 1704067201000000000\n');
  });
});

test('Strange rows are inserted 200 at a time, the same ones each time', () => {
  const make = () =>
    strangeInserts('t', 450, (pick: (values: string[]) => string, number: number) => [number, pick(['1', 'NULL'])]);
  const statements = make();
  expect(statements).toHaveLength(3);
  expect(statements[2].match(/\(\d+, /g)).toHaveLength(50);
  expect(statements[2]).toContain('(449, ');
  expect(make()).toEqual(statements);
});
