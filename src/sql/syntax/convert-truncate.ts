import type { TruncateStatement } from './ast.ts';
import { convertRelationName } from './convert-relation.ts';
import type { TreeNode } from './tree-node.ts';

const RESTRICT_ONLY: Readonly<Record<string, true>> = { DROP_RESTRICT: true };

export function convertTruncate(node: TreeNode): TruncateStatement {
  node.refuse('restart_seqs');
  node.choice('behavior', RESTRICT_ONLY);
  const statement: TruncateStatement = {
    kind: 'truncate',
    relations: node.nodes('relations').map((range) => {
      const relation = convertRelationName(range);
      range.skip('relpersistence');
      range.finish();
      return relation;
    }),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
