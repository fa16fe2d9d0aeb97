import { convertFromItem } from './convert-from.ts';
import { convertWrittenTable } from './convert-relation.ts';
import { convertReturning } from './convert-returning.ts';
import { convertRowChoice } from './convert-row-choice.ts';
import { convertWith } from './convert-with.ts';
import type { DeleteStatement } from './data-modification-ast.ts';
import type { TreeNode } from './tree-node.ts';

export function convertDelete(node: TreeNode): DeleteStatement {
  const clause = convertWith(node);
  const { where, cursor } = convertRowChoice(node);
  const statement: DeleteStatement = {
    kind: 'delete',
    ...clause,
    ...convertWrittenTable(node),
    using: node.nodes('usingClause').map(convertFromItem),
    where,
    cursor,
    returning: convertReturning(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
