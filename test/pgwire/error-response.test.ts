import { describe, expect, test } from 'vitest';
import { errorReport } from '../../src/pgwire/error-response.ts';

function report(fail: () => unknown): { code: string; severity: string; logged: number } {
  let logged = 0;
  try {
    fail();
  } catch (error) {
    const { code, severity } = errorReport(error, () => logged++);
    return { code, severity, logged };
  }
  throw new Error('nothing was thrown');
}

describe('limits of JavaScript itself are errors of the statement, not bugs', () => {
  test('a text that is too long', () => {
    expect(report(() => 'x'.repeat(2 ** 29 - 24) + 'x'.repeat(100))).toEqual({
      code: '54000',
      severity: 'ERROR',
      logged: 0,
    });
  });

  test('an array that is too long', () => {
    for (const fail of [() => new Float64Array(2 ** 53 - 1), () => new Array(2 ** 32)]) {
      expect(report(fail)).toEqual({ code: '53200', severity: 'ERROR', logged: 0 });
    }
  });
});

test('a bug is logged, and the client learns no more than that', () => {
  expect(report(() => JSON.parse('{'))).toEqual({ code: 'XX000', severity: 'ERROR', logged: 1 });
});
