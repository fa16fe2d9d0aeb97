import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { convertExpression } from './convert-expression.ts';
import { convertQuery } from './convert-query.ts';
import { convertStep } from './convert-row.ts';
import type { Assignment, AssignmentTarget } from './data-modification-ast.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { Query } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** `(query)`, not EXISTS (query) and its like. */
function convertRowQuery(source: TreeNode): Query | undefined {
  if (!source.is('subLinkType', 'EXPR_SUBLINK')) return undefined;
  source.skip('subLinkType');
  const query = convertQuery(source.required('subselect'));
  source.finish();
  return query;
}

/** A value on its way into a column, which may be DEFAULT. */
export function convertAssignedValue(node: TreeNode): SyntaxExpression {
  return node.kind === 'SetToDefault' ? { kind: 'default', position: node.position } : convertExpression(node);
}

/**
 * The SET list of UPDATE. The tree has an entry for each column; those of `(a, b) = …` all carry the whole right side,
 * and say which of how many they are.
 */
export function convertAssignments(nodes: readonly TreeNode[]): readonly Assignment[] {
  const assignments: Assignment[] = [];
  for (let at = 0; at < nodes.length; ) {
    const target = convertTarget(nodes[at]);
    const value = nodes[at].required('val');
    nodes[at].finish();
    at += 1;
    if (value.kind !== 'MultiAssignRef') {
      assignments.push({ targets: [target], values: [convertAssignedValue(value)], position: value.position });
      continue;
    }
    const targets = [target];
    const width = value.integer('ncolumns');
    for (; targets.length < width; at++) targets.push(convertTarget(nodes[at]));
    assignments.push({ targets, ...convertRow(value.required('source')) });
  }
  return assignments;
}

function convertTarget(node: TreeNode): AssignmentTarget {
  if (node.kind !== 'ResTarget') throw node.refusal();
  const target = {
    name: node.text('name') ?? '',
    steps: node.nodes('indirection').map(convertStep),
    position: node.position,
  };
  return target;
}

function convertRow(source: TreeNode): Pick<Assignment, 'values' | 'query' | 'position'> {
  const query = source.kind === 'SubLink' ? convertRowQuery(source) : undefined;
  if (query !== undefined) return { values: [], query, position: source.position };
  if (source.kind !== 'RowExpr') {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      'source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression',
      { position: source.leftmostPosition },
    );
  }
  const row = { values: source.nodes('args').map(convertAssignedValue), position: source.position };
  source.skip('row_format');
  source.finish();
  return row;
}
