import type { ListenStatement, NotifyStatement, UnlistenStatement } from './session-ast.ts';
import type { TreeNode } from './tree-node.ts';

export function convertListen(node: TreeNode): ListenStatement {
  const channel = node.text('conditionname') ?? '';
  node.finish();
  return { kind: 'listen', channel, position: node.context.statementPosition };
}

export function convertUnlisten(node: TreeNode): UnlistenStatement {
  const channel = node.text('conditionname');
  node.finish();
  return { kind: 'unlisten', channel, position: node.context.statementPosition };
}

export function convertNotify(node: TreeNode): NotifyStatement {
  const channel = node.text('conditionname') ?? '';
  const payload = node.text('payload') ?? '';
  node.finish();
  return { kind: 'notify', channel, payload, position: node.context.statementPosition };
}
