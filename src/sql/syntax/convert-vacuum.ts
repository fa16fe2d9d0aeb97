import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { booleanOption } from './boolean-option.ts';
import { convertNamedRelation } from './convert-relation.ts';
import { optionText } from './convert-table-option.ts';
import type { AnalyzedRelation, AnalyzeStatement, VacuumStatement } from './maintenance-ast.ts';
import type { TreeNode } from './tree-node.ts';

const MAX_WORKERS = 1024;

/** What the options come to; the names are PostgreSQL's. */
interface Options {
  full: boolean;
  verbose: boolean;
  analyze: boolean;
  freeze: boolean;
  disable_page_skipping: boolean;
  /** No lock is waited for, so there is nothing to skip. */
  skip_locked: boolean;
  /** Of deleted rows no index keeps anything. */
  index_cleanup: boolean;
  /** Long values stand with their rows. */
  process_toast: boolean;
  /** Files of merged segments go whole. */
  truncate: boolean;
  /** A limit, which none is below. */
  parallel: number;
}

/**
 * VACUUM with PostgreSQL 15's options. What they ask for and is always so here is accepted; what would have to be left
 * undone, or done beyond that, is refused.
 */
export function convertVacuum(node: TreeNode): VacuumStatement | AnalyzeStatement {
  const isVacuum = node.flag('is_vacuumcmd');
  const options: Options = {
    full: false,
    verbose: false,
    analyze: false,
    freeze: false,
    disable_page_skipping: false,
    skip_locked: false,
    index_cleanup: true,
    process_toast: true,
    truncate: true,
    parallel: 0,
  };
  for (const option of node.nodes('options')) {
    readOption(option, options, isVacuum ? 'VACUUM' : 'ANALYZE');
    option.skip('defaction', 'arg_location');
    option.finish();
  }
  if (options.full && options.parallel > 0) {
    throw new SqlError(SqlState.FeatureNotSupported, 'VACUUM FULL cannot be performed in parallel');
  }
  const position = node.context.statementPosition;
  const analyzed = node.nodes('rels').map((relation) => convertRelation(relation, isVacuum && !options.analyze));
  const analyze: AnalyzeStatement = { kind: 'analyze', isVerbose: options.verbose, relations: analyzed, position };
  node.finish();
  if (!isVacuum) return analyze;
  refuse(options, position);
  return {
    kind: 'vacuum',
    isFull: options.full,
    isVerbose: options.verbose,
    relations: analyzed.map(({ relation }) => relation),
    analyze: options.analyze ? analyze : undefined,
    position,
  };
}

const ANALYZE_OPTIONS: ReadonlySet<string> = new Set(['verbose', 'skip_locked']);

function readOption(option: TreeNode, options: Options, command: 'VACUUM' | 'ANALYZE'): void {
  const name = option.text('defname') ?? '';
  const value = option.node('arg');
  if (!Object.hasOwn(options, name) || (command === 'ANALYZE' && !ANALYZE_OPTIONS.has(name))) {
    const message = `unrecognized ${command} option "${name}"`;
    throw new SqlError(SqlState.SyntaxError, message, { position: option.position });
  }
  const known = name as keyof Options;
  if (known === 'parallel') options.parallel = workersOf(value, option);
  else if (known === 'index_cleanup' && (value === undefined || optionText(value).toLowerCase() === 'auto')) {
    options.index_cleanup = true;
  } else options[known] = booleanOption(name, value && optionText(value));
}

function workersOf(value: TreeNode | undefined, option: TreeNode): number {
  const { position } = option;
  if (value === undefined) {
    throw new SqlError(SqlState.SyntaxError, `parallel option requires a value between 0 and ${MAX_WORKERS}`, {
      position,
    });
  }
  if (value.kind !== 'Integer') throw new SqlError(SqlState.SyntaxError, 'parallel requires an integer value');
  const workers = value.integer('ival');
  if (workers >= 0 && workers <= MAX_WORKERS) return workers;
  throw new SqlError(SqlState.SyntaxError, `parallel workers for vacuum must be between 0 and ${MAX_WORKERS}`, {
    position,
  });
}

function convertRelation(node: TreeNode, refusesColumns: boolean): AnalyzedRelation {
  const columns = node.names('va_cols');
  if (columns.length > 0 && refusesColumns) {
    throw new SqlError(SqlState.FeatureNotSupported, 'ANALYZE option must be specified when a column list is provided');
  }
  const relation = convertNamedRelation(node, 'relation');
  node.finish();
  return { relation, columns };
}

function refuse(options: Options, position: number): void {
  const refused: readonly (readonly [isAsked: boolean, what: string, hint?: string])[] = [
    [options.freeze, 'VACUUM FREEZE', 'Positions of commits do not wrap around; nothing has to be frozen.'],
    [options.disable_page_skipping, 'VACUUM (DISABLE_PAGE_SKIPPING)'],
    [!options.index_cleanup, 'VACUUM (INDEX_CLEANUP OFF)'],
    [!options.process_toast, 'VACUUM (PROCESS_TOAST OFF)'],
    [!options.truncate, 'VACUUM (TRUNCATE OFF)'],
  ];
  for (const [isAsked, what, hint] of refused) if (isAsked) throw notSupported(what, position, hint);
}
