import { beforeAll, describe, expect, test } from 'vitest';
import { StatementStatistics } from '../../src/session/statement-statistics.ts';
import { loadParser, normalizeSql } from '../../src/sql/syntax/parse-sql.ts';

const ROLE = { roleOid: 10, databaseOid: 5 };

beforeAll(() => loadParser());

describe('statistics of statements', () => {
  test('statements that differ in their constants are one', () => {
    const statistics = new StatementStatistics(normalizeSql);
    statistics.note({ ...ROLE, text: "SELECT a FROM t WHERE b = 'secret' LIMIT 5", milliseconds: 2, rowCount: 5 });
    statistics.note({ ...ROLE, text: "SELECT a FROM t WHERE b = 'other' LIMIT 1", milliseconds: 4, rowCount: 1 });
    statistics.note({ ...ROLE, text: "SELECT a FROM t WHERE b = 'other' LIMIT 1", milliseconds: 9, rowCount: 1 });
    const [entry, ...others] = [...statistics.entries()];
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      ...ROLE,
      text: 'SELECT a FROM t WHERE b = $1 LIMIT $2',
      calls: 3,
      rows: 7,
      totalMs: 15,
      minMs: 2,
      maxMs: 9,
    });
    expect(entry?.deviationMs).toBeCloseTo(Math.sqrt(26 / 3), 12);
  });

  test('times that come in several turns add up as if they had come at once', () => {
    const times = [1, 5, 2, 8, 3, 100, 0.5];
    const statistics = new StatementStatistics(normalizeSql);
    for (const [index, milliseconds] of times.entries()) {
      statistics.note({ ...ROLE, text: `SELECT ${index}`, milliseconds, rowCount: 1 });
      if (index % 2 === 0) expect([...statistics.entries()]).toHaveLength(1);
    }
    const [entry] = [...statistics.entries()];
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length;
    expect(entry).toMatchObject({ calls: times.length, minMs: 0.5, maxMs: 100 });
    expect(entry?.deviationMs).toBeCloseTo(Math.sqrt(variance), 10);
  });

  test('roles and databases have their own', () => {
    const statistics = new StatementStatistics(normalizeSql);
    for (const roleOid of [10, 20]) {
      for (const databaseOid of [5, 6]) {
        statistics.note({ roleOid, databaseOid, text: 'SELECT 1', milliseconds: 1, rowCount: 1 });
      }
    }
    expect([...statistics.entries()]).toHaveLength(4);
    statistics.reset({ roleOid: 20 });
    expect([...statistics.entries()].map(({ roleOid }) => roleOid)).toEqual([10, 10]);
    statistics.reset({ roleOid: 10, databaseOid: 6 });
    expect([...statistics.entries()].map(({ databaseOid }) => databaseOid)).toEqual([5]);
    statistics.reset();
    expect([...statistics.entries()]).toEqual([]);
  });

  test('of too many statements the rarest are forgotten', () => {
    const statistics = new StatementStatistics((text) => text);
    statistics.note({ ...ROLE, text: 'often', milliseconds: 1, rowCount: 1 });
    statistics.note({ ...ROLE, text: 'often', milliseconds: 1, rowCount: 1 });
    for (let index = 0; index < 12_000; index++) {
      statistics.note({ ...ROLE, text: `SELECT c${index}`, milliseconds: 1, rowCount: 1 });
    }
    const entries = [...statistics.entries()];
    expect(entries.length).toBeGreaterThan(4_000);
    expect(entries.length).toBeLessThanOrEqual(6_000);
    expect(entries.find(({ text }) => text === 'often')).toMatchObject({ calls: 2 });
  });

  test('what cannot be parsed again shows none of its constants', () => {
    const statistics = new StatementStatistics(() => {
      throw new Error('no');
    });
    statistics.note({ ...ROLE, text: "SELECT 'secret'", milliseconds: 1, rowCount: 1 });
    expect([...statistics.entries()].map(({ text }) => text)).toEqual(['<unparsable>']);
  });

  test('a text that the grammar refuses is no statement', () => {
    expect(() => normalizeSql("SELEC 'secret'")).toThrow(/syntax error/);
    const statistics = new StatementStatistics(normalizeSql);
    statistics.note({ ...ROLE, text: "SELEC 'secret'", milliseconds: 1, rowCount: 1 });
    expect([...statistics.entries()].map(({ text }) => text)).toEqual(['<unparsable>']);
    expect(normalizeSql("SELECT 'secret'")).toBe('SELECT $1');
  });
});
