import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { booleanOption } from './boolean-option.ts';
import { convertCreateTableAs } from './convert-create-table-as.ts';
import { convertExecute, PLANNED } from './convert-prepare.ts';
import { optionText } from './convert-table-option.ts';
import type { ExplainOptions, ExplainStatement } from './explain-ast.ts';
import type { TreeNode } from './tree-node.ts';

const FORMATS: readonly ExplainOptions['format'][] = ['text', 'json', 'yaml', 'xml'];

/** Boolean options; those that are undefined follow ANALYZE. */
interface Flags {
  analyze: boolean;
  verbose: boolean;
  costs: boolean;
  settings: boolean;
  buffers: boolean;
  /** What is written to the log is not counted: there is nothing to show. */
  wal: boolean;
  timing: boolean | undefined;
  summary: boolean | undefined;
}

/** EXPLAIN with PostgreSQL 15's options. */
export function convertExplain(node: TreeNode): ExplainStatement {
  const flags: Flags = {
    analyze: false,
    verbose: false,
    costs: true,
    settings: false,
    buffers: false,
    wal: false,
    timing: undefined,
    summary: undefined,
  };
  let format: ExplainOptions['format'] = 'text';
  for (const option of node.nodes('options')) {
    const name = option.text('defname') ?? '';
    const value = option.node('arg');
    const text = value === undefined ? undefined : optionText(value);
    if (name === 'format') format = formatOf(text, option);
    else if (Object.hasOwn(flags, name)) flags[name as keyof Flags] = booleanOption(name, text);
    else {
      throw new SqlError(SqlState.SyntaxError, `unrecognized EXPLAIN option "${name}"`, { position: option.position });
    }
    option.skip('defaction', 'arg_location');
    option.finish();
  }
  if (!flags.analyze && flags.wal) throw requiresAnalyze('WAL');
  if (!flags.analyze && flags.timing === true) throw requiresAnalyze('TIMING');
  const { analyze, verbose: isVerbose, costs, settings, buffers, timing = true, summary = analyze } = flags;
  const statement: ExplainStatement = {
    kind: 'explain',
    analyze,
    options: { isVerbose, costs, settings, buffers, timing, summary, format },
    statement: convertExplained(node.required('query')),
    position: node.context.statementPosition,
  };
  node.finish();
  return statement;
}

function convertExplained(query: TreeNode): ExplainStatement['statement'] {
  if (query.kind === 'ExecuteStmt') return convertExecute(query);
  if (query.kind === 'CreateTableAsStmt') return convertCreateTableAs(query);
  const convert = Object.hasOwn(PLANNED, query.kind) ? PLANNED[query.kind] : undefined;
  if (convert === undefined) throw query.refusal('EXPLAIN of anything but SELECT, INSERT, UPDATE and DELETE');
  return convert(query);
}

function formatOf(text: string | undefined, option: TreeNode): ExplainOptions['format'] {
  const { position } = option;
  if (text === undefined) throw new SqlError(SqlState.SyntaxError, 'format requires a parameter');
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  const message = `unrecognized value for EXPLAIN option "format": "${text}"`;
  throw new SqlError(SqlState.InvalidParameterValue, message, { position });
}

function requiresAnalyze(option: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, `EXPLAIN option ${option} requires ANALYZE`);
}
