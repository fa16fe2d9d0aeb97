import { describe, expect, test } from 'vitest';
import type { EnumDescriptor } from '../../../src/catalog/enum-descriptor.ts';
import { checkDirectory } from '../../../src/database/check-directory.ts';
import type { Database } from '../../../src/database/database.ts';
import { addColumn } from '../../../src/database/schema-change/add-column.ts';
import { dropColumn } from '../../../src/database/schema-change/drop-column.ts';
import { addEnumLabel, enumLabels, renameEnumLabel } from '../../../src/database/schema-change/enum-labels.ts';
import { neutralContext } from '../../../src/types/neutral-context.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import type { Value } from '../../../src/types/value.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import {
  databaseOf,
  insert,
  killed,
  makeTable,
  newTable,
  openScratch,
  readTable,
  tableNamed,
} from '../scratch-instance.ts';

async function makeEnum(database: Database, name: string, labels: readonly string[]): Promise<EnumDescriptor> {
  const transaction = database.begin();
  const takeOid = () => transaction.takeOid();
  const made = transaction.schema.createEnum({
    oid: takeOid(),
    arrayOid: takeOid(),
    schemaOid: 2200,
    schemaName: 'public',
    name,
    ownerOid: 10,
    labels: enumLabels(labels, takeOid),
  });
  await transaction.commit();
  return made;
}

/** `newTable` with columns of an enum, which its parser does not know. */
function tableOf(name: string, type: TypeDefinition, options: { isTag?: boolean } = {}) {
  const definition = newTable(
    name,
    ['time timestamptz not null', 'm text', 'n int4'],
    options.isTag === true ? { time: 'time', tags: ['m'], key: [] } : {},
  );
  const columns = definition.columns.map((column) =>
    column.name === 'm' ? { ...column, type: { definition: type, typmod: -1 } } : column,
  );
  return { ...definition, columns, keys: [] };
}

function enumNamed(database: Database, name: string): EnumDescriptor {
  for (const found of database.begin().catalog().enums()) if (found.name === name) return found;
  throw new Error(`there is no type ${name}`);
}

/** Labels of column `m` with `n`. */
async function read(database: Database, name: string): Promise<[string | null, Value][]> {
  const type = tableNamed(database.begin(), name).descriptor.columns.find((column) => column.name === 'm')!.type;
  const rows = await readTable(database, name, { names: ['m', 'n'] });
  return rows
    .map(({ m, n }): [string | null, Value] => [m === null ? null : type.definition.format(m!, neutralContext), n!])
    .sort((a, b) => Number(a[1]) - Number(b[1]));
}

const label = (type: TypeDefinition, text: string) => type.parse(text, neutralContext, -1);

describe('a column of an enum', () => {
  for (const isTag of [false, true]) {
    test(`keeps its labels in memory, in segments and in the log, as a ${isTag ? 'tag' : 'field'}`, async () => {
      const fileSystem = new MemoryFileSystem();
      const instance = await openScratch(fileSystem);
      const database = databaseOf(instance);
      const mood = await makeEnum(database, 'mood', ['sad', 'ok', '🙂']);
      await makeTable(database, tableOf('t', mood.type, { isTag }));
      await insert(database, 't', [
        [1, label(mood.type, '🙂'), 1],
        [2, null, 2],
      ]);
      await instance.flush();
      await insert(database, 't', [[3, label(mood.type, 'sad'), 3]]);
      const altering = database.begin();
      altering.schema.alterEnum(
        addEnumLabel(mood, { name: 'glum', oid: altering.takeOid(), place: { side: 'before', label: 'ok' } }),
      );
      await altering.commit();
      const renaming = database.begin();
      renaming.schema.alterEnum({ ...renameEnumLabel(enumNamed(database, 'mood'), '🙂', 'happy'), name: 'Mood' });
      await renaming.commit();
      const now = enumNamed(database, 'Mood');
      expect(now.labels.map(({ name }) => name)).toEqual(['sad', 'glum', 'ok', 'happy']);
      expect(now.version).toBe(3);
      await insert(database, 't', [[4, label(now.type, 'glum'), 4]]);
      const expected = [
        ['happy', 1],
        [null, 2],
        ['sad', 3],
        ['glum', 4],
      ];
      expect(await read(database, 't')).toEqual(expected);
      expect(tableNamed(database.begin(), 't').descriptor).toMatchObject({ schemaVersion: 3 });
      const crashed = await openScratch(await killed(fileSystem));
      expect(await read(databaseOf(crashed), 't')).toEqual(expected);
      // One type for the catalog and for the column, as binders compare them.
      const [column] = tableNamed(databaseOf(crashed).begin(), 't').descriptor.columns.filter((c) => c.name === 'm');
      expect(column!.type.definition).toBe(enumNamed(databaseOf(crashed), 'Mood').type);
      await crashed.close();
      await instance.flush();
      await instance.close();
      const again = await openScratch(fileSystem);
      expect(await read(databaseOf(again), 't')).toEqual(expected);
      expect(databaseOf(again).begin().catalog().userType('public', '_Mood')).toMatchObject({ elementOid: mood.oid });
      await again.close();
      expect((await checkDirectory({ directory: '/data', fileSystem })).problems).toEqual([]);
    });
  }

  test('can come later, with a label for the rows that are there', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    await makeTable(database, newTable('t', ['n int4']));
    await insert(database, 't', [[1]]);
    const transaction = database.begin();
    const takeOid = () => transaction.takeOid();
    const mood = transaction.schema.createEnum({
      oid: takeOid(),
      arrayOid: takeOid(),
      schemaOid: 2200,
      schemaName: 'public',
      name: 'mood',
      ownerOid: 10,
      labels: enumLabels(['a', 'b'], takeOid),
    });
    const { oid } = tableNamed(transaction, 't').descriptor;
    await transaction.lockTable(oid, 'exclusive');
    transaction.schema.alterTable(
      addColumn(
        tableNamed(transaction, 't').descriptor,
        { name: 'm', type: { definition: mood.type, typmod: -1 }, isNotNull: true },
        label(mood.type, 'b'),
      ),
    );
    await transaction.commit();
    expect(await read(database, 't')).toEqual([['b', 1]]);
    const renaming = database.begin();
    renaming.schema.alterEnum(renameEnumLabel(mood, 'b', 'B'));
    await renaming.commit();
    expect(await read(database, 't')).toEqual([['B', 1]]);
    const crashed = await openScratch(await killed(fileSystem));
    expect(await read(databaseOf(crashed), 't')).toEqual([['B', 1]]);
    await crashed.close();
    await instance.close();
  });

  test('stands in the way of a DROP TYPE, and a log that speaks of both is replayed', async () => {
    const fileSystem = new MemoryFileSystem();
    const instance = await openScratch(fileSystem);
    const database = databaseOf(instance);
    const mood = await makeEnum(database, 'mood', ['a']);
    await makeTable(database, tableOf('t', mood.type));
    await makeTable(database, newTable('other', ['a int4']));
    await insert(database, 't', [[1, label(mood.type, 'a'), 1]]);
    const transaction = database.begin();
    expect(() => transaction.schema.dropEnum(mood.oid)).toThrow(
      expect.objectContaining({
        code: '2BP01',
        message: 'cannot drop type mood because other objects depend on it',
        fields: expect.objectContaining({
          detail: 'column m of table t depends on type mood',
          hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
        }),
      }),
    );
    const { descriptor } = tableNamed(transaction, 't');
    await transaction.lockTable(descriptor.oid, 'exclusive');
    transaction.schema.alterTable(dropColumn(descriptor, 2));
    transaction.schema.dropEnum(mood.oid);
    await transaction.commit();
    // The manifest no longer has the type, and the log still has commits with it.
    await insert(database, 'other', [[1]]);
    await instance.flush();
    await insert(database, 't', [[2, 2]]);
    for (let round = 0; round < 2; round++) {
      const left = await killed(fileSystem);
      expect((await checkDirectory({ directory: '/data', fileSystem: await killed(fileSystem) })).problems).toEqual([]);
      const crashed = await openScratch(left);
      expect((await readTable(databaseOf(crashed), 't', { names: ['n'] })).map(({ n }) => n)).toEqual([1, 2]);
      await crashed.close();
      await instance.flush();
    }
    await instance.close();
  });
});

describe('a type', () => {
  test('shares its name with no other, nor with a table', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    await makeEnum(database, 'mood', ['a']);
    await makeTable(database, newTable('t', ['a int4']));
    const taken = { code: '42710' };
    await expect(makeEnum(database, 'mood', [])).rejects.toMatchObject({
      ...taken,
      message: 'type "mood" already exists',
    });
    await expect(makeEnum(database, 't', [])).rejects.toMatchObject(taken);
    await expect(makeTable(database, newTable('mood', ['a int4']))).rejects.toMatchObject({
      ...taken,
      fields: { hint: expect.stringContaining('A relation has an associated type of the same name') },
    });
    await instance.close();
  });

  test('is undone with its transaction, and altered by one at a time', async () => {
    const instance = await openScratch();
    const database = databaseOf(instance);
    const mood = await makeEnum(database, 'mood', ['a']);
    await makeTable(database, tableOf('t', mood.type));
    const first = database.begin();
    const second = database.begin();
    const mark = first.markStatement();
    first.schema.alterEnum(addEnumLabel(mood, { name: 'b', oid: first.takeOid() }));
    expect(first.catalog().enumByOid(mood.oid)!.labels).toHaveLength(2);
    const seen = () => tableNamed(first, 't').descriptor.columns[1]!.type.definition;
    expect(seen()).toBe(first.catalog().enumByOid(mood.oid)!.type);
    first.rollbackStatement(mark);
    expect(seen()).toBe(mood.type);
    first.schema.alterEnum(addEnumLabel(mood, { name: 'c', oid: first.takeOid() }));
    second.schema.alterEnum(addEnumLabel(mood, { name: 'd', oid: second.takeOid() }));
    await first.commit();
    await expect(second.commit()).rejects.toMatchObject({ code: '40001' });
    expect(enumNamed(database, 'mood').labels.map(({ name }) => name)).toEqual(['a', 'c']);
    await instance.close();
  });

  test('has room for labels at both ends and between any two, until the numbers end', () => {
    let mood = { labels: enumLabels(['m'], () => 1), name: 'mood' } as unknown as EnumDescriptor;
    const names = (of: EnumDescriptor) => of.labels.map(({ name }) => name);
    const add = (name: string, side: 'before' | 'after', at: string) => {
      mood = addEnumLabel(mood, { name, oid: 1, place: { side, label: at } });
    };
    add('a', 'before', 'm');
    add('z', 'after', 'm');
    add('f', 'after', 'a');
    expect(names(mood)).toEqual(['a', 'f', 'm', 'z']);
    expect(() => add('q', 'after', 'nowhere')).toThrow(
      expect.objectContaining({ code: '22023', message: '"nowhere" is not an existing enum label' }),
    );
    expect(() => add('f', 'after', 'z')).toThrow(
      expect.objectContaining({ code: '42710', message: 'enum label "f" already exists' }),
    );
    let count = 0;
    const halve = () => {
      for (; count < 2000; count++) add(`n${count}`, 'after', 'a');
    };
    expect(halve).toThrow(expect.objectContaining({ code: '54000' }));
    expect(count).toBeGreaterThan(40);
    const orders = mood.labels.map(({ sortOrder }) => sortOrder);
    expect([...orders].sort((a, b) => a - b)).toEqual(orders);
    expect(new Set(orders).size).toBe(orders.length);
  });
});
