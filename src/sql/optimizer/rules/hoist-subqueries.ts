import type { ColumnExpression, Expression } from '../../expression/expression.ts';
import { hasSubquery } from '../../expression/walk-expression.ts';
import type { LogicalPlan, ProjectNode } from '../../plan/logical-plan.ts';
import { mapNodeExpressions, mapPlan } from '../plan-walk.ts';
import { nodeExpressions } from '../subplans.ts';

/**
 * Subqueries are computed by projections and conditions, which can wait for them: sorting, grouping and windows find
 * their results as columns of their input.
 */
export function hoistSubqueries(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    switch (node.kind) {
      case 'aggregate':
      case 'window':
      case 'sort':
      case 'distinct-on':
        return nodeExpressions(node).some((part) => hasSubquery(part) && !isOfNode(node, part)) ? hoist(node) : node;
      default:
        return node;
    }
  });
}

type Hoisting = Extract<LogicalPlan, { kind: 'aggregate' | 'window' | 'sort' | 'distinct-on' }>;

/** What is computed once for the node or a group of it, and not over rows: the operators wait for that. */
function isOfNode(node: Hoisting, expression: Expression): boolean {
  if (node.kind === 'window') return [node.frame.start.offset, node.frame.end.offset].includes(expression);
  return node.kind === 'aggregate' && node.aggregates.some((call) => call.directArguments?.includes(expression));
}

function hoist(node: Hoisting): LogicalPlan {
  const { input } = node;
  const width = input.output.length;
  const expressions: Expression[] = input.output.map(({ type }, index) => ({ kind: 'column', index, type }));
  const over = mapNodeExpressions(node, (expression) => {
    if (!hasSubquery(expression) || isOfNode(node, expression)) return expression;
    const column: ColumnExpression = { kind: 'column', index: expressions.length, type: expression.type };
    expressions.push(expression);
    return column;
  }) as Hoisting;
  const added = expressions.slice(width).map(({ type }) => ({ name: '?column?', type, tableOid: 0, columnNumber: 0 }));
  const below: ProjectNode = { kind: 'project', input, expressions, output: [...input.output, ...added] };
  if (over.kind === 'aggregate') return { ...over, input: below };
  // The others hand their input's columns on: those that were added go again.
  const output = [...below.output, ...node.output.slice(width)];
  const kept = output.flatMap(({ type }, index): ColumnExpression[] =>
    index >= width && index < width + added.length ? [] : [{ kind: 'column', index, type }],
  );
  return { kind: 'project', input: { ...over, input: below, output }, expressions: kept, output: node.output };
}
