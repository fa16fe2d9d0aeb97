import { convertAssignedValue } from './convert-assignment.ts';
import { convertConflict } from './convert-conflict.ts';
import { convertQuery } from './convert-query.ts';
import { convertWrittenTable } from './convert-relation.ts';
import { convertReturning } from './convert-returning.ts';
import { convertStep } from './convert-row.ts';
import { convertWith } from './convert-with.ts';
import type { AssignmentTarget, InsertStatement } from './data-modification-ast.ts';
import type { TreeNode } from './tree-node.ts';

const OVERRIDING: Readonly<Record<string, { readonly overriding: InsertStatement['overriding'] }>> = {
  OVERRIDING_NOT_SET: { overriding: undefined },
  OVERRIDING_SYSTEM_VALUE: { overriding: 'system' },
  OVERRIDING_USER_VALUE: { overriding: 'user' },
};

export function convertInsert(node: TreeNode): InsertStatement {
  const clause = convertWith(node);
  const { overriding } = node.choice('override', OVERRIDING);
  const table = convertWrittenTable(node);
  const columns = node.nodes('cols').map(convertColumn);
  const source = node.node('selectStmt');
  const conflict = node.part('onConflictClause', 'OnConflictClause');
  const statement: InsertStatement = {
    kind: 'insert',
    ...clause,
    ...table,
    columns: columns.length === 0 ? undefined : columns,
    overriding,
    source:
      source === undefined
        ? undefined
        : convertQuery(source, isPlainValues(source) ? { convertValue: convertAssignedValue } : {}),
    onConflict: conflict === undefined ? undefined : convertConflict(conflict),
    returning: convertReturning(node),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function convertColumn(node: TreeNode): AssignmentTarget {
  if (node.kind !== 'ResTarget') throw node.refusal();
  const column = {
    name: node.text('name') ?? '',
    steps: node.nodes('indirection').map(convertStep),
    position: node.position,
  };
  node.finish();
  return column;
}

/** Only VALUES with nothing behind it may hold DEFAULT; with ORDER BY or LIMIT it is a query like any other. */
function isPlainValues(source: TreeNode): boolean {
  return (
    source.has('valuesLists') &&
    !['sortClause', 'limitCount', 'limitOffset', 'withClause'].some((field) => source.has(field))
  );
}
