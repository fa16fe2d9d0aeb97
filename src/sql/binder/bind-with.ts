import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { CommonTablePlan } from '../plan/common-table-nodes.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { CommonTable, Query, WithClause } from '../syntax/query-ast.ts';
import { bindModification, isModification } from './bind-modification.ts';
import { bindQuery, type QueryOptions } from './bind-query.ts';
import { bindRecursiveTable } from './bind-recursive-table.ts';
import type { BoundCommonTable } from './bound-statement.ts';
import type { CommonTableEntry, CommonTableScope } from './common-table.ts';
import { orderRecursiveTables } from './order-recursive-tables.ts';
import type { StatementBinding } from './statement-binding.ts';

interface WithOptions {
  /** At the top of the statement, where tables that change rows are allowed. */
  readonly isTop: boolean;
  /** What lies around the query that the clause belongs to. */
  readonly around: Surroundings;
}

type Surroundings = Pick<QueryOptions, 'outer'>;

/** What was bound, and how a plan that reads the clause's tables is given them. */
interface BoundWith<T> {
  readonly bound: T;
  readonly over: (plan: LogicalPlan) => LogicalPlan;
}

/**
 * Binds the tables of a WITH clause, then `bind`, which can use them. Throws 42712 for a name given twice, 42P19 and 0A000
 * for recursion of a form that has no meaning or is not supported, 0A000 for changes of rows further down.
 */
export function bindWith<T>(
  binding: StatementBinding,
  clause: WithClause,
  { isTop, around }: WithOptions,
  bind: () => T,
): BoundWith<T> {
  checkNames(clause);
  const changesRows = clause.tables.some((table) => isModification(table.statement));
  for (const { statement, position } of clause.tables) {
    if (isTop || !isModification(statement)) continue;
    throw new SqlError(
      SqlState.FeatureNotSupported,
      'WITH clause containing a data-modifying statement must be at the top level',
      { position },
    );
  }
  const ordered = clause.isRecursive ? orderRecursiveTables(clause.tables) : undefined;
  const entries = new Map<string, CommonTableEntry>();
  const bound: BoundCommonTable[] = [];
  const materialized = new Map<number, CommonTablePlan['materialized']>();
  const further = binding.commonTables;
  const tables = ordered?.tables ?? clause.tables;
  for (const [at, table] of tables.entries()) {
    const later = ordered === undefined ? tables.slice(at).map(({ name }) => name) : [];
    const scope: CommonTableScope = { entries: new Map(entries), later, outer: further };
    const id = binding.nextCommonTable();
    const isRecursive = ordered?.recursive.has(table) === true;
    const content = binding.within(scope, () => bindTable(binding, table, { id, isRecursive, around }));
    const output = columnsOf(table, content);
    const plan = 'plan' in content && !isRecursive ? { plan: content.plan } : {};
    entries.set(table.name, { id, name: table.name, output, isWorkingTable: false, ...plan });
    bound.push({ id, name: table.name, ...content });
    materialized.set(id, table.materialized);
  }
  const result = binding.within({ entries, later: [], outer: further }, bind);
  if (changesRows) {
    binding.statementTables.push(...bound);
    return { bound: result, over: (plan) => plan };
  }
  const plans = bound.flatMap((table): CommonTablePlan[] =>
    'plan' in table ? [{ ...table, materialized: materialized.get(table.id) ?? 'default' }] : [],
  );
  return {
    bound: result,
    over: (input) => ({ kind: 'with', tables: plans, input, output: input.output }),
  };
}

function checkNames({ tables }: WithClause): void {
  const seen = new Set<string>();
  for (const { name, position } of tables) {
    if (seen.has(name)) {
      throw new SqlError(SqlState.DuplicateAlias, `WITH query name "${name}" specified more than once`, { position });
    }
    seen.add(name);
  }
}

type TableContent = { readonly plan: LogicalPlan } | { readonly modification: ReturnType<typeof bindModification> };

interface TableOptions {
  readonly id: number;
  readonly isRecursive: boolean;
  readonly around: Surroundings;
}

function bindTable(binding: StatementBinding, table: CommonTable, options: TableOptions): TableContent {
  const { statement } = table;
  const { id, isRecursive, around } = options;
  if (!isRecursive && (table.search !== undefined || table.cycle !== undefined)) {
    throw new SqlError(SqlState.SyntaxError, 'WITH query is not recursive', { position: table.position });
  }
  return binding.deeper(1, () => {
    if (isModification(statement)) {
      return { modification: binding.inQuery(() => bindModification(binding, statement, { isTop: false })) };
    }
    if (isRecursive) return { plan: binding.inQuery(() => bindRecursiveTable(binding, table, id, around)) };
    return { plan: bindQuery(binding, statement as Query, around) };
  });
}

/** The columns that the table shows, by the names that it was given; undefined for changes that return nothing. */
function columnsOf(table: CommonTable, content: TableContent): readonly OutputColumn[] | undefined {
  const output = 'plan' in content ? content.plan.output : content.modification.returning;
  return output === undefined && table.columns.length === 0 ? undefined : renamed(table, output ?? []);
}

/** Throws 42P10 for more names than columns. */
export function renamed({ name, columns, position }: CommonTable, output: readonly OutputColumn[]): OutputColumn[] {
  if (columns.length > output.length) {
    throw new SqlError(
      SqlState.InvalidColumnReference,
      `WITH query "${name}" has ${output.length} columns available but ${columns.length} columns specified`,
      { position },
    );
  }
  return output.map((column, at) => ({ ...column, name: columns[at] ?? column.name }));
}
