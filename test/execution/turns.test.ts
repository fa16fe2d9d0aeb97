import { expect, test } from 'vitest';
import { StatementControl } from '../../src/execution/statement-control.ts';
import { Turns } from '../../src/execution/turns.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one statement goes on in each turn of the event loop, those who have waited longest first', async () => {
  const turns = new Turns();
  const order: number[] = [];
  turns.begin(0);
  expect(turns.isOver(4)).toBe(false);
  expect(turns.isOver(5)).toBe(true);
  const waiting = [1, 2, 3].map((number) => turns.next().then(() => order.push(number)));
  expect(turns.hasWaiting).toBe(true);
  for (let round = 1; round <= 3; round++) {
    await nextTurn();
    await Promise.resolve();
    expect(order).toEqual([1, 2, 3].slice(0, round));
  }
  await Promise.all(waiting);
  expect(turns.hasWaiting).toBe(false);
});

test('a turn begins anew when nobody has worked since the loop came round', async () => {
  const turns = new Turns();
  turns.begin(0);
  await nextTurn();
  expect(turns.isOver(100)).toBe(false);
  expect(turns.isOver(104)).toBe(false);
  expect(turns.isOver(105)).toBe(true);
});

test('statements that run at once share a turn, however many they are', async () => {
  const busy = async (): Promise<void> => {
    const control = new StatementControl();
    for (let step = 0; step < 20; step++) {
      const end = performance.now() + 1;
      while (performance.now() < end);
      await control.yieldIfDue();
    }
  };
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(Array.from({ length: 6 }, busy));
  isOver = true;
  // 120 ms of work: without a line there would be a turn for every 30 ms.
  expect(turns).toBeGreaterThan(12);
});
