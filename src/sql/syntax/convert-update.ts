import { convertAssignments } from './convert-assignment.ts';
import { convertFromItem } from './convert-from.ts';
import { convertWrittenTable } from './convert-relation.ts';
import { convertReturning } from './convert-returning.ts';
import { convertRowChoice } from './convert-row-choice.ts';
import { convertWith } from './convert-with.ts';
import type { UpdateStatement } from './data-modification-ast.ts';
import type { TreeNode } from './tree-node.ts';

export function convertUpdate(node: TreeNode): UpdateStatement {
  const clause = convertWith(node);
  const { where, cursor } = convertRowChoice(node);
  const statement: UpdateStatement = {
    kind: 'update',
    ...clause,
    ...convertWrittenTable(node),
    assignments: convertAssignments(node.nodes('targetList')),
    from: node.nodes('fromClause').map(convertFromItem),
    where,
    cursor,
    returning: convertReturning(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
