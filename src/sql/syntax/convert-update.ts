import type { UpdateStatement } from './ast.ts';
import { convertAssignments } from './convert-assignment.ts';
import { convertExpression } from './convert-expression.ts';
import { convertFromItem } from './convert-from.ts';
import { convertWrittenTable } from './convert-relation.ts';
import { convertReturning } from './convert-returning.ts';
import type { TreeNode } from './tree-node.ts';

export function convertUpdate(node: TreeNode): UpdateStatement {
  node.refuse('withClause');
  const where = node.node('whereClause');
  const statement: UpdateStatement = {
    kind: 'update',
    ...convertWrittenTable(node),
    assignments: convertAssignments(node.nodes('targetList')),
    from: node.nodes('fromClause').map(convertFromItem),
    where: where === undefined ? undefined : convertExpression(where),
    returning: convertReturning(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
