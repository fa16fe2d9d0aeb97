import { convertExpression } from './convert-expression.ts';
import type { GroupingSyntax } from './expression-ast.ts';
import type { GroupItem, GroupingSetSyntax } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

const FORMS: Readonly<Record<string, Exclude<GroupingSetSyntax['form'], 'list'>>> = {
  GROUPING_SET_EMPTY: 'empty',
  GROUPING_SET_ROLLUP: 'rollup',
  GROUPING_SET_CUBE: 'cube',
  GROUPING_SET_SETS: 'sets',
};

/** GROUP BY (a, b) is GROUP BY a, b: PostgreSQL unpacks the parentheses too. ROW(a, b) stays a row. */
export function convertGroupItem(node: TreeNode): readonly GroupItem[] {
  if (isList(node)) {
    const items = node.nodes('args').flatMap(convertGroupItem);
    node.finish();
    return items;
  }
  return [node.kind === 'GroupingSet' ? convertGroupingSet(node) : convertExpression(node)];
}

function convertGroupingSet(node: TreeNode): GroupingSetSyntax {
  const form = node.choice('kind', FORMS);
  const items = node.nodes('content').map(convertMember);
  node.finish();
  return { kind: 'grouping-set', form, items, position: node.position };
}

/** Within ROLLUP, CUBE and GROUPING SETS a list in parentheses stays together. */
function convertMember(node: TreeNode): GroupItem {
  if (!isList(node)) return node.kind === 'GroupingSet' ? convertGroupingSet(node) : convertExpression(node);
  const items = node.nodes('args').flatMap(convertGroupItem);
  node.finish();
  return { kind: 'grouping-set', form: 'list', items, position: node.position };
}

function isList(node: TreeNode): boolean {
  return node.kind === 'RowExpr' && node.text('row_format') === 'COERCE_IMPLICIT_CAST';
}

/** GROUPING(a, b). */
export function convertGrouping(node: TreeNode): GroupingSyntax {
  const values = node.nodes('args').map(convertExpression);
  node.finish();
  return { kind: 'grouping', arguments: values, position: node.position };
}
