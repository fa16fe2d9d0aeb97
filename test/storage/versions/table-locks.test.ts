import { expect, test } from 'vitest';
import { TableLocks } from '../../../src/storage/versions/table-locks.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const owners = [{ name: 'a' }, { name: 'b' }, { name: 'c' }] as const;
const [a, b, c] = owners;

/** Notes in `order` when the owner has the lock. */
function wait(locks: TableLocks, table: number, owner: (typeof owners)[number], order: string[]): Promise<void> {
  return Promise.resolve(locks.acquire(table, owner)).then(() => {
    order.push(owner.name);
  });
}

test('a lock goes from hand to hand in the order of asking', async () => {
  const locks = new TableLocks(new ManualTimers());
  const order: string[] = [];
  expect(locks.acquire(1, a)).toBeUndefined();
  expect(locks.acquire(1, a)).toBeUndefined();
  expect(locks.acquire(2, b)).toBeUndefined();
  const waits = [wait(locks, 1, b, order), wait(locks, 1, c, order)];
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  locks.releaseAll(a);
  await waits[0];
  expect(order).toEqual(['b']);
  expect(locks.isHeldBy(1, b)).toBe(true);
  locks.releaseAll(b);
  await waits[1];
  expect(order).toEqual(['b', 'c']);
  locks.releaseAll(c);
  expect(locks.acquire(1, a)).toBeUndefined();
  expect(locks.acquire(2, a)).toBeUndefined();
});

test('who would close a circle of waiting gets 40P01, and the others go on', async () => {
  const locks = new TableLocks(new ManualTimers());
  for (const [index, owner] of owners.entries()) locks.acquire(index, owner);
  const first = locks.acquire(1, a);
  const second = locks.acquire(2, b);
  expect(() => locks.acquire(0, c)).toThrow(expect.objectContaining({ code: '40P01', message: 'deadlock detected' }));
  locks.releaseAll(c);
  await second;
  locks.releaseAll(b);
  await first;
});

test('a circle through somebody who stands in line is found too', () => {
  const locks = new TableLocks(new ManualTimers());
  locks.acquire(1, a);
  locks.acquire(2, b);
  // b and c stand in line for a.
  void locks.acquire(1, c);
  void locks.acquire(1, b);
  expect(() => locks.acquire(2, a)).toThrow(expect.objectContaining({ code: '40P01' }));
});

test('waiting ends with 55P03 when the time is up, and the line moves up', async () => {
  const timers = new ManualTimers();
  const locks = new TableLocks(timers);
  locks.acquire(1, a);
  const impatient = locks.acquire(1, b, { lockTimeoutMs: 100 });
  const patient = locks.acquire(1, c, { lockTimeoutMs: 1000 });
  timers.advance(99);
  const rejection = expect(impatient).rejects.toMatchObject({
    code: '55P03',
    message: 'canceling statement due to lock timeout',
  });
  timers.advance(1);
  await rejection;
  locks.releaseAll(a);
  await patient;
  expect(locks.isHeldBy(1, c)).toBe(true);
  timers.advance(5000);
  expect(locks.isHeldBy(1, c)).toBe(true);
});

test('a statement that is cancelled stops waiting', async () => {
  const timers = new ManualTimers();
  const locks = new TableLocks(timers);
  locks.acquire(1, a);
  let isCancelled = false;
  const control = {
    check() {
      if (isCancelled) throw new Error('cancelled');
    },
  };
  const waiting = locks.acquire(1, b, { control });
  timers.advance(1000);
  isCancelled = true;
  const rejection = expect(waiting).rejects.toThrow('cancelled');
  timers.advance(1000);
  await rejection;
  locks.releaseAll(a);
  expect(locks.acquire(1, c)).toBeUndefined();
});
