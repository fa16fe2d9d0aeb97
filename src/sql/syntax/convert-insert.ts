import type { InsertStatement } from './ast.ts';
import { convertAssignedValue } from './convert-assignment.ts';
import { convertExpression } from './convert-expression.ts';
import { convertWrittenTable } from './convert-relation.ts';
import { convertReturning } from './convert-returning.ts';
import { convertSelect } from './convert-select.ts';
import type { TreeNode } from './tree-node.ts';

const OVERRIDING: Readonly<Record<string, { readonly overriding: InsertStatement['overriding'] }>> = {
  OVERRIDING_NOT_SET: { overriding: undefined },
  OVERRIDING_SYSTEM_VALUE: { overriding: 'system' },
  OVERRIDING_USER_VALUE: { overriding: 'user' },
};

export function convertInsert(node: TreeNode): InsertStatement {
  for (const field of ['withClause', 'onConflictClause']) node.refuse(field);
  const { overriding } = node.choice('override', OVERRIDING);
  const table = convertWrittenTable(node);
  const columns = node.nodes('cols').map(convertColumn);
  const source = node.node('selectStmt');
  const statement: InsertStatement = {
    kind: 'insert',
    ...table,
    columns: columns.length === 0 ? undefined : columns,
    overriding,
    source:
      source === undefined
        ? undefined
        : convertSelect(source, isPlainValues(source) ? convertAssignedValue : convertExpression),
    returning: convertReturning(node),
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
