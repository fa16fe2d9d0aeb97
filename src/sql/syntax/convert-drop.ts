import { convertBehavior } from './convert-behavior.ts';
import { relationNameOf } from './convert-relation.ts';
import { schemaName } from './convert-rename.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { DropStatement } from './definition-ast.ts';
import type { RelationName } from './located.ts';
import type { TreeNode } from './tree-node.ts';

const OBJECTS: Readonly<Record<string, DropStatement['object']>> = {
  OBJECT_EXTENSION: 'extension',
  OBJECT_INDEX: 'index',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TABLE: 'table',
  OBJECT_TYPE: 'type',
  OBJECT_VIEW: 'view',
};

export function convertDrop(node: TreeNode): DropStatement {
  const statement: DropStatement = {
    kind: 'drop',
    object: node.choice('removeType', OBJECTS),
    names: node.nodes('objects').map(droppedName),
    ifExists: node.flag('missing_ok'),
    ...convertBehavior(node),
    isConcurrent: node.flag('concurrent'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** The tree says of types alone where in the statement a name stands, and errors do not tell it. */
function droppedName(node: TreeNode): RelationName {
  if (node.kind === 'String') return schemaName(node.text('sval') ?? '');
  if (node.kind === 'List') return relationNameOf(node.names('items'), 0);
  if (node.kind !== 'TypeName') throw node.refusal();
  const { schema, name, arrayDimensions, modifiers } = convertTypeName(node);
  if (arrayDimensions > 0 || modifiers.length > 0) throw node.refusal('DROP TYPE of such a type');
  return { database: undefined, schema, name, position: 0 };
}
