import { describe, expect, test } from 'vitest';
import { StatementControl } from '../../src/execution/statement-control.ts';

test('what is owed is paid once and is gone then', async () => {
  const control = new StatementControl();
  control.owe(30);
  control.owe(-5);
  control.owe(10);
  expect(control.owedMs).toBe(40);
  await control.pay();
  expect(control.owedMs).toBe(0);
});

test('a statement that sleeps feels its cancellation', async () => {
  const control = new StatementControl();
  control.owe(60_000);
  setTimeout(() => control.cancel('user'), 10);
  await expect(control.pay()).rejects.toMatchObject({
    code: '57014',
    message: 'canceling statement due to user request',
  });
});

describe('a cancellation', () => {
  test('is seen by threads that are told of the statement afterwards', () => {
    const control = new StatementControl();
    control.cancel('timeout');
    control.cancel('user');
    const ofThread = new StatementControl(control.word);
    const message = 'canceling statement due to statement timeout';
    expect(() => ofThread.check()).toThrow(message);
    expect(() => control.check()).toThrow(message);
  });

  test('is seen by threads that have been told of the statement before', () => {
    const control = new StatementControl();
    const ofThread = new StatementControl(control.word);
    ofThread.check();
    control.cancel('shutdown');
    expect(() => ofThread.check()).toThrow('terminating connection due to administrator command');
  });
});
