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
  // The empty label is left out of the tree, so renaming it looks like adding: such a statement has no `newValIsAfter`
  // and no neighbour, which ADD VALUE always has one of.
  const isAfter = node.flag('newValIsAfter');
  const neighbour = node.text('newValNeighbor');
  const oldLabel = node.text('oldVal');
  const isAdded = oldLabel === undefined && (isAfter || neighbour !== undefined);
  const ifNotExists = node.flag('skipIfNewValExists');
  node.finish();
  if (!isAdded) return { kind: 'rename-enum-value', type, label: oldLabel ?? '', newLabel, position };
  return {
    kind: 'add-enum-value',
    type,
    label: newLabel,
    neighbour: neighbour === undefined ? undefined : { label: neighbour, isAfter },
    ifNotExists,
    position,
  };
}
