import { finishedRelation } from './convert-relation.ts';
import type { SetConstraintsStatement } from './transaction-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** SET CONSTRAINTS: an empty list is ALL. */
export function convertSetConstraints(node: TreeNode): SetConstraintsStatement {
  const names = node.nodes('constraints').map(finishedRelation);
  const isDeferred = node.flag('deferred');
  node.finish();
  return {
    kind: 'set-constraints',
    names: names.length === 0 ? undefined : names,
    isDeferred,
    position: node.context.statementPosition,
  };
}
