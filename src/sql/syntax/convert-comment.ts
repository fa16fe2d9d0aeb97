import { relationNameOf } from './convert-relation.ts';
import { schemaName } from './convert-rename.ts';
import { convertTypeName } from './convert-type-name.ts';
import type { CommentStatement } from './definition-ast.ts';
import type { TreeNode } from './tree-node.ts';

const OBJECTS: Readonly<Record<string, CommentStatement['object']>> = {
  OBJECT_COLUMN: 'column',
  OBJECT_DATABASE: 'database',
  OBJECT_EXTENSION: 'extension',
  OBJECT_INDEX: 'index',
  OBJECT_ROLE: 'role',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_TABLE: 'table',
  OBJECT_TYPE: 'type',
  OBJECT_VIEW: 'view',
};

/** COMMENT ON. The empty text is left out of the tree as NULL is: both remove the comment. */
export function convertComment(node: TreeNode): CommentStatement {
  const object = node.choice('objtype', OBJECTS);
  const statement: CommentStatement = {
    kind: 'comment',
    object,
    ...commented(node.required('object'), object),
    text: node.text('comment'),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function commented(node: TreeNode, object: CommentStatement['object']): Pick<CommentStatement, 'name' | 'part'> {
  switch (node.kind) {
    case 'String':
      return { name: schemaName(node.text('sval') ?? ''), part: undefined };
    case 'TypeName': {
      const { schema, name, arrayDimensions, modifiers } = convertTypeName(node);
      if (arrayDimensions > 0 || modifiers.length > 0) throw node.refusal('COMMENT ON such a type');
      return { name: { database: undefined, schema, name, position: 0 }, part: undefined };
    }
    case 'List': {
      const parts = node.names('items');
      if (object !== 'column' && object !== 'constraint') return { name: relationNameOf(parts, 0), part: undefined };
      return { name: relationNameOf(parts.slice(0, -1), 0), part: parts.at(-1) };
    }
    default:
      throw node.refusal();
  }
}
