import { convertDelete } from './convert-delete.ts';
import { convertExpression } from './convert-expression.ts';
import { convertInsert } from './convert-insert.ts';
import { convertQuery } from './convert-query.ts';
import { convertTypeName } from './convert-type-name.ts';
import { convertUpdate } from './convert-update.ts';
import type { DeallocateStatement, ExecuteStatement, PrepareStatement } from './session-ast.ts';
import type { TreeNode } from './tree-node.ts';

/** The statements that have a plan: what can be prepared by name, and explained. */
export const PLANNED: Readonly<Record<string, (node: TreeNode) => PrepareStatement['statement']>> = {
  DeleteStmt: convertDelete,
  InsertStmt: convertInsert,
  SelectStmt: (node) => convertQuery(node),
  UpdateStmt: convertUpdate,
};

/** PREPARE name (types) AS statement. */
export function convertPrepare(node: TreeNode): PrepareStatement {
  const name = node.text('name') ?? '';
  const types = node.nodes('argtypes').map((type) => convertTypeName(type));
  const query = node.required('query');
  const convert = Object.hasOwn(PLANNED, query.kind) ? PLANNED[query.kind] : undefined;
  if (convert === undefined) throw query.refusal('PREPARE of anything but SELECT, INSERT, UPDATE and DELETE');
  const statement = convert(query);
  node.finish();
  return { kind: 'prepare', name, types, statement, position: node.context.statementPosition };
}

/** EXECUTE name (values). */
export function convertExecute(node: TreeNode): ExecuteStatement {
  const name = node.text('name') ?? '';
  const values = node.nodes('params').map((value) => convertExpression(value));
  node.finish();
  return { kind: 'execute', name, values, position: node.context.statementPosition };
}

/** DEALLOCATE name, DEALLOCATE ALL. */
export function convertDeallocate(node: TreeNode): DeallocateStatement {
  const isAll = node.flag('isall');
  const name = node.text('name');
  node.finish();
  return { kind: 'deallocate', name: isAll ? undefined : name, position: node.context.statementPosition };
}
