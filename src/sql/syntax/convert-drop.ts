import type { RelationName } from './ast.ts';
import { relationNameOf } from './convert-relation.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { DropStatement } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const OBJECTS: Readonly<Record<string, DropStatement['object']>> = {
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TABLE: 'table',
  OBJECT_TYPE: 'type',
};

const BEHAVIORS: Readonly<Record<string, { isCascade: boolean }>> = {
  DROP_CASCADE: { isCascade: true },
  DROP_RESTRICT: { isCascade: false },
};

export function convertDrop(node: TreeNode): DropStatement {
  const statement: DropStatement = {
    kind: 'drop',
    object: node.choice('removeType', OBJECTS),
    names: node.nodes('objects').map(droppedName),
    ifExists: node.flag('missing_ok'),
    ...node.choice('behavior', BEHAVIORS),
    isConcurrent: node.flag('concurrent'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** The tree says of types alone where in the statement a name stands, and errors do not tell it. */
function droppedName(node: TreeNode): RelationName {
  if (node.kind === 'List') return relationNameOf(node.names('items'), 0);
  if (node.kind !== 'TypeName') throw node.refusal();
  const { schema, name, arrayDimensions, modifiers } = convertTypeName(node);
  if (arrayDimensions > 0 || modifiers.length > 0) throw node.refusal('DROP TYPE of such a type');
  return { database: undefined, schema, name, position: 0 };
}
