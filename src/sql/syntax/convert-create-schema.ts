import { notSupported } from '../../errors/sql-error.ts';
import { convertCreateIndex } from './convert-create-index.ts';
import { convertCreateTable } from './convert-create-table.ts';
import { convertRole } from './convert-role.ts';
import { convertCreateSequence } from './convert-sequence.ts';
import { convertCreateView } from './convert-view.ts';
import type { CreateSchemaStatement, SchemaElement } from './definition-ast.ts';
import { nodeName } from './refusal-names.ts';
import type { TreeNode } from './tree-node.ts';

/** What may be made together with a schema, in the order in which PostgreSQL makes it, whatever order it is written in. */
const ELEMENTS: Readonly<Record<string, (node: TreeNode) => SchemaElement>> = {
  CreateSeqStmt: convertCreateSequence,
  CreateStmt: convertCreateTable,
  ViewStmt: convertCreateView,
  IndexStmt: convertCreateIndex,
};

export function convertCreateSchema(node: TreeNode): CreateSchemaStatement {
  const { statementPosition: position } = node.context;
  const written = node.nodes('schemaElts');
  for (const { kind } of written) {
    if (!Object.hasOwn(ELEMENTS, kind)) throw notSupported(`${nodeName(kind)} in CREATE SCHEMA`, position);
  }
  const statement: CreateSchemaStatement = {
    kind: 'create-schema',
    name: node.text('schemaname'),
    owner: node.has('authrole') ? convertRole(node, 'authrole') : undefined,
    ifNotExists: node.flag('if_not_exists'),
    elements: Object.entries(ELEMENTS).flatMap(([kind, convert]) =>
      written.filter((element) => element.kind === kind).map(convert),
    ),
    position,
  };
  node.finish();
  return statement;
}
