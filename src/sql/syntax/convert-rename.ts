import { notSupported } from '../../errors/sql-error.ts';
import type { RelationName } from './ast.ts';
import { convertRelationName, relationNameOf } from './convert-relation.ts';
import { convertRole } from './convert-role.ts';
import type { ChangeOwnerStatement, RenameStatement } from './definition-ast.ts';
import { fieldName } from './refusal-names.ts';
import type { TreeNode } from './tree-node.ts';

const OBJECTS: Readonly<Record<string, RenameStatement['object']>> = {
  OBJECT_COLUMN: 'column',
  OBJECT_INDEX: 'index',
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
    relation: renamedObject(node),
    part: node.text('subname'),
    newName: node.text('newname') ?? '',
    ifExists: node.flag('missing_ok'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function renamedObject(node: TreeNode): RelationName {
  const range = node.part('relation', 'RangeVar');
  if (range === undefined) return relationNameOf(node.required('object').names('items'), 0);
  const relation = convertRelationName(range);
  range.skip('relpersistence');
  range.finish();
  return relation;
}

const OWNED: Readonly<Record<string, true>> = { OBJECT_TYPE: true };

export function convertChangeOwner(node: TreeNode): ChangeOwnerStatement {
  node.choice('objectType', OWNED);
  const statement: ChangeOwnerStatement = {
    kind: 'change-type-owner',
    type: relationNameOf(node.required('object').names('items'), 0),
    owner: convertRole(node, 'newowner'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

/** There is one schema to make things in. */
export function refuseSetSchema(node: TreeNode): never {
  throw notSupported(fieldName('AlterObjectSchemaStmt', 'newschema'), node.context.statementPosition);
}
