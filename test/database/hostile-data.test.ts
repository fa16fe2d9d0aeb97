import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database, type ResultValue } from '../../src/index.ts';
import {
  type HostileRow,
  type HostileTable,
  hostileTables,
  quoteName,
  rowsAfterInserts,
  rowsAfterLines,
  TYPE_CHANGE_TABLE,
  TYPE_CHANGES,
  toCreateTable,
  toInserts,
  toLines,
} from '../support/hostile-data.ts';

const SEED = 20_261_120;
const NANOS_1970_TO_2000 = 946_684_800_000_000_000n;

/** What a query gives for the same rows, as text, in no particular order. */
function rendered(rows: readonly HostileRow[]): string[] {
  return rows.map((row) => JSON.stringify(row.map((value) => (value === null ? null : valueText(value))))).sort();
}

function valueText(value: NonNullable<ResultValue>): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

async function read(database: Database, table: HostileTable, hasNanoseconds: boolean): Promise<string[]> {
  const time = '(extract(epoch FROM time) * 1000000)::bigint - 946684800000000 AS micros';
  const columns = [...table.tagNames, ...table.fields.map(({ name }) => name)];
  const nanoseconds = hasNanoseconds ? 'time_ns' : 'NULL::bigint AS time_ns';
  const list = [time, nanoseconds, ...columns.map((name, index) => `${quoteName(name)} AS c${index}`)].join(', ');
  const { rows } = await database.query(`SELECT ${list} FROM ${quoteName(table.name)}`);
  const plain = rows.map((row): HostileRow => {
    const nanos = row.time_ns === null ? 0 : Number(((row.time_ns as bigint) - NANOS_1970_TO_2000) % 1000n);
    return [row.micros!, nanos < 0 ? nanos + 1000 : nanos, ...columns.map((_, index) => row[`c${index}`]!)];
  });
  return rendered(plain);
}

describe.each([
  ['line protocol', rowsAfterLines, true],
  ['INSERT', rowsAfterInserts, false],
] as const)('the hostile data set, written by %s', (door, rowsAfter, isByLines) => {
  const tables = hostileTables(SEED);
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidewire-hostile-'));
    database = await Database.open(directory);
    for (const table of tables) {
      if (isByLines) {
        // In pieces, so that later commits bring columns, tags and late points to what is there.
        const lines = toLines(table).split('\n');
        const pieces = table.fields.some(({ name }) => name === 's') ? [toLines(table)] : chunks(lines, 37);
        for (const piece of pieces) await database.write(piece);
      } else {
        await database.query(toCreateTable(table));
        for (const statement of toInserts(table)) await database.query(statement);
      }
    }
  });

  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  for (const table of tables) {
    test(`gives table ${table.name} back as it is`, async () => {
      expect(await read(database, table, isByLines)).toEqual(rendered(rowsAfter(table)));
    });
  }

  test('and after a restart, once more', async () => {
    await database.close();
    database = await Database.open(directory);
    for (const table of tables) {
      expect(await read(database, table, isByLines), table.name).toEqual(rendered(rowsAfter(table)));
    }
  });

  if (door === 'line protocol') {
    test.each(TYPE_CHANGES)('refuses $line, whose field has another type', async ({ line, reason }) => {
      await expect(database.write(line)).rejects.toThrow(reason);
      const table = tables.find(({ name }) => name === TYPE_CHANGE_TABLE)!;
      expect((await read(database, table, true)).length).toBe(rowsAfterLines(table).length);
    });
  }
});

function chunks(lines: readonly string[], size: number): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < lines.length; from += size) pieces.push(lines.slice(from, from + size).join('\n'));
  return pieces;
}
