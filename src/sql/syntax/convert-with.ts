import { convertDelete } from './convert-delete.ts';
import { convertExpression } from './convert-expression.ts';
import { convertInsert } from './convert-insert.ts';
import { convertQuery } from './convert-query.ts';
import { convertUpdate } from './convert-update.ts';
import type { CommonTable, CycleClause, SearchClause, WithClause } from './query-ast.ts';
import type { TreeNode } from './tree-node.ts';

const STATEMENTS: Readonly<Record<string, (node: TreeNode) => CommonTable['statement']>> = {
  DeleteStmt: convertDelete,
  InsertStmt: convertInsert,
  SelectStmt: (node) => convertQuery(node),
  UpdateStmt: convertUpdate,
};

const MATERIALIZED: Readonly<Record<string, CommonTable['materialized']>> = {
  CTEMaterializeDefault: 'default',
  CTEMaterializeAlways: 'always',
  CTEMaterializeNever: 'never',
};

/** The WITH clause of a statement, if it has one. */
export function convertWith(statement: TreeNode): { readonly with?: WithClause } {
  const node = statement.part('withClause', 'WithClause');
  if (node === undefined) return {};
  const tables = node.nodes('ctes').map(convertCommonTable);
  const isRecursive = node.flag('recursive');
  node.finish();
  return { with: { isRecursive, tables, position: node.position } };
}

function convertCommonTable(node: TreeNode): CommonTable {
  if (node.kind !== 'CommonTableExpr') throw node.refusal();
  const query = node.required('ctequery');
  const convert = Object.hasOwn(STATEMENTS, query.kind) ? STATEMENTS[query.kind] : undefined;
  if (convert === undefined) throw query.refusal();
  const table: CommonTable = {
    name: node.text('ctename') ?? '',
    columns: node.names('aliascolnames'),
    materialized: node.choice('ctematerialized', MATERIALIZED),
    statement: convert(query),
    search: convertSearch(node.part('search_clause', 'CTESearchClause')),
    cycle: convertCycle(node.part('cycle_clause', 'CTECycleClause')),
    position: node.position,
  };
  node.finish();
  return table;
}

function convertSearch(node: TreeNode | undefined): SearchClause | undefined {
  if (node === undefined) return undefined;
  const clause: SearchClause = {
    isBreadthFirst: node.flag('search_breadth_first'),
    columns: node.names('search_col_list'),
    sequenceColumn: node.text('search_seq_column') ?? '',
    position: node.position,
  };
  node.finish();
  return clause;
}

function convertCycle(node: TreeNode | undefined): CycleClause | undefined {
  if (node === undefined) return undefined;
  const clause: CycleClause = {
    columns: node.names('cycle_col_list'),
    markColumn: node.text('cycle_mark_column') ?? '',
    markValue: convertExpression(node.required('cycle_mark_value')),
    markDefault: convertExpression(node.required('cycle_mark_default')),
    pathColumn: node.text('cycle_path_column') ?? '',
    position: node.position,
  };
  node.finish();
  return clause;
}
