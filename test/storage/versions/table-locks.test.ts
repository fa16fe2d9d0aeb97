import { expect, test } from 'vitest';
import type { TableLockMode } from '../../../src/catalog/table-locking.ts';
import { TableLocks } from '../../../src/storage/versions/table-locks.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const owners = [{ name: 'a' }, { name: 'b' }, { name: 'c' }] as const;
const [a, b, c] = owners;

/** Notes in `order` when the owner has the lock. */
function wait(locks: TableLocks, table: number, owner: (typeof owners)[number], order: string[]): Promise<void> {
  return Promise.resolve(locks.acquire(table, owner, 'write')).then(() => {
    order.push(owner.name);
  });
}

test('a lock goes from hand to hand in the order of asking', async () => {
  const locks = new TableLocks(new ManualTimers());
  const order: string[] = [];
  expect(locks.acquire(1, a, 'write')).toBeUndefined();
  expect(locks.acquire(1, a, 'write')).toBeUndefined();
  expect(locks.acquire(2, b, 'write')).toBeUndefined();
  const waits = [wait(locks, 1, b, order), wait(locks, 1, c, order)];
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  locks.releaseAll(a);
  await waits[0];
  expect(order).toEqual(['b']);
  expect(locks.isHeldBy(1, b, 'write')).toBe(true);
  locks.releaseAll(b);
  await waits[1];
  expect(order).toEqual(['b', 'c']);
  locks.releaseAll(c);
  expect(locks.acquire(1, a, 'write')).toBeUndefined();
  expect(locks.acquire(2, a, 'write')).toBeUndefined();
});

test('who would close a circle of waiting gets 40P01, and the others go on', async () => {
  const locks = new TableLocks(new ManualTimers());
  for (const [index, owner] of owners.entries()) locks.acquire(index, owner, 'write');
  const first = locks.acquire(1, a, 'write');
  const second = locks.acquire(2, b, 'write');
  expect(() => locks.acquire(0, c, 'write')).toThrow(
    expect.objectContaining({ code: '40P01', message: 'deadlock detected' }),
  );
  locks.releaseAll(c);
  await second;
  locks.releaseAll(b);
  await first;
});

test('a circle through somebody who stands in line is found too', () => {
  const locks = new TableLocks(new ManualTimers());
  locks.acquire(1, a, 'write');
  locks.acquire(2, b, 'write');
  // b and c stand in line for a.
  void locks.acquire(1, c, 'write');
  void locks.acquire(1, b, 'write');
  expect(() => locks.acquire(2, a, 'write')).toThrow(expect.objectContaining({ code: '40P01' }));
});

test('waiting ends with 55P03 when the time is up, and the line moves up', async () => {
  const timers = new ManualTimers();
  const locks = new TableLocks(timers);
  locks.acquire(1, a, 'write');
  const impatient = locks.acquire(1, b, 'write', { lockTimeoutMs: 100 });
  const patient = locks.acquire(1, c, 'write', { lockTimeoutMs: 1000 });
  timers.advance(99);
  const rejection = expect(impatient).rejects.toMatchObject({
    code: '55P03',
    message: 'canceling statement due to lock timeout',
  });
  timers.advance(1);
  await rejection;
  locks.releaseAll(a);
  await patient;
  expect(locks.isHeldBy(1, c, 'write')).toBe(true);
  timers.advance(5000);
  expect(locks.isHeldBy(1, c, 'write')).toBe(true);
});

test('a statement that is cancelled stops waiting', async () => {
  const timers = new ManualTimers();
  const locks = new TableLocks(timers);
  locks.acquire(1, a, 'write');
  let isCancelled = false;
  const control = {
    check() {
      if (isCancelled) throw new Error('cancelled');
    },
  };
  const waiting = locks.acquire(1, b, 'write', { control });
  timers.advance(1000);
  isCancelled = true;
  const rejection = expect(waiting).rejects.toThrow('cancelled');
  timers.advance(1000);
  await rejection;
  locks.releaseAll(a);
  expect(locks.acquire(1, c, 'write')).toBeUndefined();
});

const MODES: readonly TableLockMode[] = ['append', 'write', 'share', 'exclusive'];
/** Per mode that somebody has, those that others may have beside it. */
const COMPATIBLE: { readonly [mode in TableLockMode]: readonly TableLockMode[] } = {
  append: ['append', 'write'],
  write: ['append'],
  share: ['share'],
  exclusive: [],
};

for (const held of MODES) {
  for (const wanted of MODES) {
    const isCompatible = COMPATIBLE[held].includes(wanted);
    test(`${wanted} ${isCompatible ? 'goes with' : 'waits for'} ${held}`, async () => {
      const locks = new TableLocks(new ManualTimers());
      locks.acquire(1, a, held);
      expect(locks.isBlocked(1, wanted)).toBe(!isCompatible);
      const waiting = locks.acquire(1, b, wanted);
      expect(waiting === undefined).toBe(isCompatible);
      locks.releaseAll(a);
      await waiting;
      expect(locks.isHeldBy(1, b, wanted)).toBe(true);
    });
  }
}

test('a lock is enough for what it keeps out, and SHARE is not enough to append', () => {
  const locks = new TableLocks(new ManualTimers());
  const covered = Object.fromEntries(
    MODES.map((held, table) => {
      locks.acquire(table, a, held);
      return [held, MODES.filter((wanted) => locks.isHeldBy(table, a, wanted))];
    }),
  );
  expect(covered).toEqual({
    append: ['append'],
    write: ['append', 'write'],
    share: ['share'],
    exclusive: ['append', 'write', 'share', 'exclusive'],
  });
});

test('who appends stands in line behind one who waits to alter', async () => {
  const locks = new TableLocks(new ManualTimers());
  locks.acquire(1, a, 'append');
  const order: string[] = [];
  const alter = locks.acquire(1, b, 'exclusive')!.then(() => order.push('b'));
  const append = locks.acquire(1, c, 'append')!.then(() => order.push('c'));
  // Who has a lock already goes on.
  expect(locks.acquire(1, a, 'write')).toBeUndefined();
  locks.releaseAll(a);
  await alter;
  expect(order).toEqual(['b']);
  locks.releaseAll(b);
  await append;
  expect(order).toEqual(['b', 'c']);
});

test('one who gives up waiting does not keep those behind him waiting', async () => {
  const timers = new ManualTimers();
  const locks = new TableLocks(timers);
  locks.acquire(1, a, 'append');
  const alter = expect(locks.acquire(1, b, 'exclusive', { lockTimeoutMs: 10 })).rejects.toMatchObject({
    code: '55P03',
  });
  const append = locks.acquire(1, c, 'append');
  expect(append).toBeInstanceOf(Promise);
  timers.advance(10);
  await alter;
  await append;
  expect(locks.isHeldBy(1, c, 'append')).toBe(true);
});

test('two who both append and both want to alter are a circle', async () => {
  const locks = new TableLocks(new ManualTimers());
  locks.acquire(1, a, 'append');
  locks.acquire(1, b, 'append');
  const first = locks.acquire(1, a, 'exclusive');
  expect(() => locks.acquire(1, b, 'exclusive')).toThrow(expect.objectContaining({ code: '40P01' }));
  locks.releaseAll(b);
  await first;
});
