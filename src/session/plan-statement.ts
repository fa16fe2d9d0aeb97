import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import { bindStatement } from '../sql/binder/bind-statement.ts';
import type { BoundModification, BoundQuery, BoundStatement } from '../sql/binder/bound-statement.ts';
import { optimize } from '../sql/optimizer/optimize.ts';
import { inputsOf, type LogicalPlan } from '../sql/plan/logical-plan.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import type { ResultColumn } from './result-column.ts';
import { resultColumns } from './result-columns.ts';
import type { SessionEnvironment } from './session-environment.ts';
import type { Settings } from './settings.ts';

/** A statement ready to run any number of times, as long as `isCurrent` holds. */
export interface PlannedStatement {
  /** Its plans are optimized. */
  readonly bound: BoundStatement;
  readonly parameterTypes: readonly TypeDefinition[];
  /** undefined: the statement gives no result at all. */
  readonly columns: readonly ResultColumn[] | undefined;
  /** The tables it reads or writes, in the versions it was planned for. */
  readonly tables: readonly TableDescriptor[];
  readonly settingsVersion: number;
  /** False: true of this moment only, so to be planned anew each time. */
  readonly isCacheable: boolean;
}

/** `parameterTypes` undefined: the statement cannot have parameters. Throws what binding throws. */
export function planStatement(
  statement: Statement,
  parameterTypes: readonly (TypeDefinition | undefined)[] | undefined,
  environment: SessionEnvironment,
  settings: Settings,
): PlannedStatement {
  const settingsVersion = settings.version;
  const result = bindStatement(statement, environment.bindContext(parameterTypes));
  const bound = optimized(result.bound);
  return {
    bound,
    parameterTypes: result.parameterTypes,
    columns: resultColumns(bound, settings),
    tables: tablesOf(bound),
    settingsVersion,
    isCacheable: result.isCacheable,
  };
}

/** Settings decide names (search_path) and literals (TimeZone, DateStyle); a table's new version may have other columns. */
export function isCurrent(planned: PlannedStatement, settings: Settings, catalog: () => CatalogReader): boolean {
  if (!planned.isCacheable || planned.settingsVersion !== settings.version) return false;
  if (planned.tables.length === 0) return true;
  const reader = catalog();
  return planned.tables.every((table) => {
    const now = reader.table(table.schemaName, table.name);
    return now?.oid === table.oid && now.schemaVersion === table.schemaVersion;
  });
}

function optimized(bound: BoundStatement): BoundStatement {
  switch (bound.kind) {
    case 'query':
    case 'insert':
    case 'update':
    case 'delete':
      return optimizedPlan(bound);
    case 'explain':
      return { ...bound, statement: optimizedPlan(bound.statement) };
    default:
      return bound;
  }
}

function optimizedPlan(bound: BoundQuery | BoundModification): BoundQuery | BoundModification {
  if (bound.kind === 'query') return { ...bound, plan: optimize(bound.plan) };
  return { ...bound, source: optimize(bound.source) };
}

function tablesOf(bound: BoundStatement): readonly TableDescriptor[] {
  const tables = new Set<TableDescriptor>();
  const visit = (plan: LogicalPlan): void => {
    if (plan.kind === 'scan') tables.add(plan.table);
    for (const input of inputsOf(plan)) visit(input);
  };
  const planned = bound.kind === 'explain' ? bound.statement : bound;
  switch (planned.kind) {
    case 'query':
      visit(planned.plan);
      break;
    case 'truncate':
      return planned.tables;
    case 'vacuum':
      return planned.tables ?? [];
    case 'insert':
    case 'update':
    case 'delete':
      tables.add(planned.table);
      visit(planned.source);
      break;
    default:
      break;
  }
  return [...tables];
}
