import { notSupported } from '../../errors/sql-error.ts';
import { convertExpression } from './convert-expression.ts';
import { convertQuery } from './convert-query.ts';
import type { SubqueryComparisonSyntax, SyntaxExpression } from './expression-ast.ts';
import type { TreeNode } from './tree-node.ts';

type Form = 'scalar' | 'exists' | 'array' | 'any' | 'all';

const FORMS: Readonly<Record<string, Form>> = {
  EXPR_SUBLINK: 'scalar',
  EXISTS_SUBLINK: 'exists',
  ARRAY_SUBLINK: 'array',
  ANY_SUBLINK: 'any',
  ALL_SUBLINK: 'all',
};

/** A query in an expression: `(query)`, EXISTS, ARRAY, IN, ANY and ALL. */
export function convertSubLink(node: TreeNode): SyntaxExpression {
  const { position } = node;
  const form = node.choice('subLinkType', FORMS);
  const query = convertQuery(node.required('subselect'));
  if (form === 'any' || form === 'all') {
    const name = comparisonName(node);
    const left = convertRow(node.required('testexpr'));
    node.finish();
    return { kind: 'subquery-comparison', form, name, left, query, position };
  }
  node.finish();
  return { kind: 'subquery', form, query, position };
}

/** `ROW(…) op (query)`; undefined when the operands are anything else. */
export function convertRowSubquery(
  operator: { readonly name: string; readonly position: number },
  left: TreeNode | undefined,
  right: TreeNode,
): SubqueryComparisonSyntax | undefined {
  if (left?.kind !== 'RowExpr' || right.kind !== 'SubLink' || !right.is('subLinkType', 'EXPR_SUBLINK'))
    return undefined;
  right.choice('subLinkType', FORMS);
  const query = convertQuery(right.required('subselect'));
  right.finish();
  return { kind: 'subquery-comparison', form: 'row', ...operator, left: convertRow(left), query };
}

/** Left out, it is the `=` of IN. */
function comparisonName(node: TreeNode): string {
  const parts = node.names('operName');
  const schema = parts.at(-2);
  if (schema !== undefined && schema !== 'pg_catalog') {
    throw notSupported(`the operator ${parts.join('.')}`, node.position);
  }
  return parts.at(-1) ?? '=';
}

function convertRow(node: TreeNode): readonly SyntaxExpression[] {
  if (node.kind !== 'RowExpr') return [convertExpression(node)];
  const items = node.nodes('args').map(convertExpression);
  node.skip('row_format', 'colnames');
  node.finish();
  return items;
}
