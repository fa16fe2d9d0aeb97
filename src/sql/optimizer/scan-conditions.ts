import { findCast } from '../../functions/cast-registry.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { CallExpression, Expression } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import { isVolatile } from '../expression/volatility.ts';
import { columnsUsed, hasSubquery } from '../expression/walk-expression.ts';
import type { ScanNode, TimeBound } from '../plan/scan-node.ts';
import { cheapFirst } from './conjuncts.ts';

export const MIRRORED: Readonly<Record<TimeBound['operator'], TimeBound['operator']>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '=': '=',
};

/**
 * Casts of a bound's value to the time column's type under which the comparison means the same: PostgreSQL's own
 * cross-type comparisons do just this. (A timestamp against a date column is not among them: it has a time of day.)
 */
const EXACT_CASTS: Readonly<Record<string, readonly string[]>> = {
  timestamptz: ['timestamp', 'date'],
  timestamp: ['date'],
};

/**
 * Hands conditions over the scan's rows to the scan: bounds of the time column, conditions on tags alone (decided once
 * per series), and the rest, in the order given.
 */
export function attachConditions(scan: ScanNode, conjuncts: readonly Expression[]): ScanNode {
  const timeBounds: TimeBound[] = [...scan.timeBounds];
  const tagFilters: Expression[] = [...scan.tagFilters];
  const filters: Expression[] = [...scan.filters];
  for (const conjunct of cheapFirst(conjuncts)) {
    const bound = timeBoundOf(scan, conjunct);
    if (bound !== undefined) timeBounds.push(bound);
    else if (readsTagsOnly(scan, conjunct)) tagFilters.push(conjunct);
    else filters.push(conjunct);
  }
  return { ...scan, timeBounds, tagFilters, filters };
}

function readsTagsOnly(scan: ScanNode, condition: Expression): boolean {
  const columns = columnsUsed(condition);
  if (columns.length === 0 || isVolatile(condition) || hasSubquery(condition)) return false;
  return columns.every((column) => scan.table.columns[scan.columns[column]]?.role === 'tag');
}

function timeBoundOf(scan: ScanNode, condition: Expression): TimeBound | undefined {
  if (condition.kind !== 'call' || condition.arguments.length !== 2) return undefined;
  const operator = operatorOf(condition.function)?.name;
  if (operator === undefined || !isBoundOperator(operator)) return undefined;
  const [left, right] = condition.arguments as readonly [Expression, Expression];
  if (isTimeColumn(scan, left)) return boundOf(operator, left.type, right, condition);
  if (isTimeColumn(scan, right)) return boundOf(MIRRORED[operator], right.type, left, condition);
  return undefined;
}

function isBoundOperator(name: string): name is TimeBound['operator'] {
  return name in MIRRORED;
}

function isTimeColumn(scan: ScanNode, expression: Expression): boolean {
  if (expression.kind !== 'column' || scan.table.timeSeries === undefined) return false;
  const column = scan.table.columns[scan.columns[expression.index]];
  return column?.number === scan.table.timeSeries.timeColumnNumber;
}

function boundOf(
  operator: TimeBound['operator'],
  type: SqlType,
  value: Expression,
  comparison: CallExpression,
): TimeBound | undefined {
  if (columnsUsed(value).length > 0 || isVolatile(value)) return undefined;
  const source = value.type.definition;
  if (source === type.definition) return { operator, value };
  if (EXACT_CASTS[type.definition.name]?.includes(source.name) !== true) return undefined;
  const method = findCast(source, type.definition)?.method;
  if (method === undefined || method === 'relabel') return undefined;
  const cast: CallExpression = {
    kind: 'call',
    function: method,
    arguments: [value],
    type: { definition: type.definition, typmod: -1 },
    position: comparison.position,
  };
  return { operator, value: cast };
}
