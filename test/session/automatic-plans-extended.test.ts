import { beforeEach, describe, expect, test } from 'vitest';
import { valueAt } from '../../src/columnar/column.ts';
import { SqlError } from '../../src/errors/sql-error.ts';
import { runScript } from '../../src/session/run-script.ts';
import type { Session } from '../../src/session/session.ts';
import type { Value } from '../../src/types/value.ts';
import { sessionWorld } from './session-world.ts';

let session: Session;

beforeEach(async () => {
  const world = await sessionWorld();
  const login = { userName: 'postgres', databaseName: 'tidewire', remoteAddress: 'test', cancelKeyBytes: 4 };
  session = world.registry.open(login).session;
  await script('CREATE TABLE t (a int, b text)');
  await script("INSERT INTO t SELECT n, 'name ' || n FROM generate_series(1, 9) n");
});

async function script(text: string): Promise<void> {
  await runScript(session, text, { begin() {}, rows: () => undefined, complete() {}, empty() {} });
}

/** Parse, Bind, Execute and Sync of the unnamed statement, without parameters. */
async function rows(text: string): Promise<Value[][]> {
  const found: Value[][] = [];
  try {
    session.noteMessage();
    const statement = await session.prepare('', text, []);
    const portal = await session.bind('', statement, []);
    await session.execute(portal, {
      maxRows: Number.POSITIVE_INFINITY,
      onRows(batch) {
        for (let row = 0; row < batch.rowCount; row++) found.push(batch.columns.map((column) => valueAt(column, row)));
        return undefined;
      },
    });
    await session.endMessage();
  } catch (error) {
    await session.fail();
    throw error;
  }
  return found;
}

async function isKnown(text: string): Promise<boolean> {
  const { literals } = await session.prepare('', text, []);
  await session.endMessage();
  return literals !== undefined;
}

const byKey = (key: number): string => `SELECT b FROM t WHERE a = ${key}`;

describe('texts of the unnamed statement that differ in literals', () => {
  test('are run with the plan of the second one, each with its own values', async () => {
    for (const key of [1, 2, 3, 4]) expect(await rows(byKey(key))).toEqual([[`name ${key}`]]);
    expect(await isKnown(byKey(5))).toBe(true);
    expect(await rows(byKey(5))).toEqual([['name 5']]);
  });

  test('have no parameters that a client would have to give', async () => {
    for (const key of [1, 2]) await rows(byKey(key));
    const statement = await session.prepare('', byKey(3), []);
    expect(statement.literals).toBeDefined();
    expect(statement.parameterTypes).toEqual([]);
    expect(statement.columns?.map(({ name }) => name)).toEqual(['b']);
    await session.endMessage();
  });

  test('share what they have learned with simple queries', async () => {
    for (const key of [1, 2]) await script(byKey(key));
    expect(await isKnown(byKey(3))).toBe(true);
  });

  test('are planned one by one where types are declared, or the statement has a name', async () => {
    for (const key of [1, 2, 3]) await rows(byKey(key));
    const named = await session.prepare('named', byKey(4), []);
    expect(named.literals).toBeUndefined();
    await session.endMessage();
  });

  test('tell where an error is in their own text', async () => {
    const text = (divisor: number, key: string): string =>
      `SELECT a / ${divisor} FROM t WHERE a = ${key} AND b::int > 0`;
    for (const key of ['1', '2']) await expect(rows(text(1, key))).rejects.toThrow(SqlError);
    await expect(rows('SELECT a FROM t WHERE a = 3 AND nothing > 0')).rejects.toMatchObject({
      fields: { position: 33 },
    });
  });

  test('see a table that was made anew between Parse and Bind', async () => {
    for (const key of [1, 2]) await rows(byKey(key));
    const statement = await session.prepare('', byKey(3), []);
    expect(statement.literals).toBeDefined();
    await session.endMessage();
    await script("DROP TABLE t; CREATE TABLE t (a int, b text); INSERT INTO t VALUES (3, 'new')");
    expect(await rows(byKey(3))).toEqual([['new']]);
  });

  test('are counted as one statement', async () => {
    for (const key of [1, 2, 3, 4]) await rows(`${byKey(key)};`);
    const counted = await rows("SELECT calls FROM pg_stat_statements WHERE query LIKE 'SELECT b FROM t WHERE a = $1%'");
    expect(counted).toEqual([[4]]);
  });
});
