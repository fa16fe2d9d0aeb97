import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import { executePlan, type PlanCounters } from '../../execution/execute-plan.ts';
import type { BoundConflict, BoundExplain, BoundModification, BoundQuery } from '../../sql/binder/bound-statement.ts';
import { estimateCost, widthOf } from '../../sql/optimizer/estimate-cost.ts';
import { estimateSize } from '../../sql/optimizer/estimate-size.ts';
import { describeModification, withTables } from '../../sql/plan/explain/describe-modification.ts';
import { describePlan } from '../../sql/plan/explain/describe-plan.ts';
import { type ExplainNumbers, explainDocument } from '../../sql/plan/explain/explain-document.ts';
import type { Estimate, PlanDescription, Property } from '../../sql/plan/explain/plan-description.ts';
import { expressionText, quoteIdentifier } from '../../sql/plan/expression-text.ts';
import type { LogicalPlan } from '../../sql/plan/logical-plan.ts';
import type { PlannedStatement } from '../plan-statement.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { canCreateTable, createTableAs } from './create-table-as.ts';
import { executeParameters } from './execute.ts';
import { type Modified, queryWithChanges, runModification } from './modify.ts';

/** Settings that decide about plans, as far as they can differ from their defaults. */
const PLANNER_SETTINGS: ReadonlySet<string> = new Set(['search_path', 'work_mem', 'plan_cache_mode', 'jit']);

/** What is explained, and how it is run. */
interface Explained {
  readonly bound: BoundQuery | BoundModification;
  readonly planningMs: number;
  readonly run: (counters: PlanCounters) => Promise<Modified | undefined>;
}

/** What was measured of a run. */
interface Measured {
  readonly counters: PlanCounters;
  readonly durationMs: number;
  readonly modified: Modified | undefined;
}

/** EXPLAIN: the plan, a line a row, or one document. ANALYZE runs it, with all that it does, and drops its rows. */
export async function explain(
  statement: BoundExplain,
  planned: PlannedStatement,
  scope: StatementScope,
): Promise<CommandResult> {
  const { options, analyze } = statement;
  scope.block.noteQuery();
  if (statement.statement.kind === 'create-table-as' && !(await canCreateTable(statement.statement, scope))) {
    return { tag: 'EXPLAIN', rows: [] };
  }
  const explained = explainedOf(statement.statement, planned, scope);
  if (explained === undefined) return answer(['Utility statements have no plan structure']);
  const measured = analyze ? await measure(explained) : undefined;
  const { bound } = explained;
  const description = describe(bound, options.isVerbose, measured);
  const estimate = (plan: LogicalPlan): Estimate => estimateOf(plan, scope);
  const numbers: ExplainNumbers = {
    estimate: options.costs ? estimate : undefined,
    actual: measured === undefined ? undefined : (plan) => measured.counters.get(plan),
    writing: (source) => writingNumbers(bound, source, estimate(source), measured),
    hasTiming: options.timing,
    hasBuffers: options.buffers,
    settings: options.settings ? changedSettings(scope) : [],
    planningMs: options.summary ? explained.planningMs : undefined,
    executionMs: options.summary ? measured?.durationMs : undefined,
  };
  return answer(explainDocument(description, numbers, options.format));
}

function answer(lines: readonly string[]): CommandResult {
  return { tag: 'EXPLAIN', rows: [{ rowCount: lines.length, columns: [columnOf('text', lines)] }] };
}

/** undefined: what EXECUTE would execute has no plan. */
function explainedOf(
  statement: BoundExplain['statement'],
  { tables, planningMs }: PlannedStatement,
  scope: StatementScope,
): Explained | undefined {
  switch (statement.kind) {
    case 'execute': {
      const prepared = scope.prepared.get(statement.name);
      const planned = prepared.currentPlan(scope.environment, scope.settings);
      const bound = planned?.bound;
      if (planned === undefined || bound === undefined || !hasPlan(bound)) return undefined;
      return explainedOf(bound, planned, { ...scope, parameters: executeParameters(statement, scope) });
    }
    case 'create-table-as': {
      const run = async (counters: PlanCounters) => {
        await createTableAs(statement, tables, scope, counters);
        return undefined;
      };
      return { bound: statement.query, planningMs, run };
    }
    case 'query': {
      const run = async (counters: PlanCounters) => {
        if (statement.with === undefined) await runQuery(statement.plan, tables, scope, counters);
        else await queryWithChanges(statement, tables, scope, counters);
        return undefined;
      };
      return { bound: statement, planningMs, run };
    }
    default:
      return {
        bound: statement,
        planningMs,
        run: (counters) => runModification(statement, tables, scope, counters),
      };
  }
}

function hasPlan(bound: PlannedStatement['bound']): bound is BoundQuery | BoundModification {
  return bound.kind === 'query' || bound.kind === 'insert' || bound.kind === 'update' || bound.kind === 'delete';
}

async function measure({ run }: Explained): Promise<Measured> {
  const counters: PlanCounters = new Map();
  const startMs = performance.now();
  const modified = await run(counters);
  return { counters, durationMs: performance.now() - startMs, modified };
}

async function runQuery(
  plan: LogicalPlan,
  tables: readonly TableDescriptor[],
  { block, environment, parameters, control }: StatementScope,
  counters: PlanCounters,
): Promise<void> {
  const snapshot = block.current().snapshot();
  try {
    const rows = executePlan(plan, environment.execution({ snapshot, tables, parameters, control }), counters);
    for await (const _ of rows) await control.yieldIfDue();
  } finally {
    snapshot.release();
  }
}

function describe(
  bound: BoundQuery | BoundModification,
  isVerbose: boolean,
  measured: Measured | undefined,
): PlanDescription {
  const options = { isVerbose };
  if (bound.kind !== 'query') {
    const onConflict =
      bound.kind === 'insert' && bound.onConflict !== undefined
        ? conflictProperties(bound.table, bound.onConflict, measured)
        : [];
    const node = describeModification({ ...bound, onConflict }, options);
    return withTables(node, describeTables(bound.with, isVerbose));
  }
  return withTables(describePlan(bound.plan, options), describeTables(bound.with, isVerbose));
}

function describeTables(
  tables: BoundQuery['with'] = [],
  isVerbose: boolean,
): readonly { readonly name: string; readonly node: PlanDescription }[] {
  return tables.map((table) => ({
    name: table.name,
    node:
      'plan' in table ? describePlan(table.plan, { isVerbose }) : describe(table.modification, isVerbose, undefined),
  }));
}

function conflictProperties(
  table: TableDescriptor,
  { arbiterOids, target, update }: BoundConflict,
  measured: Measured | undefined,
): Property[] {
  const indexes = [...table.indexes, ...(table.uniqueKey === undefined ? [] : [keyIndex(table.uniqueKey)])];
  const properties: Property[] = [{ name: 'Conflict Resolution', value: update === undefined ? 'NOTHING' : 'UPDATE' }];
  const names = indexes.filter(({ oid }) => arbiterOids.includes(oid)).map(({ name }) => name);
  if (target !== 'none' && names.length > 0) properties.push({ name: 'Conflict Arbiter Indexes', value: names });
  if (update?.where !== undefined) {
    const own = table.columns.map(({ name }) => `${quoteIdentifier(table.name)}.${quoteIdentifier(name)}`);
    const proposed = table.columns.filter(({ isHidden }) => isHidden !== true);
    const columns = [...own, ...proposed.map(({ name }) => `excluded.${quoteIdentifier(name)}`)];
    properties.push({ name: 'Conflict Filter', value: expressionText(update.where, columns) });
  }
  const modified = measured?.modified;
  if (modified?.conflictCount === undefined) return properties;
  const { conflictCount, insertedCount = 0, rowCount } = modified;
  if (update?.where !== undefined) {
    const removed = conflictCount - (rowCount - insertedCount);
    // The text form leaves out what is none.
    properties.push({ name: 'Rows Removed by Conflict Filter', value: removed, ...(removed > 0 ? {} : { line: '' }) });
  }
  properties.push({ name: 'Tuples Inserted', value: insertedCount });
  properties.push({ name: 'Conflicting Tuples', value: conflictCount });
  return properties;
}

function keyIndex({ indexOid, name }: NonNullable<TableDescriptor['uniqueKey']>) {
  return { oid: indexOid, name };
}

function estimateOf(plan: LogicalPlan, { environment }: StatementScope): Estimate {
  const { startup, total } = estimateCost(plan, environment);
  const isEmpty = plan.kind === 'values' && plan.rows.length === 0;
  const rows = isEmpty ? 0 : Math.max(Math.round(estimateSize(plan, environment).rows), 1);
  return { startupCost: startup, totalCost: total, rows, width: widthOf(plan.output) };
}

/** What writes costs as much as its source, and gives only what it returns. */
function writingNumbers(
  bound: BoundQuery | BoundModification,
  source: LogicalPlan,
  estimate: Estimate,
  measured: Measured | undefined,
): ReturnType<NonNullable<ExplainNumbers['writing']>> {
  const isWhole = bound.kind !== 'query' && bound.source === source;
  const returning = isWhole ? bound.returning : undefined;
  const counted = measured?.counters.get(source);
  const returned = measured?.modified?.returned.reduce((sum, { rowCount }) => sum + rowCount, 0) ?? 0;
  const elapsedMs = isWhole ? (measured?.durationMs ?? 0) : (counted?.elapsedMs ?? 0);
  return {
    estimate: {
      ...estimate,
      rows: returning === undefined ? 0 : estimate.rows,
      width: returning === undefined ? 0 : widthOf(returning),
    },
    actual:
      counted === undefined
        ? undefined
        : { ...counted, rows: isWhole ? returned : 0, elapsedMs, scan: undefined, spilledBytes: 0 },
  };
}

function changedSettings({ settings }: StatementScope): readonly (readonly [string, string])[] {
  return settings
    .rows()
    .filter(({ name, source }) => PLANNER_SETTINGS.has(name) && source !== 'default')
    .map(({ name, shown }) => [name, shown] as const);
}
