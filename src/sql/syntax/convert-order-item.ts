import { convertExpression } from './convert-expression.ts';
import type { OrderItem } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

const DIRECTIONS: Readonly<Record<string, OrderItem['direction'] | 'using'>> = {
  SORTBY_DEFAULT: 'asc',
  SORTBY_ASC: 'asc',
  SORTBY_DESC: 'desc',
  SORTBY_USING: 'using',
};

const NULLS: Readonly<Record<string, OrderItem['nulls']>> = {
  SORTBY_NULLS_DEFAULT: 'default',
  SORTBY_NULLS_FIRST: 'first',
  SORTBY_NULLS_LAST: 'last',
};

/** An item of ORDER BY, of a query, a window or an aggregate. */
export function convertOrderItem(node: TreeNode): OrderItem {
  const direction = node.choice('sortby_dir', DIRECTIONS);
  const nulls = node.choice('sortby_nulls', NULLS);
  const expression = convertExpression(node.required('node'));
  const parts = node.names('useOp');
  node.finish();
  if (direction !== 'using') return { expression, direction, nulls, position: expression.position };
  const using = { schema: parts.at(-2), name: parts.at(-1) ?? '', position: node.position };
  return { expression, direction: 'asc', nulls, using, position: expression.position };
}
