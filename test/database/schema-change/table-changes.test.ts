import { describe, expect, test } from 'vitest';
import type { TableDescriptor } from '../../../src/catalog/table-descriptor.ts';
import { describeNewTable, type NewTable } from '../../../src/database/new-table.ts';
import { addColumn } from '../../../src/database/schema-change/add-column.ts';
import {
  changeColumnType,
  needsRewrite,
  setDefault,
  setIdentity,
  setNotNull,
} from '../../../src/database/schema-change/column-properties.ts';
import { addConstraint, dropConstraint, validateConstraint } from '../../../src/database/schema-change/constraints.ts';
import { dropColumn } from '../../../src/database/schema-change/drop-column.ts';
import { addIndex, dropIndex } from '../../../src/database/schema-change/indexes.ts';
import { onlyAddsColumns } from '../../../src/database/schema-change/only-adds-columns.ts';
import { renameColumn, renameConstraint, renameIndex } from '../../../src/database/schema-change/rename.ts';
import { CatalogVersion } from '../../../src/storage/versions/catalog-version.ts';
import { sqlType, typeByName } from '../../../src/types/type-registry.ts';
import { newTable, primaryKey, typeNamed } from '../scratch-instance.ts';

let nextOid = 20_000;
const takeOid = () => nextOid++;
const environment = { catalog: CatalogVersion.empty, takeOid };

function describeTable(definition: NewTable): TableDescriptor {
  return describeNewTable(definition, CatalogVersion.empty, takeOid);
}

function unique(name: string, columns: readonly number[]): NewTable['keys'][number] {
  return { ...primaryKey('t', columns), name, isPrimary: false };
}

/** a int primary key, b int unique, c int default 5, check (a < b), d references t (a). */
function sample(): TableDescriptor {
  const definition = newTable('t', ['a int4', 'b int4', 'c int4', 'd int4']);
  return describeTable({
    ...definition,
    columns: definition.columns.map((column) => (column.name === 'c' ? { ...column, default: '5' } : column)),
    keys: [primaryKey('t', [0]), unique('t_b_key', [1])],
    checks: [{ name: 't_check', expression: '(a < b)', columns: [0, 1] }],
    foreignKeys: [
      {
        name: 't_d_fkey',
        columns: [3],
        referencedTableOid: 'self',
        referencedColumnNumbers: [1],
        match: 'simple',
        onUpdate: 'no action',
        onDelete: 'cascade',
        deleteSetColumns: [],
        isDeferrable: false,
        isInitiallyDeferred: false,
      },
    ],
  });
}

function series(options: Partial<NewTable> = {}): TableDescriptor {
  const definition = newTable('s', ['time timestamptz not null', 'host text not null', 'f float8'], {
    time: 'time',
    tags: ['host'],
  });
  return describeTable({ ...definition, ...options });
}

const namesOf = (of: readonly { readonly name: string }[]) => of.map(({ name }) => name);
const oidOf = (table: TableDescriptor, name: string) =>
  [...table.constraints, ...table.indexes].find((found) => found.name === name)!.oid;

describe('a new table', () => {
  test('has an index for each key, which its foreign keys refer to', () => {
    const table = sample();
    expect(namesOf(table.indexes)).toEqual(['t_pkey', 't_b_key']);
    expect(namesOf(table.constraints)).toEqual(['t_pkey', 't_b_key', 't_check', 't_d_fkey']);
    expect(table.columns.map(({ isNotNull }) => isNotNull).slice(0, 4)).toEqual([true, false, false, false]);
    const [key] = table.constraints;
    const foreignKey = table.constraints.at(-1);
    if (key?.kind !== 'key' || foreignKey?.kind !== 'foreign-key') throw new Error('other constraints');
    expect(foreignKey.referencedIndexOid).toBe(key.indexOid);
    expect(foreignKey.referencedTableOid).toBe(table.oid);
    expect(table.uniqueKey).toBeUndefined();
  });

  test('of time series has one key, by which its rows are stored', () => {
    expect(series({ keys: [primaryKey('s', [1, 0])] }).uniqueKey).toMatchObject({
      name: 's_pkey',
      isPrimary: true,
      columnNumbers: [2, 1],
    });
  });

  const refused: Record<string, { make: () => unknown; code: string; message: string }> = {
    'a key that is named twice': {
      make: () => describeTable({ ...newTable('t', ['a int4']), keys: [unique('k', [0]), unique('k', [0])] }),
      code: '42710',
      message: 'constraint "k" for relation "t" already exists',
    },
    'two primary keys': {
      make: () =>
        describeTable({
          ...newTable('t', ['a int4']),
          keys: [primaryKey('t', [0]), { ...primaryKey('t', [0]), name: 'other' }],
        }),
      code: '42P16',
      message: 'multiple primary keys for table "t" are not allowed',
    },
    'a key of time series without the time': {
      make: () => series({ keys: [unique('k', [1])] }),
      code: '0A000',
      message: 'a unique key without the time column "time" is not supported',
    },
    'a key of time series over a field': {
      make: () => series({ keys: [primaryKey('s', [0, 1, 2])] }),
      code: '0A000',
      message:
        'a primary key of a time-series table over other columns than its tags and its time column is not supported',
    },
    'a second key of time series': {
      make: () => series({ keys: [primaryKey('s', [0, 1]), unique('k', [0, 1])] }),
      code: '0A000',
      message: 'a second key of a time-series table is not supported',
    },
    'a key of time series with distinct NULLs': {
      make: () => {
        const definition = newTable('s', ['time timestamptz', 'host text'], { time: 'time', tags: ['host'] });
        return describeTable({ ...definition, keys: [unique('k', [0, 1])] });
      },
      code: '0A000',
      message: 'a unique key of a time-series table in which two NULLs are distinct is not supported',
    },
    'a column with the name of a hidden one': {
      make: () => describeTable(newTable('t', ['tableoid int4'])),
      code: '42701',
      message: 'column name "tableoid" conflicts with a system column name',
    },
  };
  for (const [name, { make, code, message }] of Object.entries(refused)) {
    test(`does not take ${name}`, () => expect(make).toThrow(expect.objectContaining({ code, message })));
  }
});

describe('a column', () => {
  test('that is added stands before the hidden ones, and has its number for good', () => {
    const added = addColumn(sample(), { name: 'x', type: typeNamed('text'), isNotNull: false }, 'old');
    const system = ['tableoid', 'cmax', 'xmax', 'cmin', 'xmin', 'ctid'];
    expect(namesOf(added.columns)).toEqual(['a', 'b', 'c', 'd', 'x', ...system, 'tidewire.row']);
    expect(added.columns[4]).toMatchObject({ number: 5, missing: 'old', missingBefore: 2 });
    const again = addColumn(dropColumn(added, 5), { name: 'x', type: typeNamed('int4'), isNotNull: false });
    expect(again.columns[4]).toMatchObject({ name: 'x', number: 6 });
    expect(again.columns[4]).not.toHaveProperty('missing');
  });

  test('takes the constraints and indexes that have it along', () => {
    const withIndex = addIndex(sample(), {
      oid: takeOid(),
      name: 'i',
      method: 'hash',
      columns: [{ columnNumber: 3, isDescending: false, nullsFirst: false }],
      isUnique: false,
      nullsNotDistinct: false,
    });
    expect(namesOf(dropColumn(withIndex, 3).indexes)).toEqual(['t_pkey', 't_b_key']);
    const withoutA = dropColumn(withIndex, 1);
    expect(namesOf(withoutA.indexes)).toEqual(['t_b_key', 'i']);
    expect(namesOf(withoutA.constraints)).toEqual(['t_b_key']);
    expect(namesOf(dropColumn(withIndex, 4).constraints)).toEqual(['t_pkey', 't_b_key', 't_check']);
  });

  test('that is renamed is renamed in the CHECKs that have it', () => {
    const renamed = renameColumn(sample(), 2, 'z', (text) => text.replace('b', 'z'));
    expect(renamed.constraints.find(({ kind }) => kind === 'check')).toMatchObject({ expression: '(a < z)' });
    const untouched = renameColumn(sample(), 3, 'z', () => 'changed');
    expect(untouched.constraints.find(({ kind }) => kind === 'check')).toMatchObject({ expression: '(a < b)' });
  });

  const identity = () => setIdentity(setNotNull(sample(), 2, true), 2, { identity: 'always', isAdded: true });
  const refused: Record<string, { make: () => unknown; code: string; message: string }> = {
    'an added one with a name that is taken': {
      make: () => addColumn(sample(), { name: 'a', type: typeNamed('int4'), isNotNull: false }),
      code: '42701',
      message: 'column "a" of relation "t" already exists',
    },
    'a renamed one with a name that is taken': {
      make: () => renameColumn(sample(), 1, 'b', (text) => text),
      code: '42701',
      message: 'column "b" of relation "t" already exists',
    },
    'NULL in a primary key': {
      make: () => setNotNull(sample(), 1, false),
      code: '42P16',
      message: 'column "a" is in a primary key',
    },
    'NULL in an identity': {
      make: () => setNotNull(identity(), 2, false),
      code: '42601',
      message: 'column "b" of relation "t" is an identity column',
    },
    'NULL as a time': {
      make: () => setNotNull(series(), 1, false),
      code: '0A000',
      message: 'dropping NOT NULL from the time column "time" is not supported',
    },
    'a default of an identity': {
      make: () => setDefault(identity(), 2, '1'),
      code: '42601',
      message: 'column "b" of relation "t" is an identity column',
    },
    'an identity that may be NULL': {
      make: () => setIdentity(sample(), 2, { identity: 'always', isAdded: true }),
      code: '55000',
      message: 'column "b" of relation "t" must be declared NOT NULL before identity can be added',
    },
    'an identity twice': {
      make: () => setIdentity(identity(), 2, { identity: 'always', isAdded: true }),
      code: '55000',
      message: 'column "b" of relation "t" is already an identity column',
    },
    'an identity with a default': {
      make: () => setIdentity(setNotNull(sample(), 3, true), 3, { identity: 'always', isAdded: true }),
      code: '55000',
      message: 'column "c" of relation "t" already has a default value',
    },
    'the end of an identity that is none': {
      make: () => setIdentity(sample(), 2, { identity: undefined, isAdded: false }),
      code: '55000',
      message: 'column "b" of relation "t" is not an identity column',
    },
    'time series without a time': {
      make: () => dropColumn(series(), 1),
      code: '0A000',
      message: 'dropping the time column "time" of a time-series table is not supported',
    },
    'time series without a tag': {
      make: () => dropColumn(series(), 2),
      code: '0A000',
      message: 'dropping the tag column "host" of a time-series table is not supported',
    },
    'another type of a tag': {
      make: () => changeColumnType(series(), 2, { type: typeNamed('int4'), default: undefined }),
      code: '0A000',
      message: 'changing the type of the tag column "host" is not supported',
    },
    'text as a time': {
      make: () => changeColumnType(series(), 1, { type: typeNamed('text'), default: undefined }),
      code: '0A000',
      message: 'a time column "time" of type text is not supported',
    },
  };
  for (const [name, { make, code, message }] of Object.entries(refused)) {
    test(`is not ${name}`, () => expect(make).toThrow(expect.objectContaining({ code, message })));
  }

  test('loses default and identity, and gets others', () => {
    expect(setDefault(sample(), 3, undefined).columns[2]).not.toHaveProperty('default');
    expect(setDefault(sample(), 1, '(1 + 2)').columns[0]).toMatchObject({ default: '(1 + 2)' });
    const byDefault = setIdentity(identity(), 2, { identity: 'by default', isAdded: false });
    expect(byDefault.columns[1]).toMatchObject({ identity: 'by default', isNotNull: true });
    expect(setIdentity(byDefault, 2, { identity: undefined, isAdded: false }).columns[1]).not.toHaveProperty(
      'identity',
    );
  });

  test('is rewritten unless its values are stored alike', () => {
    const type = (name: string, typmod = -1) => sqlType(typeByName(name)!, typmod);
    const kept: [ReturnType<typeof type>, ReturnType<typeof type>][] = [
      [type('text'), type('varchar')],
      [type('varchar', 14), type('varchar', 24)],
      [type('varchar', 14), type('text')],
      [type('numeric', 655_366), type('numeric')],
      [type('int4'), type('int4')],
    ];
    const rewritten: [ReturnType<typeof type>, ReturnType<typeof type>][] = [
      [type('varchar', 24), type('varchar', 14)],
      [type('text'), type('varchar', 14)],
      [type('int4'), type('int8')],
      [type('text'), type('bpchar', 14)],
      [type('bpchar', 14), type('text')],
      [type('numeric'), type('numeric', 655_366)],
      [type('timestamp'), type('timestamptz')],
    ];
    for (const [from, to] of kept) expect(needsRewrite(from, to)).toBe(false);
    for (const [from, to] of rewritten) expect(needsRewrite(from, to)).toBe(true);
    const added = addColumn(sample(), { name: 'x', type: type('varchar', 14), isNotNull: false }, 'old');
    const columnAs = (to: ReturnType<typeof type>) =>
      changeColumnType(added, 5, { type: to, default: undefined }).columns[4]!;
    expect(columnAs(type('text'))).toMatchObject({ missing: 'old', missingBefore: 2 });
    expect(columnAs(type('int4'))).not.toHaveProperty('missing');
  });
});

describe('a constraint', () => {
  test('that is a key goes with its index, and is renamed with it', () => {
    const dropped = dropConstraint(sample(), oidOf(sample(), 't_b_key'));
    expect(namesOf(dropped.indexes)).toHaveLength(2);
    const table = sample();
    expect(namesOf(dropConstraint(table, oidOf(table, 't_pkey')).indexes)).toEqual(['t_b_key']);
    expect(dropConstraint(table, oidOf(table, 't_pkey')).columns[0]).toMatchObject({ isNotNull: true });
    for (const renamed of [
      renameConstraint(table, oidOf(table, 't_b_key'), 'z'),
      renameIndex(table, table.indexes[1]!.oid, 'z'),
    ]) {
      expect(namesOf(renamed.indexes)).toEqual(['t_pkey', 'z']);
      expect(namesOf(renamed.constraints)).toEqual(['t_pkey', 'z', 't_check', 't_d_fkey']);
    }
  });

  test('is refused where PostgreSQL refuses it', () => {
    const table = sample();
    const key = { kind: 'key', name: 'k', isPrimary: false, columnNumbers: [3], nullsNotDistinct: false } as const;
    const deferred = { isDeferrable: true, isInitiallyDeferred: false };
    const deferrable = addConstraint(table, { ...key, ...deferred }, environment);
    const foreignKey = {
      kind: 'foreign-key',
      name: 'f',
      columnNumbers: [4],
      referencedTableOid: 'self',
      referencedColumnNumbers: [3],
      match: 'simple',
      onUpdate: 'no action',
      onDelete: 'no action',
      deleteSetColumns: [],
      ...deferred,
      isValidated: false,
    } as const;
    const refusals: [() => unknown, string, string][] = [
      [
        () => renameConstraint(table, oidOf(table, 't_check'), 't_pkey'),
        '42710',
        'constraint "t_pkey" for relation "t" already exists',
      ],
      [
        () => validateConstraint(table, table.constraints[0]!.oid),
        '42809',
        'constraint "t_pkey" of relation "t" is not a foreign key or check constraint',
      ],
      [
        () => addConstraint(table, foreignKey, environment),
        '42830',
        'there is no unique constraint matching given keys for referenced table "t"',
      ],
      [
        () => addConstraint(deferrable, foreignKey, environment),
        '55000',
        'cannot use a deferrable unique constraint for referenced table "t"',
      ],
      [
        () => dropIndex(table, table.indexes[1]!.oid),
        '2BP01',
        'cannot drop index t_b_key because constraint t_b_key on table t requires it',
      ],
      [
        () => addConstraint(series(), { ...key, ...deferred, columnNumbers: [1, 2] }, environment),
        '0A000',
        'adding a key to a time-series table is not supported',
      ],
    ];
    for (const [make, code, message] of refusals) expect(make).toThrow(expect.objectContaining({ code, message }));
  });

  test('that was not validated is after VALIDATE', () => {
    const check = { kind: 'check', name: 'c', expression: '(c > 0)', columnNumbers: [3], isValidated: false } as const;
    const table = addConstraint(sample(), check, environment);
    const stateOf = (of: TableDescriptor) => of.constraints.find(({ name }) => name === 'c');
    expect(stateOf(table)).toMatchObject({ isValidated: false });
    expect(stateOf(validateConstraint(table, oidOf(table, 'c')))).toMatchObject({ isValidated: true });
  });
});

describe('rows for an older version', () => {
  const newer = (table: TableDescriptor): TableDescriptor => ({ ...table, schemaVersion: table.schemaVersion + 1 });
  const plain = { name: 'x', type: typeNamed('int4'), isNotNull: false };
  const cases: Record<string, { change: (table: TableDescriptor) => TableDescriptor; fits: boolean }> = {
    'fit when columns came': { change: (table) => addColumn(table, plain), fits: true },
    'do not fit when one came with a value': { change: (table) => addColumn(table, plain, 5), fits: false },
    'do not fit when one came with a default': {
      change: (table) => addColumn(table, { ...plain, default: '5' }),
      fits: false,
    },
    'do not fit when one went': { change: (table) => dropColumn(table, 3), fits: false },
    'do not fit when one became NOT NULL': { change: (table) => setNotNull(table, 2, true), fits: false },
    'do not fit when a constraint came': {
      change: (table) =>
        addConstraint(
          table,
          { kind: 'check', name: 'c', expression: '(a > 0)', columnNumbers: [1], isValidated: true },
          environment,
        ),
      fits: false,
    },
  };
  for (const [name, { change, fits }] of Object.entries(cases)) {
    test(name, () => {
      const table = sample();
      expect(onlyAddsColumns(table, newer(change(table)))).toBe(fits);
    });
  }
});
