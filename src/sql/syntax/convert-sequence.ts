import { convertNewRelation } from './convert-create-table.ts';
import { convertNamedRelation } from './convert-relation.ts';
import { convertSequenceOptions } from './convert-sequence-options.ts';
import type { AlterSequenceStatement, CreateSequenceStatement } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

export function convertCreateSequence(node: TreeNode): CreateSequenceStatement {
  const statement: CreateSequenceStatement = {
    kind: 'create-sequence',
    ...convertNewRelation(node, 'sequence'),
    options: convertSequenceOptions(node.nodes('options')),
    ifNotExists: node.flag('if_not_exists'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

export function convertAlterSequence(node: TreeNode): AlterSequenceStatement {
  const relation = convertNamedRelation(node, 'sequence');
  const statement: AlterSequenceStatement = {
    kind: 'alter-sequence',
    relation,
    options: convertSequenceOptions(node.nodes('options')),
    ifExists: node.flag('missing_ok'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
