import { describe, expect, test } from 'vitest';
import { parseExpression, parseOne, withoutPositions } from './parse-helper.ts';

const column = (name: string) => ({ kind: 'column', qualifier: [], name });
const integer = (value: string) => ({ kind: 'literal', type: 'integer', value });

describe('rows and what stands behind an expression', () => {
  test.each([
    ['ROW(a, 1)', { kind: 'row', elements: [column('a'), integer('1')] }],
    ['(a, 1)', { kind: 'row', elements: [column('a'), integer('1')] }],
    ['ROW()', { kind: 'row', elements: [] }],
    ['ROW(t.*)', { kind: 'row', elements: [{ kind: 'star', qualifier: ['t'] }] }],
    [
      'a[1][2:]',
      {
        kind: 'indirection',
        argument: column('a'),
        steps: [
          { kind: 'subscript', index: integer('1') },
          { kind: 'slice', lower: integer('2'), upper: undefined },
        ],
      },
    ],
    [
      '(a).b[:3].c',
      {
        kind: 'indirection',
        argument: column('a'),
        steps: [
          { kind: 'field', name: 'b' },
          { kind: 'slice', lower: undefined, upper: integer('3') },
          { kind: 'field', name: 'c' },
        ],
      },
    ],
    ['(a).*', { kind: 'indirection', argument: column('a'), steps: [{ kind: 'star' }] }],
  ])('%s', (text, tree) => {
    expect(withoutPositions(parseExpression(text))).toEqual(tree);
  });

  test('begin where their first part does', () => {
    expect(parseExpression('  (a, b)').position).toBe(10);
    expect(parseExpression('  a[1]').position).toBe(10);
  });

  test('name the part of a column that an assignment changes', () => {
    expect(parseOne('UPDATE t SET a[1:2] = x, b = y')).toMatchObject({
      assignments: [{ targets: [{ name: 'a', steps: [{ kind: 'slice' }] }] }, { targets: [{ name: 'b', steps: [] }] }],
    });
  });
});
