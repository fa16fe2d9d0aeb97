import { invariant } from '../../errors/invariant.ts';
import { finishedRelation } from './convert-relation.ts';
import type { LockMode, LockStatement } from './transaction-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** PostgreSQL's eight modes from the weakest to the strongest, as it numbers them from 1. */
const MODES: readonly LockMode[] = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

/** LOCK TABLE. ONLY makes no difference: no table has others below it. */
export function convertLock(node: TreeNode): LockStatement {
  const mode = MODES[node.integer('mode') - 1];
  invariant(mode !== undefined, 'the grammar knows eight modes');
  const statement: LockStatement = {
    kind: 'lock',
    relations: node.nodes('relations').map(finishedRelation),
    mode,
    isNoWait: node.flag('nowait'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
