import type { DeleteStatement } from './ast.ts';
import { convertExpression } from './convert-expression.ts';
import { convertFromItem } from './convert-from.ts';
import { convertWrittenTable } from './convert-relation.ts';
import { convertReturning } from './convert-returning.ts';
import type { TreeNode } from './tree-node.ts';

export function convertDelete(node: TreeNode): DeleteStatement {
  node.refuse('withClause');
  const where = node.node('whereClause');
  const statement: DeleteStatement = {
    kind: 'delete',
    ...convertWrittenTable(node),
    using: node.nodes('usingClause').map(convertFromItem),
    where: where === undefined ? undefined : convertExpression(where),
    returning: convertReturning(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
