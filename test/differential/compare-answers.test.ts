import { describe, expect, test } from 'vitest';
import type { Answer, StatementResult } from '../support/statement-client.ts';
import { compareAnswers } from './compare-answers.ts';
import { explanationOf } from './explained.ts';
import type { Probe } from './explanations/explanation.ts';

const OPTIONS = { isOrdered: false, mayMiss: false };
const PROBE: Probe = {
  theirs: async () => rows(['1']),
  agreeOnExpressions: async () => true,
  errorsOfParts: async () => new Set<string>(),
};

function rows(...texts: readonly (readonly (string | null)[] | string[])[]): Answer {
  return answer({ rows: texts.map((row) => row.map((text) => (text === null ? null : Buffer.from(text)))) });
}

function answer(result: Partial<StatementResult>): Answer {
  const columns = [{ name: 'a', typeOid: 701, typmod: -1 }];
  return {
    results: [{ columns, rows: [], tag: 'SELECT', ...result }],
    error: undefined,
    notices: [],
    transactionStatus: 'I',
    parameterTypes: [],
  };
}

function failure(fields: Record<string, string>): Answer {
  return {
    results: [],
    error: new Map(Object.entries(fields)),
    notices: [],
    transactionStatus: 'I',
    parameterTypes: [],
  };
}

describe('compareAnswers', () => {
  test('compares rows as multisets unless their order is decided', () => {
    expect(compareAnswers(rows(['1'], ['2']), rows(['2'], ['1']), OPTIONS)).toBeUndefined();
    expect(compareAnswers(rows(['1'], ['2']), rows(['2'], ['1']), { ...OPTIONS, isOrdered: true })?.aspect).toBe(
      'rows',
    );
    expect(compareAnswers(rows(['1'], ['1']), rows(['1']), OPTIONS)?.aspect).toBe('rows');
    expect(compareAnswers(rows([null]), rows(['']), OPTIONS)?.aspect).toBe('rows');
  });

  test('sees the name, the type and the modifier of a column, and the tag', () => {
    const column = { name: 'a', typeOid: 23, typmod: -1 };
    const plain = answer({ columns: [column] });
    for (const change of [{ name: 'b' }, { typeOid: 20 }, { typmod: 4 }]) {
      expect(compareAnswers(answer({ columns: [{ ...column, ...change }] }), plain, OPTIONS)?.aspect).toBe('columns');
    }
    expect(compareAnswers(answer({ tag: 'INSERT 0 1' }), answer({ tag: 'INSERT 0 2' }), OPTIONS)?.aspect).toBe('tag');
  });

  test('sees every field of an error', () => {
    const error = { C: '42703', M: 'no', P: '8', D: 'd', H: 'h', V: 'ERROR' };
    const aspects = { C: 'SQLSTATE', M: 'message', P: 'position', D: 'detail', H: 'hint', V: 'severity' };
    for (const [letter, aspect] of Object.entries(aspects)) {
      expect(compareAnswers(failure({ ...error, [letter]: 'x' }), failure(error), OPTIONS)?.aspect).toBe(aspect);
    }
    expect(compareAnswers(failure(error), failure(error), OPTIONS)).toBeUndefined();
    expect(compareAnswers(failure(error), rows(['1']), OPTIONS)?.aspect).toBe('error');
  });

  test('counts what ours refuses apart', () => {
    expect(compareAnswers(failure({ C: '0A000', M: 'x is not supported' }), rows(['1']), OPTIONS)?.aspect).toBe(
      'refused',
    );
    const missing = failure({ C: '42883', M: 'function f() does not exist' });
    expect(compareAnswers(missing, rows(['1']), OPTIONS)?.aspect).toBe('error');
    expect(compareAnswers(missing, rows(['1']), { ...OPTIONS, mayMiss: true })?.aspect).toBe('refused');
  });
});

describe('explanations', () => {
  const explain = async (sql: string, ours: Answer, theirs: Answer) => {
    const difference = compareAnswers(ours, theirs, OPTIONS);
    return difference && (await explanationOf({ sql, difference, ours, theirs }, PROBE))?.name;
  };

  test('the last digits of a sum may differ, others not', async () => {
    const sum = 'SELECT sum(x) FROM t';
    expect(await explain(sum, rows(['0.30000000000000004']), rows(['0.3']))).toBe('last-digits');
    expect(await explain(sum, rows(['0.3001']), rows(['0.3']))).toBeUndefined();
    expect(await explain('SELECT x FROM t', rows(['0.30000000000000004']), rows(['0.3']))).toBeUndefined();
  });

  test('an error about reading the statement is never a matter of order', async () => {
    const division = failure({ C: '22012', M: 'division by zero' });
    expect(await explain('SELECT', division, failure({ C: '22003', M: 'out of range' }))).toBe('order-of-evaluation');
    expect(await explain('SELECT', division, failure({ C: '42703', M: 'no column', P: '8' }))).toBeUndefined();
  });
});
