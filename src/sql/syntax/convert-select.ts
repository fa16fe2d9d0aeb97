import { convertExpression } from './convert-expression.ts';
import { convertFromItem } from './convert-from.ts';
import { convertGroupItem } from './convert-group-item.ts';
import { convertLocking } from './convert-locking.ts';
import { convertOrderItem } from './convert-order-item.ts';
import type { ConvertValue } from './convert-query.ts';
import { convertWindow } from './convert-window.ts';
import type { SyntaxExpression } from './expression-ast.ts';
import type { SelectStatement, Target } from './query-ast.ts';
import { TreeNode } from './tree-node.ts';

/** Fewer rows are not worth a way of their own. */
const MANY_ROWS = 1024;

const NO_SET_OPERATION: Readonly<Record<string, true>> = { SETOP_NONE: true };
/** FETCH FIRST … ROWS ONLY is LIMIT. */
const LIMITS: Readonly<Record<string, { readonly withTies: boolean }>> = {
  LIMIT_OPTION_DEFAULT: { withTies: false },
  LIMIT_OPTION_COUNT: { withTies: false },
  LIMIT_OPTION_WITH_TIES: { withTies: true },
};

/** SELECT, VALUES or TABLE without what can stand before any query. */
export function convertSelect(node: TreeNode, convertValue: ConvertValue): SelectStatement {
  node.choice('op', NO_SET_OPERATION);

  const values = convertValues(node, convertValue);
  const statement: SelectStatement = {
    kind: 'select',
    distinct: convertDistinct(node.nodes('distinctClause')),
    targets: node.nodes('targetList').map(convertTarget),
    from: node.nodes('fromClause').map(convertFromItem),
    where: optional(node.node('whereClause')),
    groupBy: node.nodes('groupClause').flatMap(convertGroupItem),
    groupsDistinct: node.flag('groupDistinct'),
    having: optional(node.node('havingClause')),
    windows: node.nodes('windowClause').map(convertWindow),
    ...convertFrame(node),
    ...convertLocking(node),
    values,
    ...(values !== undefined && areLiteralRows(values) ? { hasLiteralRows: true } : {}),
    position: node.firstPosition || node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** Found out here, where the text is parsed, since it takes a look at each of so many. */
function areLiteralRows(rows: readonly (readonly SyntaxExpression[])[]): boolean {
  if (rows.length < MANY_ROWS) return false;
  const width = rows[0].length;
  return rows.every((row) => row.length === width && row.every(({ kind }) => kind === 'literal'));
}

/** ORDER BY, LIMIT, OFFSET and FETCH. */
export function convertFrame(node: TreeNode): Pick<SelectStatement, 'orderBy' | 'limit' | 'offset' | 'withTies'> {
  const { withTies } = node.choice('limitOption', LIMITS);
  return {
    orderBy: node.nodes('sortClause').map(convertOrderItem),
    limit: optional(node.node('limitCount')),
    offset: optional(node.node('limitOffset')),
    ...(withTies ? { withTies } : {}),
  };
}

function optional(node: TreeNode | undefined): SyntaxExpression | undefined {
  return node === undefined ? undefined : convertExpression(node);
}

/** Plain DISTINCT is a list of one null entry. */
function convertDistinct(nodes: readonly TreeNode[]): SelectStatement['distinct'] {
  if (nodes.length === 0) return 'none';
  if (nodes[0].kind === '') return 'all';
  return { on: nodes.map(convertExpression) };
}

export function convertTarget(node: TreeNode): Target {
  if (node.kind !== 'ResTarget') throw node.refusal();
  const target = {
    alias: node.text('name'),
    expression: convertExpression(node.required('val')),
    position: node.position,
  };
  node.finish();
  return target;
}

function convertValues(node: TreeNode, convertValue: ConvertValue): SelectStatement['values'] {
  const rows = node.list('valuesLists');
  if (rows.length === 0) return undefined;
  return rows.map((row) =>
    TreeNode.unwrap(row, node.context)
      .list('items')
      .map((item) => convertValue(TreeNode.unwrap(item, node.context))),
  );
}
