import { bareWords } from './bare-words.ts';
import { relationNameOf } from './convert-relation.ts';
import type { AddEnumValueStatement, CreateEnumStatement, RenameEnumValueStatement } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** CREATE TYPE … AS ENUM. */
export function convertCreateEnum(node: TreeNode): CreateEnumStatement {
  const statement: CreateEnumStatement = {
    kind: 'create-enum',
    type: relationNameOf(node.names('typeName'), 0),
    labels: node.names('vals'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** ALTER TYPE … ADD VALUE and RENAME VALUE. */
export function convertAlterEnum(node: TreeNode): AddEnumValueStatement | RenameEnumValueStatement {
  const { statementPosition: position } = node.context;
  const type = relationNameOf(node.names('typeName'), 0);
  const newLabel = node.text('newVal') ?? '';
  const neighbour = node.text('newValNeighbor');
  const oldLabel = node.text('oldVal');
  const ifNotExists = node.flag('skipIfNewValExists');
  node.skip('newValIsAfter');
  node.finish();
  // The empty label is left out of the tree, and what is left says too little: RENAME '' TO 'x' looks like ADD 'x' BEFORE ''.
  const words = bareWords(node.context.statementText).map(({ word }) => word);
  if (words[words.lastIndexOf('value') - 1] === 'rename') {
    return { kind: 'rename-enum-value', type, label: oldLabel ?? '', newLabel, position };
  }
  const side = words.findLast((word) => SIDES.has(word));
  const isPlaced = side !== undefined && words.lastIndexOf(side) > words.lastIndexOf('value');
  return {
    kind: 'add-enum-value',
    type,
    label: newLabel,
    neighbour: isPlaced ? { label: neighbour ?? '', isAfter: side === 'after' } : undefined,
    ifNotExists,
    position,
  };
}

const SIDES = new Set(['before', 'after']);
