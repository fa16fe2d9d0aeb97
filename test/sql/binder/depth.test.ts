import { describe, expect, test } from 'vitest';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { bindStatement } from '../../../src/sql/binder/bind-statement.ts';
import { optimize } from '../../../src/sql/optimizer/optimize.ts';
import type { SyntaxExpression } from '../../../src/sql/syntax/expression-ast.ts';
import type { SelectStatement } from '../../../src/sql/syntax/query-ast.ts';
import { contextWith, errorOf } from './bind-sql.ts';

const one: SyntaxExpression = { kind: 'literal', type: 'integer', value: '1', position: 0 };
const yes: SyntaxExpression = { kind: 'literal', type: 'boolean', value: 'true', position: 0 };

function select(expression: SyntaxExpression): SelectStatement {
  return {
    kind: 'select',
    distinct: 'none',
    targets: [{ alias: undefined, expression, position: 0 }],
    from: [],
    where: undefined,
    groupBy: [],
    having: undefined,
    orderBy: [],
    limit: undefined,
    offset: undefined,
    values: undefined,
    position: 0,
  };
}

function nested(depth: number, wrap: (inner: SyntaxExpression) => SyntaxExpression, innermost = one): SelectStatement {
  let expression = innermost;
  for (let level = 0; level < depth; level++) expression = wrap(expression);
  return select(expression);
}

const call = { schema: undefined, isStar: false, isDistinct: false, filter: undefined, position: 0 } as const;
const shapes: Readonly<Record<string, (depth: number) => SelectStatement>> = {
  'a chain of operators': (depth) =>
    nested(depth, (left) => ({ kind: 'operator', schema: undefined, name: '+', left, right: one, position: 0 })),
  'operators leaning right': (depth) =>
    nested(depth, (right) => ({ kind: 'operator', schema: undefined, name: '+', left: one, right, position: 0 })),
  'function calls': (depth) => nested(depth, (inner) => ({ kind: 'call', name: 'abs', arguments: [inner], ...call })),
  NOT: (depth) => nested(depth, (argument) => ({ kind: 'not', argument, position: 0 }), yes),
  CASE: (depth) =>
    nested(depth, (otherwise) => ({
      kind: 'case',
      operand: undefined,
      branches: [{ when: yes, then: one, position: 0 }],
      otherwise,
      position: 0,
    })),
};

describe('nesting too deep for the stack is an error of the statement', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    test(`${name}: 10,000 levels are refused, 500 are not`, () => {
      const error = errorOf(() => bindStatement(shape(10_000), contextWith()));
      expect(error).toMatchObject({ code: SqlState.StatementTooComplex, message: 'stack depth limit exceeded' });
      const { bound } = bindStatement(shape(500), contextWith());
      expect(bound.kind === 'query' && optimize(bound.plan).kind).toBe('project');
    });
  }

  test('but AND and OR are one list, however long and however parenthesized', () => {
    const tree = nested(10_000, (inner) => ({ kind: 'or', arguments: [inner, yes], position: 0 }), yes);
    const { bound } = bindStatement(tree, contextWith());
    const condition = bound.kind === 'query' && bound.plan.kind === 'project' ? bound.plan.expressions[0] : undefined;
    expect(condition?.kind === 'or' && condition.arguments).toHaveLength(10_001);
  });
});

test('a list of a hundred thousand literals is bound as one list', () => {
  const list = Array.from(
    { length: 100_000 },
    (_, at): SyntaxExpression => ({ kind: 'literal', type: 'integer', value: String(at), position: 0 }),
  );
  const { bound } = bindStatement(
    select({ kind: 'in', argument: one, list, isNegated: false, position: 0 }),
    contextWith(),
  );
  const test = bound.kind === 'query' && bound.plan.kind === 'project' ? bound.plan.expressions[0] : undefined;
  expect(test?.kind === 'in-list' && test.list).toHaveLength(100_000);
});
