import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { ExplainStatement } from './ast.ts';
import { convertDelete } from './convert-delete.ts';
import { convertInsert } from './convert-insert.ts';
import { convertSelect } from './convert-select.ts';
import { optionText } from './convert-table-option.ts';
import { convertUpdate } from './convert-update.ts';
import type { TreeNode } from './tree-node.ts';

const EXPLAINED: Readonly<Record<string, (node: TreeNode) => ExplainStatement['statement']>> = {
  DeleteStmt: convertDelete,
  InsertStmt: convertInsert,
  SelectStmt: (node) => convertSelect(node),
  UpdateStmt: convertUpdate,
};

/** Of PostgreSQL's options of EXPLAIN we have ANALYZE, and FORMAT TEXT, which is what we print. */
export function convertExplain(node: TreeNode): ExplainStatement {
  let analyze = false;
  for (const option of node.nodes('options')) {
    const name = option.text('defname') ?? '';
    const value = option.node('arg');
    const text = value === undefined ? undefined : optionText(value).toLowerCase();
    if (name === 'analyze') analyze = truthOf(text, option);
    else if (name !== 'format' || text !== 'text') throw option.refusal(refusedOption(name, text));
    option.skip('defaction', 'arg_location');
    option.finish();
  }
  const query = node.required('query');
  const convert = Object.hasOwn(EXPLAINED, query.kind) ? EXPLAINED[query.kind] : undefined;
  if (convert === undefined) throw query.refusal('EXPLAIN of anything but SELECT, INSERT, UPDATE and DELETE');
  const statement: ExplainStatement = {
    kind: 'explain',
    analyze,
    statement: convert(query),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function refusedOption(name: string, value: string | undefined): string {
  return name === 'format' && value !== undefined
    ? `EXPLAIN format ${value.toUpperCase()}`
    : `EXPLAIN option ${name.toUpperCase()}`;
}

function truthOf(value: string | undefined, option: TreeNode): boolean {
  if (value === undefined || value === 'true' || value === 'on' || value === '1') return true;
  if (value === 'false' || value === 'off' || value === '0') return false;
  throw new SqlError(SqlState.SyntaxError, 'analyze requires a Boolean value', { position: option.position });
}
