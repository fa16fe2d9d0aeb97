import { describe, expect, test } from 'vitest';
import { type BoundCreateTable, bindCreateTable } from '../../../src/sql/binder/bind-create-table.ts';
import { creationSchema } from '../../../src/sql/binder/creation-schema.ts';
import { StatementBinding } from '../../../src/sql/binder/statement-binding.ts';
import { formatType } from '../../../src/types/format-type.ts';
import { bindSql, contextWith, errorOf } from './bind-sql.ts';

function create(sql: string): BoundCreateTable & { readonly schemaName: string } {
  const { bound } = bindSql(sql);
  if (bound.kind !== 'definition' || bound.statement.kind !== 'create-table') {
    throw new Error(`${bound.kind} is not a table`);
  }
  const context = contextWith();
  const schemaName = creationSchema(context, bound.statement.relation);
  return { schemaName, ...bindCreateTable(new StatementBinding(context), schemaName, bound.statement) };
}

describe('a time-series table', () => {
  const table = create(`create table if not exists load (
    time timestamptz, host text, region varchar(8), usage double precision not null, primary key (time, region, host)
  ) with (tidewire.time = 'time', tidewire.tags = 'host, region', tidewire.partition = '12 hours')`);

  test('has a time column, tags and a partition length', () => {
    expect(table).toMatchObject({
      schemaName: 'public',
      timeSeries: { timeColumn: 0, tagColumns: [1, 2], partitionMicros: 12 * 3_600_000_000 },
    });
  });

  test('keeps its columns, the key and the time being NOT NULL', () => {
    expect(table.columns.map((column) => [column.name, formatType(column.type), column.isNotNull])).toEqual([
      ['time', 'timestamp with time zone', true],
      ['host', 'text', true],
      ['region', 'character varying(8)', true],
      ['usage', 'double precision', true],
    ]);
    expect(table.keys).toMatchObject([{ name: 'load_pkey', isPrimary: true, columns: [0, 2, 1] }]);
  });

  test('may do without tags and key, with partitions of a day', () => {
    expect(create('create table t (day date, v int) with (tidewire.time = day)')).toMatchObject({
      timeSeries: { timeColumn: 0, tagColumns: [], partitionMicros: 86_400_000_000 },
      keys: [],
      columns: [{ isNotNull: true }, { isNotNull: false }],
    });
  });
});

test('a plain table has neither', () => {
  const table = create('create table other.t (a int, b numeric(10, 2)[], c char(3), d timestamp(3), "E" interval)');
  expect(table).toMatchObject({ schemaName: 'other', timeSeries: undefined, keys: [] });
  expect(table.columns.map((column) => formatType(column.type))).toEqual([
    'integer',
    'numeric(10,2)[]',
    'character(3)',
    'timestamp(3) without time zone',
    'interval',
  ]);
});

const base = 'time timestamptz, host text, v int';
const refusals: readonly (readonly [string, string, string])[] = [
  ['create table t (a int, a text)', '42701', 'column "a" specified more than once'],
  ['create table t (a foo)', '42704', 'type "foo" does not exist'],
  ['create table t (a nosuch.foo)', '3F000', 'schema "nosuch" does not exist'],
  ['create table t (a serial[])', '0A000', 'array of serial is not implemented'],
  ['create table t (a int(3))', '42601', 'syntax error at or near "("'],
  ['create table t (a text(3))', '42601', 'type modifier is not allowed for type "text"'],
  ['create table t (a varchar(0))', '22023', 'length for type varchar must be at least 1'],
  ['create table t (xmin int)', '42701', 'column name "xmin" conflicts with a system column name'],
  ['create table nosuch.t (a int)', '3F000', 'schema "nosuch" does not exist'],
  ['create table pg_catalog.t (a int)', '42501', 'permission denied to create "pg_catalog.t"'],
  ['create table a.b.t (a int)', '0A000', 'cross-database references are not implemented: "a.b.t"'],
  ['create table t (a int) with (fillfactor = 70)', '0A000', 'storage parameter "fillfactor" is not supported'],
  ['create table t (a int) with (nosuch = 70)', '22023', 'unrecognized parameter "nosuch"'],
  ['create table cpu (a int)', '42P07', 'relation "cpu" already exists'],
  ['create table t (a int) with (tidewire.foo = 1)', '22023', 'unrecognized parameter "tidewire.foo"'],
  ['create table t (a int) with (foo.bar = 1)', '22023', 'unrecognized parameter namespace "foo"'],
  ["create table t (a int) with (tidewire.tags = 'a')", '22023', 'parameter "tidewire.tags" requires "tidewire.time"'],
  [
    "create table t (a int) with (tidewire.partition = '1 day')",
    '22023',
    'parameter "tidewire.partition" requires "tidewire.time"',
  ],
  [`create table t (${base}) with (tidewire.time = nosuch)`, '42703', 'column "nosuch" does not exist'],
  [
    `create table t (${base}) with (tidewire.time = host)`,
    '42804',
    'time column "host" must be of type timestamp with time zone, timestamp without time zone or date, not text',
  ],
  [`create table t (${base}) with (tidewire.time = v)`, '0A000', 'a time column of a number type is not supported'],
  [
    `create table t (${base}) with (tidewire.time = time, tidewire.tags = 'host, time')`,
    '22023',
    'time column "time" cannot be a tag',
  ],
  [
    `create table t (${base}) with (tidewire.time = time, tidewire.tags = 'host,host')`,
    '42701',
    'tag column "host" specified more than once',
  ],
  [
    `create table t (${base}, j json) with (tidewire.time = time, tidewire.tags = 'j')`,
    '42883',
    'could not identify an equality operator for type json',
  ],
  [
    `create table t (${base}) with (tidewire.time = time, tidewire.tags = 'host,')`,
    '22023',
    'parameter "tidewire.tags" must be a comma-separated list of columns',
  ],
  [
    `create table t (${base}) with (tidewire.time = time, tidewire.partition = '1 month')`,
    '22023',
    'parameter "tidewire.partition" must not contain months or years',
  ],
  [
    `create table t (${base}) with (tidewire.time = time, tidewire.partition = '-1 day')`,
    '22023',
    'parameter "tidewire.partition" must be a positive interval',
  ],
  [
    `create table t (${base}) with (tidewire.time = time, tidewire.partition = 'x')`,
    '22007',
    'invalid input syntax for type interval: "x"',
  ],
  [
    `create table t (${base}) with (tidewire.time = time, tidewire.time = time)`,
    '22023',
    'parameter "tidewire.time" specified more than once',
  ],
  [`create table t (${base}) with (tidewire.time)`, '22023', 'parameter "tidewire.time" needs a value'],
  [
    `create table t (${base}, primary key (time)) with (tidewire.time = time, tidewire.tags = host)`,
    '0A000',
    'a PRIMARY KEY other than the tags and the time column is not supported',
  ],
  [
    'create table t (a int primary key, b int, primary key (b))',
    '42P16',
    'multiple primary keys for table "t" are not allowed',
  ],
  ['create table t (a int, primary key (b))', '42703', 'column "b" named in key does not exist'],
  ['create table t (a int, primary key (a, a))', '42701', 'column "a" appears twice in primary key constraint'],
];

describe('what cannot be made is refused', () => {
  test.each(refusals)('%s', (sql, code, message) =>
    expect(errorOf(() => create(sql))).toMatchObject({ code, message }),
  );
});

test('the hint for a key names the one that can be had', () => {
  const sql = `create table t (${base}, primary key (time)) with (tidewire.time = time, tidewire.tags = host)`;
  expect(errorOf(() => create(sql)).fields.hint).toContain('PRIMARY KEY (host, time)');
});

describe('names that nobody gave', () => {
  test('are those that PostgreSQL chooses', () => {
    const table = create('create table t (a int unique, b int check (b > 0), check (a > b), unique (b, a), c serial)');
    expect(table.keys.map((key) => key.name)).toEqual(['t_a_key', 't_b_a_key']);
    expect(table.checks.map((check) => [check.name, check.expression, check.columns])).toEqual([
      ['t_b_check', '(b > 0)', [1]],
      ['t_check', '(a > b)', [0, 1]],
    ]);
    expect([...table.sequenceNames]).toEqual([[2, 't_c_seq']]);
  });

  test('are numbered when they are taken, by others or in the same statement', () => {
    const table = create('create table t (a int check (a > 0) check (a > 1), constraint t_a_check2 check (a > 2))');
    expect(table.checks.map((check) => check.name)).toEqual(['t_a_check', 't_a_check1', 't_a_check2']);
  });
});

test('keys that say the same are one, which keeps the name', () => {
  const table = create(
    'create table t (a int unique, b int, constraint named unique (a), primary key (b), unique (b))',
  );
  expect(table.keys.map(({ name, isPrimary }) => [name, isPrimary])).toEqual([
    ['t_pkey', true],
    ['named', false],
  ]);
});

test('foreign keys are left for when the table is there', () => {
  const table = create(
    'create table t (a int primary key, b int references t, foreign key (a) references devices (id))',
  );
  expect(table.foreignKeys).toMatchObject([
    { columns: ['b'], referenced: { name: 't' }, referencedColumns: [] },
    { columns: ['a'], referenced: { name: 'devices' }, referencedColumns: ['id'] },
  ]);
});
