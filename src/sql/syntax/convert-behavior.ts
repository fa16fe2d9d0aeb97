import type { TreeNode } from './tree-node.ts';

const BEHAVIORS: Readonly<Record<string, { isCascade: boolean }>> = {
  DROP_CASCADE: { isCascade: true },
  DROP_RESTRICT: { isCascade: false },
};

/** CASCADE or RESTRICT, which is meant where nothing is said. */
export function convertBehavior(node: TreeNode): { isCascade: boolean } {
  return node.choice('behavior', BEHAVIORS);
}
