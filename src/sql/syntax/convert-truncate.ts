import { convertBehavior } from './convert-behavior.ts';
import { finishedRelation } from './convert-relation.ts';
import type { TruncateStatement } from './data-modification-ast.ts';
import type { TreeNode } from './tree-node.ts';

export function convertTruncate(node: TreeNode): TruncateStatement {
  const statement: TruncateStatement = {
    kind: 'truncate',
    relations: node.nodes('relations').map(finishedRelation),
    restartsIdentity: node.flag('restart_seqs'),
    ...convertBehavior(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
