import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SqlError } from '../../src/errors/sql-error.ts';
import { DefinitionWorld, type TestSession } from './definitions/definition-session.ts';

const KEYS = 3;
const CLIENTS = 4;
const FAILURES = new Set(['40001', '40P01', '55P03', '23505']);

/** What a transaction does with a table of keys and values, in SQL and to a model of it. */
type Step =
  | { readonly kind: 'read'; readonly key: number }
  | { readonly kind: 'sum' }
  | { readonly kind: 'set'; readonly key: number; readonly value: number }
  | { readonly kind: 'set to sum'; readonly key: number }
  | { readonly kind: 'insert'; readonly key: number; readonly value: number }
  | { readonly kind: 'delete'; readonly key: number }
  | { readonly kind: 'count other' }
  | { readonly kind: 'log count' };

interface Plan {
  readonly isReadOnly: boolean;
  readonly steps: readonly Step[];
}

/** The table `kv`, and how many rows `notes` has, whose values are how many there were. */
interface Model {
  readonly values: Map<number, number>;
  readonly notes: number[];
}

function sqlOf(step: Step): string {
  switch (step.kind) {
    case 'read':
      return `SELECT v FROM kv WHERE k = ${step.key}`;
    case 'sum':
      return 'SELECT coalesce(sum(v), 0)::int FROM kv';
    case 'set':
      return `UPDATE kv SET v = ${step.value} WHERE k = ${step.key} RETURNING k`;
    case 'set to sum':
      return `UPDATE kv SET v = (SELECT sum(v) FROM kv) + 1 WHERE k = ${step.key} RETURNING v`;
    case 'insert':
      return `INSERT INTO kv VALUES (${step.key}, ${step.value}) ON CONFLICT DO NOTHING RETURNING k`;
    case 'delete':
      return `DELETE FROM kv WHERE k = ${step.key} RETURNING v`;
    case 'count other':
      return 'SELECT count(*)::int FROM notes';
    case 'log count':
      return 'INSERT INTO notes SELECT count(*)::int FROM kv RETURNING n';
  }
}

/** The answer of a step to who is alone. */
function answer({ values, notes }: Model, step: Step): unknown[][] {
  const sum = (): number => [...values.values()].reduce((total, value) => total + value, 0);
  switch (step.kind) {
    case 'read': {
      const value = values.get(step.key);
      return value === undefined ? [] : [[value]];
    }
    case 'sum':
      return [[sum()]];
    case 'set':
      if (!values.has(step.key)) return [];
      values.set(step.key, step.value);
      return [[step.key]];
    case 'set to sum': {
      if (!values.has(step.key)) return [];
      const value = sum() + 1;
      values.set(step.key, value);
      return [[value]];
    }
    case 'insert':
      if (values.has(step.key)) return [];
      values.set(step.key, step.value);
      return [[step.key]];
    case 'delete': {
      const value = values.get(step.key);
      values.delete(step.key);
      return value === undefined ? [] : [[value]];
    }
    case 'count other':
      return [[notes.length]];
    case 'log count':
      notes.push(values.size);
      return [[values.size]];
  }
}

const key = fc.integer({ min: 1, max: KEYS });
const value = fc.integer({ min: 1, max: 99 });
const readStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), key }),
  fc.constant({ kind: 'sum' } as const),
  fc.constant({ kind: 'count other' } as const),
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  readStep,
  fc.record({ kind: fc.constant('set' as const), key, value }),
  fc.record({ kind: fc.constant('set to sum' as const), key }),
  fc.record({ kind: fc.constant('insert' as const), key, value }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.constant({ kind: 'log count' } as const),
);
const plan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ isReadOnly: fc.constant(false), steps: fc.array(anyStep, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ isReadOnly: fc.constant(true), steps: fc.array(readStep, { maxLength: 3 }) }) },
);

interface Done {
  readonly steps: readonly Step[];
  readonly answers: readonly unknown[][][];
}

/** Plays transactions, a step of one and a step of another; returns those that have committed, and what is left. */
async function play(
  clients: readonly TestSession[],
  plans: readonly Plan[],
  turns: readonly number[],
  level: string,
): Promise<{ readonly committed: readonly Done[]; readonly left: unknown[][]; readonly notes: unknown[][] }> {
  const committed: Done[] = [];
  const states = plans.map((planned, at) => ({
    ...planned,
    client: clients[at],
    next: -1,
    answers: [] as unknown[][][],
  }));
  const open = new Set(states);
  const advance = async (state: (typeof states)[number]): Promise<void> => {
    const { client, steps, isReadOnly } = state;
    try {
      if (state.next < 0) await client.run(`BEGIN ISOLATION LEVEL ${level} ${isReadOnly ? 'READ ONLY' : ''}`);
      else if (state.next < steps.length) state.answers.push(await client.rows(sqlOf(steps[state.next])));
      else {
        await client.run('COMMIT');
        committed.push(state);
        open.delete(state);
      }
      state.next += 1;
    } catch (error) {
      if (!(error instanceof SqlError) || !FAILURES.has(error.code)) throw error;
      await client.run('ROLLBACK');
      open.delete(state);
    }
  };
  for (let turn = 0; open.size > 0; turn++) {
    const waiting = [...open];
    const [state] = waiting.slice((turns[turn % turns.length] ?? turn) % waiting.length);
    await advance(state);
  }
  const [reader] = clients;
  const left = await reader.rows('SELECT k, v FROM kv ORDER BY k');
  const notes = await reader.rows('SELECT n FROM notes ORDER BY n');
  return { committed, left, notes };
}

function* orders<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries()) {
    for (const rest of orders(items.toSpliced(at, 1))) yield [item, ...rest];
  }
}

/** Whether the transactions could have run one after the other. */
function isSerial(played: Awaited<ReturnType<typeof play>>): boolean {
  for (const order of orders(played.committed)) {
    const model: Model = { values: new Map(FIRST_ROWS), notes: [] };
    const isSame = order.every(({ steps, answers }) =>
      steps.every((step, at) => JSON.stringify(answer(model, step)) === JSON.stringify(answers[at])),
    );
    if (!isSame) continue;
    const left = [...model.values].sort(([a], [b]) => a - b);
    const notes = model.notes.sort((a, b) => a - b).map((n) => [n]);
    if (JSON.stringify([left, notes]) === JSON.stringify([played.left, played.notes])) return true;
  }
  return false;
}

const FIRST_ROWS: readonly (readonly [number, number])[] = [
  [1, 10],
  [2, 20],
];

describe('histories of SERIALIZABLE transactions', () => {
  let world: DefinitionWorld;
  let clients: TestSession[];

  beforeAll(async () => {
    world = new DefinitionWorld();
    await world.start();
    clients = Array.from({ length: CLIENTS }, () => world.connect());
    await clients[0].run('CREATE TABLE kv (k int PRIMARY KEY, v int); CREATE TABLE notes (n int)');
    for (const client of clients) await client.run("SET lock_timeout = '1ms'");
  });

  afterAll(() => world.stop());

  async function attempt(plans: readonly Plan[], turns: readonly number[], level: string): Promise<boolean> {
    await clients[0].run(`TRUNCATE kv, notes; INSERT INTO kv VALUES (1, 10), (2, 20)`);
    return isSerial(await play(clients, plans, turns, level));
  }

  const plans = fc.array(plan, { minLength: 2, maxLength: CLIENTS });
  const turns = fc.array(fc.nat({ max: CLIENTS - 1 }), { minLength: 8, maxLength: 24 });

  test('are those of some order, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(plans, turns, async (all, order) => attempt(all, order, 'SERIALIZABLE')),
      { numRuns: 300, seed: 20_261_120 },
    );
  }, 240_000);

  test('are not under REPEATABLE READ, so that the test can tell', async () => {
    const result = await fc.check(
      fc.asyncProperty(plans, turns, async (all, order) => attempt(all, order, 'REPEATABLE READ')),
      { numRuns: 1_000, seed: 20_261_120, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
  }, 240_000);
});

describe('SERIALIZABLE', () => {
  let world: DefinitionWorld;
  let a: TestSession;
  let b: TestSession;
  let reader: TestSession;

  beforeEach(async () => {
    world = new DefinitionWorld();
    await world.start();
    [a, b, reader] = [world.connect(), world.connect(), world.connect()];
    await a.run(
      'CREATE TABLE kv (k int PRIMARY KEY, v int); CREATE TABLE other (n int); INSERT INTO kv VALUES (1, 0), (2, 0)',
    );
  });

  afterEach(() => world.stop());

  const BEGIN = 'BEGIN ISOLATION LEVEL SERIALIZABLE';

  test('refuses the second of two that have each read what the other writes', async () => {
    for (const session of [a, b]) await session.run(`${BEGIN}; SELECT sum(v) FROM kv`);
    await a.run('UPDATE kv SET v = 1 WHERE k = 1');
    await b.run('UPDATE kv SET v = 1 WHERE k = 2');
    await a.run('COMMIT');
    await expect(b.run('COMMIT')).rejects.toMatchObject({
      code: '40001',
      message: 'could not serialize access due to read/write dependencies among transactions',
      fields: { hint: 'The transaction might succeed if retried.' },
    });
    expect(await reader.rows('SELECT k, v FROM kv ORDER BY k')).toEqual([
      [1, 1],
      [2, 0],
    ]);
  });

  test('lets those be that touch different tables, or only add rows', async () => {
    await a.run(`${BEGIN}; SELECT sum(v) FROM kv; INSERT INTO kv VALUES (3, 0)`);
    await b.run(`${BEGIN}; SELECT count(*) FROM other; INSERT INTO other VALUES (1)`);
    await a.run('COMMIT');
    await b.run('COMMIT');
    expect(await reader.rows('SELECT (SELECT count(*) FROM kv), (SELECT count(*) FROM other)')).toEqual([[3, 1]]);
  });

  test('lets those be that change different rows by their keys', async () => {
    for (const [session, key] of [
      [a, 1],
      [b, 2],
    ] as const) {
      await session.run(`${BEGIN}; SELECT v FROM kv WHERE k = ${key}; UPDATE kv SET v = v + 1 WHERE k = ${key}`);
    }
    await a.run('COMMIT');
    await b.run('COMMIT');
    expect(await reader.rows('SELECT sum(v) FROM kv')).toEqual([[2]]);
  });

  test('notes keys that nobody has: each of two makes the row that the other has missed', async () => {
    await a.run(`${BEGIN}; SELECT v FROM kv WHERE k = 8; INSERT INTO kv VALUES (9, 0)`);
    await b.run(`${BEGIN}; SELECT v FROM kv WHERE k IN (9, 10); INSERT INTO kv VALUES (8, 0)`);
    await a.run('COMMIT');
    await expect(b.run('COMMIT')).rejects.toMatchObject({ code: '40001' });
  });

  test('notes the key that a row had, and the one that it gets', async () => {
    await a.run(`${BEGIN}; SELECT v FROM kv WHERE k = 7; UPDATE kv SET v = 5 WHERE k = 1`);
    await b.run(`${BEGIN}; SELECT v FROM kv WHERE k = 1; UPDATE kv SET k = 7 WHERE k = 2`);
    await a.run('COMMIT');
    await expect(b.run('COMMIT')).rejects.toMatchObject({ code: '40001' });
  });

  test('counts rows that go with those of other tables', async () => {
    await a.run(
      'CREATE TABLE child (id int PRIMARY KEY, k int REFERENCES kv ON DELETE CASCADE); INSERT INTO child VALUES (5, 1)',
    );
    await a.run(`${BEGIN}; SELECT id FROM child WHERE id = 5; INSERT INTO other VALUES (1)`);
    await b.run(`${BEGIN}; SELECT count(*) FROM other; SELECT id FROM child WHERE id = 6; DELETE FROM kv WHERE k = 1`);
    await a.run('COMMIT');
    await expect(b.run('COMMIT')).rejects.toMatchObject({ code: '40001' });
  });

  test('counts what was read before a savepoint was gone back to', async () => {
    await a.run(`${BEGIN}; SAVEPOINT s; SELECT sum(v) FROM kv; ROLLBACK TO s; INSERT INTO other VALUES (1)`);
    await b.run(`${BEGIN}; SELECT count(*) FROM other; UPDATE kv SET v = 1 WHERE k = 1`);
    await a.run('COMMIT');
    await expect(b.run('COMMIT')).rejects.toMatchObject({ code: '40001' });
  });

  test('READ ONLY DEFERRABLE waits until what it reads cannot become inconsistent', async () => {
    await a.run(`${BEGIN}; INSERT INTO other VALUES (1)`);
    await reader.run(`${BEGIN} READ ONLY DEFERRABLE`);
    let hasRead = false;
    const read = reader.rows('SELECT count(*) FROM other').then((rows) => {
      hasRead = true;
      return rows;
    });
    await b.rows('SELECT count(*) FROM kv');
    expect(hasRead).toBe(false);
    await a.run('COMMIT');
    expect(await read).toEqual([[0]]);
    await reader.run('COMMIT');
  });

  test('is said with SET TRANSACTION and by the default, too', async () => {
    await a.run('BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE');
    expect(await a.rows('SHOW transaction_isolation')).toEqual([['serializable']]);
    expect(await a.rows('SHOW transaction_deferrable')).toEqual([['on']]);
    await a.run('COMMIT; SET default_transaction_isolation = serializable');
    expect(await a.rows('SHOW transaction_isolation')).toEqual([['serializable']]);
  });
});
