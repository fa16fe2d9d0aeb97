import type { StoredView } from '../catalog/catalog-object.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { SqlError } from '../errors/sql-error.ts';
import { bindStatement } from '../sql/binder/bind-statement.ts';
import type {
  BoundCommonTable,
  BoundExplain,
  BoundModification,
  BoundQuery,
  BoundStatement,
} from '../sql/binder/bound-statement.ts';
import { mapPlans, plansOf } from '../sql/binder/modification-plans.ts';
import type { RelationUse } from '../sql/binder/relation-access.ts';
import { constantFailure } from '../sql/optimizer/constant-computation.ts';
import { optimize } from '../sql/optimizer/optimize.ts';
import type { PlannerFacts } from '../sql/optimizer/planner-facts.ts';
import { visitPlan } from '../sql/optimizer/subplans.ts';
import type { LogicalPlan } from '../sql/plan/logical-plan.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { ResultColumn } from './result-column.ts';
import { resultColumns } from './result-columns.ts';
import type { NamedObjects, SessionEnvironment } from './session-environment.ts';
import type { Settings } from './settings.ts';

/** A statement ready to run any number of times, as long as `isCurrent` holds. */
export interface PlannedStatement {
  /** Its plans are optimized. */
  readonly bound: BoundStatement;
  readonly parameterTypes: readonly TypeDefinition[];
  /** undefined: the statement gives no result at all. */
  readonly columns: readonly ResultColumn[] | undefined;
  /** What something constant in it raises, which nobody is told before the statement runs. */
  readonly failure: SqlError | undefined;
  /** The tables that its text reads or writes, in the versions it was planned for, though no plan may be left that does. */
  readonly tables: readonly TableDescriptor[];
  readonly settingsVersion: number;
  /** How long it took to make. */
  readonly planningMs: number;
  /** The views it reads, likewise. */
  readonly views: readonly StoredView[];
  /** What it does with relations: may be forbidden by the time that it runs. */
  readonly uses: readonly RelationUse[];
  /** Whether it calls functions by name, rights on which are among `uses` where somebody was given or denied some. */
  readonly callsFunctions: boolean;
  /** What was granted, and to whom, when it was planned: names may be looked for elsewhere otherwise. */
  readonly rights: unknown;
  /** False: true of this moment only, so to be planned anew each time. */
  readonly isCacheable: boolean;
  /** What decided on names, of a plan that is true of this state of the catalog only. */
  readonly madeFor: NamedObjects | undefined;
}

/** `parameterTypes` undefined: the statement cannot have parameters. Throws what binding throws. */
export function planStatement(
  statement: Statement,
  parameterTypes: readonly (TypeDefinition | undefined)[] | undefined,
  environment: SessionEnvironment,
  settings: Settings,
): PlannedStatement {
  const settingsVersion = settings.version;
  const startMs = performance.now();
  const result = bindStatement(statement, environment.bindContext(parameterTypes));
  const names = result.isOfCatalog ? environment.names : undefined;
  const bound = optimized(result.bound, environment);
  return {
    bound,
    parameterTypes: result.parameterTypes,
    columns: columnsOf(bound, environment, settings),
    failure: failureOf(bound, environment),
    tables: tablesOf(result.bound),
    settingsVersion,
    planningMs: performance.now() - startMs,
    views: result.views,
    uses: result.uses,
    callsFunctions: result.callsFunctions,
    rights: result.uses.length === 0 && !result.callsFunctions ? undefined : environment.rights,
    isCacheable: result.isCacheable && !(result.isOfCatalog && names === undefined),
    madeFor: names,
  };
}

/** What others have prepared or declared is theirs to tell. */
function columnsOf(
  bound: BoundStatement,
  environment: SessionEnvironment,
  settings: Settings,
): readonly ResultColumn[] | undefined {
  if (bound.kind === 'execute') return environment.preparedStatement(bound.name).columns;
  if (bound.kind === 'utility' && bound.statement.kind === 'fetch' && !bound.statement.isMove) {
    return environment.cursorColumns(bound.statement.name);
  }
  return resultColumns(bound, settings);
}

/**
 * Settings decide names (search_path) and literals (TimeZone, DateStyle); a table's new version may have other columns, and
 * another table may stand before it in the search path by now.
 */
export function isCurrent(planned: PlannedStatement, settings: Settings, environment: SessionEnvironment): boolean {
  if (!planned.isCacheable || planned.settingsVersion !== settings.version) return false;
  const asksForRights = planned.uses.length > 0 || planned.callsFunctions;
  if (asksForRights && planned.rights !== environment.rights) return false;
  if (planned.madeFor !== undefined && !isSameState(planned.madeFor, environment.names)) return false;
  if (planned.tables.length === 0 && planned.views.length === 0) return true;
  const names = environment.names;
  const looked = lookedAt.get(planned);
  if (looked !== undefined && isSameState(looked, names)) return true;
  if (!hasSameRelations(planned, environment)) return false;
  if (names !== undefined) lookedAt.set(planned, names);
  return true;
}

function isSameState(before: NamedObjects, now: NamedObjects | undefined): boolean {
  return now !== undefined && before.stored === now.stored && before.shared === now.shared;
}

/** With what a plan was found to be current. */
const lookedAt = new WeakMap<PlannedStatement, NamedObjects>();

function hasSameRelations(planned: PlannedStatement, environment: SessionEnvironment): boolean {
  const reader = environment.catalog;
  const searchPath = environment.searchPath(reader);
  const isFirst = ({ schemaName, name }: { readonly schemaName: string; readonly name: string }): boolean => {
    const place = searchPath.indexOf(schemaName);
    for (let before = 0; before < place; before++) {
      // What is in pg_catalog was there before.
      const schema = searchPath[before];
      if (schema === 'pg_catalog') continue;
      if (reader.table(schema, name) !== undefined || reader.view(schema, name) !== undefined) return false;
    }
    return true;
  };
  return (
    planned.views.every((view) => viewNow(reader, view) === view && isFirst(view)) &&
    planned.tables.every((table) => {
      const now = reader.table(table.schemaName, table.name);
      return now !== undefined && isSame(now, table) && isFirst(table);
    })
  );
}

/** Views of the system's are known by their relations. */
function viewNow(reader: CatalogReader, { schemaName, name }: StoredView): StoredView | undefined {
  return reader.view(schemaName, name) ?? reader.table(schemaName, name)?.systemView;
}

/**
 * A transaction that alters a table makes a version of its own, which another one's may share the number with: stored tables
 * (and views) are told apart by the very object. Those of the system are made anew each time, and nobody alters them.
 */
function isSame(now: TableDescriptor, table: TableDescriptor): boolean {
  return now === table || (table.kind === 'system-table' && now.oid === table.oid);
}

function optimized(bound: BoundStatement, facts: PlannerFacts): BoundStatement {
  switch (bound.kind) {
    case 'query':
    case 'insert':
    case 'update':
    case 'delete':
      return optimizedPlan(bound, facts);
    case 'create-table-as':
    case 'declare-cursor':
      return { ...bound, query: optimizedPlan(bound.query, facts) };
    case 'explain':
      return { ...bound, statement: optimizedExplained(bound.statement, facts) };
    default:
      return bound;
  }
}

function optimizedExplained(bound: BoundExplain['statement'], facts: PlannerFacts): BoundExplain['statement'] {
  if (bound.kind === 'execute') return bound;
  if (bound.kind === 'create-table-as') return { ...bound, query: optimizedPlan(bound.query, facts) };
  return optimizedPlan(bound, facts);
}

function optimizedPlan<T extends BoundQuery | BoundModification>(bound: T, facts: PlannerFacts): T {
  const optimizedTables = bound.with?.map((table) => optimizedTable(table, facts));
  const tables = optimizedTables === undefined ? {} : { with: optimizedTables };
  return mapPlans({ ...bound, ...tables }, (plan) => optimize(plan, facts));
}

function optimizedTable(table: BoundCommonTable, facts: PlannerFacts): BoundCommonTable {
  if ('plan' in table) return { ...table, plan: optimize(table.plan, facts) };
  const { modification } = table;
  return { ...table, modification: mapPlans(modification, (plan) => optimize(plan, facts)) };
}

function failureOf(bound: BoundStatement, facts: PlannerFacts): SqlError | undefined {
  for (const plan of plansWithin(bound)) {
    const failure = constantFailure(plan, facts);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function tablesOf(bound: BoundStatement): readonly TableDescriptor[] {
  const statement = plannedPart(bound);
  if (statement.kind === 'truncate') return statement.tables;
  if (statement.kind === 'vacuum') return statement.tables ?? [];
  if (statement.kind === 'analyze') return statement.tables?.map(({ table }) => table) ?? [];
  const tables = new Set<TableDescriptor>();
  for (const modification of modificationsWithin(statement)) tables.add(modification.table);
  for (const plan of plansWithin(statement)) {
    visitPlan(plan, (node) => {
      if (node.kind === 'scan') tables.add(node.table);
    });
  }
  return [...tables];
}

function plansWithin(bound: BoundStatement): readonly LogicalPlan[] {
  const statement = plannedPart(bound);
  const queries = 'with' in statement ? (statement.with ?? []) : [];
  const plans = queries.flatMap((table) => ('plan' in table ? [table.plan] : []));
  if (statement.kind === 'query') plans.push(statement.plan);
  return [...plans, ...modificationsWithin(statement).flatMap(plansOf)];
}

function modificationsWithin(statement: BoundStatement): readonly BoundModification[] {
  const tables = 'with' in statement ? (statement.with ?? []) : [];
  const modifications = tables.flatMap((table) => ('plan' in table ? [] : [table.modification]));
  const isModification = statement.kind === 'insert' || statement.kind === 'update' || statement.kind === 'delete';
  return isModification ? [...modifications, statement] : modifications;
}

/** What EXPLAIN explains, CREATE TABLE AS fills its table with, and a cursor is over. */
function plannedPart(bound: BoundStatement): BoundStatement {
  const explained = bound.kind === 'explain' ? bound.statement : bound;
  return explained.kind === 'create-table-as' || explained.kind === 'declare-cursor' ? explained.query : explained;
}
