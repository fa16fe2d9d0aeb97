import { describe, expect, test } from 'vitest';
import type { BoundModification } from '../../../src/sql/binder/bound-statement.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import { explainModification } from '../../../src/sql/plan/explain-plan.ts';
import { bindSql as bind, catalog, errorOf, table, trips } from './bind-sql.ts';

/** With the hidden columns that a stored table has. */
const points = table(21_000, 'public', 'points', [
  'time timestamptz:time',
  'host text:tag',
  'usage float8',
  '~time_ns int8',
  '~tableoid oid',
  '~series int8',
]);

const bindSql = (sql: string) =>
  bind(sql, {
    catalog: {
      ...catalog,
      table: (schema, name) => (name === points.name ? points : catalog.table(schema, name)),
    },
  });

function modification(sql: string): BoundModification {
  const { bound } = bindSql(sql);
  if (bound.kind !== 'insert' && bound.kind !== 'update' && bound.kind !== 'delete') {
    throw new Error(`${bound.kind} writes no rows`);
  }
  return bound;
}

const namesOf = (sql: string) => modification(sql).source.output.map((column) => column.name);
const explain = (sql: string) => {
  const { kind, table, source } = modification(sql);
  return explainModification(kind, table, optimize(source));
};

describe('the source of', () => {
  test('UPDATE gives the names of the rows, full new rows, and what RETURNING shows', () => {
    const sql = 'update points set usage = usage + 1 where host = $1 returning usage * 2 as twice, host';
    const { kind, table, returning } = modification(sql);
    expect({ kind, table }).toEqual({ kind: 'update', table: points });
    expect(namesOf(sql).slice(3)).toEqual(['time', 'host', 'usage', 'twice', 'host']);
    expect(returning?.map((column) => [column.name, column.tableOid])).toEqual([
      ['twice', 0],
      ['host', points.oid],
    ]);
  });

  test('DELETE gives the names of the rows and what RETURNING shows of the old ones', () => {
    expect(namesOf('delete from points returning *').slice(3)).toEqual(['time', 'host', 'usage']);
    expect(namesOf('delete from points')).toHaveLength(3);
    expect(modification('delete from points').returning).toBeUndefined();
  });

  test('INSERT gives full rows and what RETURNING shows of them', () => {
    const columns = trips.columns.map((column) => column.name);
    expect(namesOf('insert into trips values (1, 2) returning *, 1 as one')).toEqual([...columns, ...columns, 'one']);
    expect(modification('insert into trips values (1, 2)').returning).toBeUndefined();
  });

  test('UPDATE reads only the columns that it needs', () => {
    expect(explain("update cpu set usage = 0 where host = 'a' and time < '2024-01-01'")).toEqual([
      'Update on cpu',
      '  ->  Seq Scan on cpu',
      expect.stringContaining('Time Range:'),
      expect.stringContaining('Tag Filter:'),
    ]);
  });

  test('UPDATE … FROM and DELETE … USING gives each row once', () => {
    expect(explain('update trips t set fare = c.usage from cpu c where c.usage = t.fare')[1]).toContain('Unique');
    expect(explain('delete from trips t using cpu c where c.usage = t.fare')[1]).toContain('Unique');
    expect(explain('delete from trips').join()).not.toContain('Unique');
  });
});

test('parameters take the types of the columns that they are assigned to', () => {
  const { parameterTypes } = bindSql('update cpu set (usage, host) = ($1, $2) where time > $3 returning $4::int');
  expect(parameterTypes.map((type) => type.name)).toEqual(['float8', 'text', 'timestamptz', 'int4']);
});

describe('errors are those of PostgreSQL, in its order', () => {
  const cases: Record<string, object> = {
    'update trips set nope = 1': { code: '42703', message: 'column "nope" of relation "trips" does not exist', at: 18 },
    'update trips set trips.fare = 1': { code: '42703', message: 'column "trips" of relation "trips" does not exist' },
    'update trips set fare[1] = 1': { code: '42804', at: 18 },
    'update trips set fare = 1, fare = 2': { code: '42601', message: 'multiple assignments to same column "fare"' },
    "update trips set fare = 'x'": { code: '22P02', at: 25 },
    'update trips set fare = true': { code: '42804', at: 25 },
    'update trips set (fare, passengers) = (1, 2, 3)': { code: '42601', at: 39 },
    'update trips set fare = sum(fare)': { code: '42803', message: 'aggregate functions are not allowed in UPDATE' },
    'update trips set fare = 1 where fare': { code: '42804', at: 33 },
    'update trips set fare = nope1 where nope2 returning nope3': { code: '42703', at: 37 },
    'update trips set fare = nope1 returning nope3': { code: '42703', at: 41 },
    'update trips set fare = 1 from trips': { code: '42712' },
    'update trips t set fare = 1 where trips.fare = 1': { code: '42P01', at: 35 },
    'update pg_class set relname = 1': { code: '42501' },
    'delete from nowhere': { code: '42P01', at: 13 },
    'delete from pg_class': { code: '42501' },
    'delete from trips returning max(fare)': {
      code: '42803',
      message: 'aggregate functions are not allowed in RETURNING',
    },
    'insert into trips select 1, usage from cpu returning cpu.usage': { code: '42P01', at: 54 },
    'truncate nowhere': { code: '42P01', message: 'relation "nowhere" does not exist' },
    'truncate pg_class': { code: '42501' },
  };
  for (const [sql, { at, hint, ...expected }] of Object.entries(cases) as [string, Record<string, unknown>][]) {
    test(sql, () => {
      const error = errorOf(() => bindSql(sql));
      expect(error).toMatchObject(expected);
      if (at !== undefined) expect(error.fields.position).toBe(at);
      if (hint !== undefined) expect(error.fields.hint).toBe(hint);
    });
  }
});

describe('of the hidden columns of a new row, RETURNING shows', () => {
  test.each([
    'insert into points (usage) values (1) returning tableoid',
    'update points set usage = 1 returning tableoid, time_ns',
    'delete from points returning tableoid, time_ns, series',
  ])('what is known: %s', (sql) => expect(modification(sql).returning?.[0]?.name).toBe('tableoid'));

  test.each([
    'insert into points (usage) values (1) returning time_ns + 1',
    'update points set time = now() returning time_ns',
    'update points set usage = 1 returning -series',
  ])('nothing that storage has yet to decide: %s', (sql) => {
    const error = errorOf(() => bindSql(sql));
    expect(error).toMatchObject({ code: '0A000', message: expect.stringContaining('of a new row in RETURNING') });
    expect(error.fields.position).toBeGreaterThan(0);
  });
});
