import type { DiscardStatement } from './session-ast.ts';
import type { TreeNode } from './tree-node.ts';

const TARGETS: Readonly<Record<string, DiscardStatement['target']>> = {
  DISCARD_ALL: 'all',
  DISCARD_PLANS: 'plans',
  DISCARD_SEQUENCES: 'sequences',
  DISCARD_TEMP: 'temp',
};

/** What connection pools send between two users of a connection. */
export function convertDiscard(node: TreeNode): DiscardStatement {
  const target = node.choice('target', TARGETS);
  node.finish();
  return { kind: 'discard', target, position: node.context.statementPosition };
}
