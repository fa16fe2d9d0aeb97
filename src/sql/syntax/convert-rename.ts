import { convertNamedRelation, relationNameOf } from './convert-relation.ts';
import { convertRole } from './convert-role.ts';
import type { ChangeOwnerStatement, RenameStatement, SetSchemaStatement } from './definition-ast.ts';
import type { RelationName } from './located.ts';
import type { TreeNode } from './tree-node.ts';

const OBJECTS: Readonly<Record<string, RenameStatement['object']>> = {
  OBJECT_COLUMN: 'column',
  OBJECT_INDEX: 'index',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_TABLE: 'table',
  OBJECT_TYPE: 'type',
};

/** Columns of tables alone: those of views and foreign tables are not there to be renamed. */
const OWNERS_OF_COLUMNS: Readonly<Record<string, true>> = { OBJECT_TABLE: true };

/** ALTER … RENAME. */
export function convertRename(node: TreeNode): RenameStatement {
  const object = node.choice('renameType', OBJECTS);
  // For other kinds the field says nothing.
  if (object === 'column') node.choice('relationType', OWNERS_OF_COLUMNS);
  node.skip('relationType', 'behavior');
  const statement: RenameStatement = {
    kind: 'rename',
    object,
    // The name of a schema stands where those of columns do.
    relation: object === 'schema' ? schemaName(node.text('subname') ?? '') : renamedObject(node),
    part: object === 'schema' ? undefined : node.text('subname'),
    newName: node.text('newname') ?? '',
    ifExists: node.flag('missing_ok'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function renamedObject(node: TreeNode): RelationName {
  if (!node.has('relation')) return relationNameOf(node.required('object').names('items'), 0);
  return convertNamedRelation(node, 'relation');
}

/** A schema's name as that of any other object: nothing qualifies it. */
export function schemaName(name: string): RelationName {
  return { database: undefined, schema: undefined, name, position: 0 };
}

const OWNED: Readonly<Record<string, ChangeOwnerStatement['object']>> = {
  OBJECT_DATABASE: 'database',
  OBJECT_SCHEMA: 'schema',
  OBJECT_TYPE: 'type',
};

export function convertChangeOwner(node: TreeNode): ChangeOwnerStatement {
  const object = node.choice('objectType', OWNED);
  const named = node.required('object');
  const statement: ChangeOwnerStatement = {
    kind: 'change-owner',
    object,
    name: object !== 'type' ? schemaName(named.text('sval') ?? '') : relationNameOf(named.names('items'), 0),
    owner: convertRole(node, 'newowner'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

const MOVED: Readonly<Record<string, SetSchemaStatement['object']>> = {
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TABLE: 'table',
  OBJECT_TYPE: 'type',
};

/** ALTER … SET SCHEMA. */
export function convertSetSchema(node: TreeNode): SetSchemaStatement {
  const statement: SetSchemaStatement = {
    kind: 'set-schema',
    object: node.choice('objectType', MOVED),
    name: renamedObject(node),
    schema: node.text('newschema') ?? '',
    ifExists: node.flag('missing_ok'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}
