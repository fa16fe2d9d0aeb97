import { describe, expect, test } from 'vitest';
import { EndWaits } from '../../../src/storage/versions/end-waits.ts';
import { type RowLockMode, RowLocks } from '../../../src/storage/versions/row-locks.ts';
import { WaitGraph } from '../../../src/storage/versions/wait-graph.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const a = { name: 'a' };
const b = { name: 'b' };
const c = { name: 'c' };
const MODES = ['key share', 'share', 'no key update', 'update'] as const;

function newLocks(timers = new ManualTimers(), graph = new WaitGraph()): RowLocks {
  return new RowLocks(timers, graph);
}

/** Notes in `order` when the owner has the lock. */
function take(locks: RowLocks, owner: { name: string }, mode: RowLockMode, order: string[], row = 1): Promise<void> {
  const got = locks.tryAcquire(7, row, owner, mode) ? Promise.resolve() : locks.acquire(7, row, owner, mode, {});
  return got.then(() => {
    order.push(owner.name);
  });
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('modes exclude each other as in PostgreSQL', () => {
  const conflicts: Record<RowLockMode, readonly RowLockMode[]> = {
    'key share': ['update'],
    share: ['no key update', 'update'],
    'no key update': ['share', 'no key update', 'update'],
    update: MODES,
  };
  for (const held of MODES) {
    for (const wanted of MODES) {
      const isFree = !conflicts[held].includes(wanted);
      test(`${wanted} of a row that another has locked for ${held}: ${isFree ? 'had' : 'waited for'}`, () => {
        const locks = newLocks();
        expect(locks.tryAcquire(7, 1, a, held)).toBe(true);
        expect(locks.tryAcquire(7, 1, b, wanted)).toBe(isFree);
        expect(locks.tryAcquire(7, 2, b, wanted)).toBe(true);
        expect(locks.tryAcquire(8, 1, b, wanted)).toBe(true);
        locks.releaseAll(a);
        expect(locks.tryAcquire(7, 1, b, wanted)).toBe(true);
      });
    }
  }
});

test('a lock is handed on in the order of asking, to all that get along with each other', async () => {
  const locks = newLocks();
  const order: string[] = [];
  const d = { name: 'd' };
  await take(locks, a, 'update', order);
  const waits = [take(locks, b, 'share', order), take(locks, c, 'share', order), take(locks, d, 'update', order)];
  await settle();
  expect(order).toEqual(['a']);
  locks.releaseAll(a);
  await settle();
  expect(order).toEqual(['a', 'b', 'c']);
  locks.releaseAll(c);
  await settle();
  expect(order).toEqual(['a', 'b', 'c']);
  locks.releaseAll(b);
  await Promise.all(waits);
  expect(order).toEqual(['a', 'b', 'c', 'd']);
  expect(locks.isHeldBy(7, 1, d, 'key share')).toBe(true);
});

test('who gets along with the holder does not wait behind those that do not', async () => {
  const locks = newLocks();
  const order: string[] = [];
  await take(locks, a, 'key share', order);
  const waiting = take(locks, b, 'update', order);
  await take(locks, c, 'no key update', order);
  expect(order).toEqual(['a', 'c']);
  locks.releaseAll(a);
  await settle();
  expect(order).toEqual(['a', 'c']);
  locks.releaseAll(c);
  await waiting;
});

test('a holder that needs more goes before those who have nothing', async () => {
  const locks = newLocks();
  const order: string[] = [];
  await take(locks, a, 'share', order);
  const waiting = take(locks, b, 'update', order);
  await take(locks, a, 'update', order);
  expect(locks.isHeldBy(7, 1, a, 'update')).toBe(true);
  expect(order).toEqual(['a', 'a']);
  locks.releaseAll(a);
  await waiting;
});

test('two holders that both need more are a deadlock', async () => {
  const locks = newLocks();
  const order: string[] = [];
  await take(locks, a, 'share', order);
  await take(locks, b, 'share', order);
  const waiting = take(locks, a, 'update', order);
  expect(() => locks.acquire(7, 1, b, 'update', {})).toThrow(expect.objectContaining({ code: '40P01' }));
  locks.releaseAll(b);
  await waiting;
});

test('a circle through one who passed the line is found', async () => {
  const locks = newLocks();
  const order: string[] = [];
  await take(locks, a, 'key share', order);
  await take(locks, b, 'update', order, 2);
  const waiting = take(locks, b, 'update', order);
  // c stands in nobody's way when b begins to wait, but soon does.
  await take(locks, c, 'key share', order);
  expect(() => locks.acquire(7, 2, c, 'update', {})).toThrow(expect.objectContaining({ code: '40P01' }));
  locks.releaseAll(a);
  locks.releaseAll(c);
  await waiting;
});

test('circles lead through ends of transactions too', async () => {
  const graph = new WaitGraph();
  const timers = new ManualTimers();
  const locks = newLocks(timers, graph);
  const ends = new EndWaits(timers, graph);
  locks.tryAcquire(7, 1, a, 'update');
  const waiting = locks.acquire(7, 1, b, 'update', {});
  expect(() => ends.waitFor(a, b, {})).toThrow(expect.objectContaining({ code: '40P01' }));
  const other = ends.waitFor(c, b, {});
  locks.releaseAll(a);
  await waiting;
  locks.releaseAll(b);
  ends.noteEnd(b);
  await other;
});

test('waiting ends with 55P03 when the time is up, and who stands behind moves up', async () => {
  const timers = new ManualTimers();
  const locks = newLocks(timers);
  const order: string[] = [];
  await take(locks, a, 'share', order);
  const refused = locks.acquire(7, 1, b, 'update', { lockTimeoutMs: 50 });
  const waiting = locks.acquire(7, 1, c, 'share', {});
  const outcome = expect(refused).rejects.toMatchObject({ code: '55P03' });
  timers.advance(50);
  await outcome;
  await waiting;
  expect(locks.isHeldBy(7, 1, c, 'share')).toBe(true);
});

test('waiting for an end is left with what the statement is cancelled with', async () => {
  const timers = new ManualTimers();
  const ends = new EndWaits(timers, new WaitGraph());
  let isCancelled = false;
  const control = {
    check() {
      if (isCancelled) throw new Error('cancelled');
    },
  };
  const outcome = expect(ends.waitFor(a, b, { control })).rejects.toThrow('cancelled');
  isCancelled = true;
  timers.advance(20);
  await outcome;
  ends.noteEnd(b);
});

test('a hundred thousand rows are locked and given up, those that others want among them', async () => {
  const locks = newLocks();
  for (let row = 1; row <= 100_000; row++) expect(locks.tryAcquire(7, row, a, 'no key update')).toBe(true);
  const order: string[] = [];
  const waiting = [take(locks, b, 'update', order, 500), take(locks, c, 'update', order, 99_999)];
  locks.tryAcquire(7, 777, b, 'key share');
  locks.releaseAll(a);
  await Promise.all(waiting);
  expect(locks.tryAcquire(7, 500, a, 'key share')).toBe(false);
  expect(locks.tryAcquire(7, 777, a, 'update')).toBe(false);
  expect(locks.tryAcquire(7, 501, a, 'update')).toBe(true);
  locks.releaseAll(b);
  locks.releaseAll(c);
  expect(locks.tryAcquire(7, 500, a, 'update')).toBe(true);
});

describe('a row that is replaced', () => {
  test('is still locked by those whose locks have let it be replaced', () => {
    const locks = newLocks();
    locks.tryAcquire(7, 1, a, 'key share');
    locks.tryAcquire(7, 1, b, 'no key update');
    locks.carryOver(7, 1, 2, b);
    locks.releaseAll(b);
    expect(locks.tryAcquire(7, 2, c, 'update')).toBe(false);
    expect(locks.tryAcquire(7, 2, c, 'no key update')).toBe(true);
    locks.releaseAll(a);
    expect(locks.tryAcquire(7, 2, c, 'update')).toBe(true);
  });

  test('leaves nothing behind where nobody else had it', () => {
    const locks = newLocks();
    locks.tryAcquire(7, 1, b, 'no key update');
    expect(locks.hasShared(7)).toBe(false);
    locks.carryOver(7, 1, 2, b);
    locks.releaseAll(b);
    expect(locks.tryAcquire(7, 2, c, 'update')).toBe(true);
  });
});
