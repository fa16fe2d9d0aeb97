import type { TruncateStatement } from './ast.ts';
import { convertRelationName } from './convert-relation.ts';
import type { TreeNode } from './tree-node.ts';

const BEHAVIORS: Readonly<Record<string, { isCascade: boolean }>> = {
  DROP_CASCADE: { isCascade: true },
  DROP_RESTRICT: { isCascade: false },
};

export function convertTruncate(node: TreeNode): TruncateStatement {
  const statement: TruncateStatement = {
    kind: 'truncate',
    relations: node.nodes('relations').map((range) => {
      const relation = convertRelationName(range);
      range.skip('relpersistence');
      range.finish();
      return relation;
    }),
    restartsIdentity: node.flag('restart_seqs'),
    ...node.choice('behavior', BEHAVIORS),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
