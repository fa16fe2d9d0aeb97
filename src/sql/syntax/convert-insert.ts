import type { InsertStatement, SyntaxExpression } from './ast.ts';
import { convertExpression } from './convert-expression.ts';
import { convertAlias, convertRelationName } from './convert-relation.ts';
import { convertSelect } from './convert-select.ts';
import type { TreeNode } from './tree-node.ts';

const NO_OVERRIDING: Readonly<Record<string, true>> = { OVERRIDING_NOT_SET: true };

export function convertInsert(node: TreeNode): InsertStatement {
  for (const field of ['withClause', 'onConflictClause', 'returningClause']) node.refuse(field);
  node.choice('override', NO_OVERRIDING);
  const range = node.part('relation', 'RangeVar');
  if (range === undefined) throw node.refusal();
  const relation = convertRelationName(range);
  // Only ON CONFLICT and RETURNING could use the alias.
  convertAlias(range.part('alias', 'Alias'));
  range.skip('relpersistence');
  range.finish();
  const columns = node.nodes('cols').map(convertColumn);
  const source = node.node('selectStmt');
  const statement: InsertStatement = {
    kind: 'insert',
    relation,
    columns: columns.length === 0 ? undefined : columns,
    source:
      source === undefined
        ? undefined
        : convertSelect(source, isPlainValues(source) ? convertValue : convertExpression),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function convertColumn(node: TreeNode): { name: string; position: number } {
  if (node.kind !== 'ResTarget') throw node.refusal();
  const column = { name: node.text('name') ?? '', position: node.position };
  node.finish();
  return column;
}

/** Only VALUES with nothing behind it may hold DEFAULT; with ORDER BY or LIMIT it is a query like any other. */
function isPlainValues(source: TreeNode): boolean {
  return source.has('valuesLists') && !['sortClause', 'limitCount', 'limitOffset'].some((field) => source.has(field));
}

function convertValue(node: TreeNode): SyntaxExpression {
  return node.kind === 'SetToDefault' ? { kind: 'default', position: node.position } : convertExpression(node);
}
