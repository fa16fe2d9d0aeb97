import type { OrderItem, SelectStatement, SyntaxExpression, Target } from './ast.ts';
import { convertExpression } from './convert-expression.ts';
import { convertFromItem } from './convert-from.ts';
import { TreeNode } from './tree-node.ts';

const NO_SET_OPERATION: Readonly<Record<string, true>> = { SETOP_NONE: true };
/** FETCH FIRST … ROWS ONLY is LIMIT; WITH TIES has no meaning here and is refused. */
const LIMITS: Readonly<Record<string, true>> = { LIMIT_OPTION_DEFAULT: true, LIMIT_OPTION_COUNT: true };

/** Converts one expression of a VALUES row; INSERT's own also takes DEFAULT. */
type ConvertValue = (node: TreeNode) => SyntaxExpression;

/** SELECT, VALUES or TABLE, at the top or in parentheses. */
export function convertSelect(node: TreeNode, convertValue: ConvertValue = convertExpression): SelectStatement {
  if (node.kind !== 'SelectStmt') throw node.refusal();
  // Refused first, so that the error names the construct rather than something inside it.
  for (const field of ['withClause', 'intoClause', 'windowClause', 'lockingClause', 'groupDistinct'])
    node.refuse(field);
  node.choice('op', NO_SET_OPERATION);
  node.choice('limitOption', LIMITS);

  const statement: SelectStatement = {
    kind: 'select',
    distinct: convertDistinct(node.nodes('distinctClause')),
    targets: node.nodes('targetList').map(convertTarget),
    from: node.nodes('fromClause').map(convertFromItem),
    where: optional(node.node('whereClause')),
    groupBy: node.nodes('groupClause').flatMap(convertGroupItem),
    having: optional(node.node('havingClause')),
    orderBy: node.nodes('sortClause').map(convertOrderItem),
    limit: optional(node.node('limitCount')),
    offset: optional(node.node('limitOffset')),
    values: convertValues(node, convertValue),
    position: node.firstPosition || node.context.statementPosition,
  };
  node.finish();
  return statement;
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

/** GROUP BY (a, b) is GROUP BY a, b: PostgreSQL unpacks the parentheses too. ROW(a, b) stays a row, and is refused. */
function convertGroupItem(node: TreeNode): readonly SyntaxExpression[] {
  if (node.kind !== 'RowExpr' || node.text('row_format') !== 'COERCE_IMPLICIT_CAST') return [convertExpression(node)];
  const items = node.nodes('args').flatMap(convertGroupItem);
  node.finish();
  return items;
}

const DIRECTIONS: Readonly<Record<string, OrderItem['direction']>> = {
  SORTBY_DEFAULT: 'asc',
  SORTBY_ASC: 'asc',
  SORTBY_DESC: 'desc',
};

const NULLS: Readonly<Record<string, OrderItem['nulls']>> = {
  SORTBY_NULLS_DEFAULT: 'default',
  SORTBY_NULLS_FIRST: 'first',
  SORTBY_NULLS_LAST: 'last',
};

function convertOrderItem(node: TreeNode): OrderItem {
  const direction = node.choice('sortby_dir', DIRECTIONS);
  const nulls = node.choice('sortby_nulls', NULLS);
  const expression = convertExpression(node.required('node'));
  node.finish();
  return { expression, direction, nulls, position: expression.position };
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
