import type { ColumnStatistics } from '../../catalog/table-statistics.ts';
import type { Expression } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';

/** Where nothing is known of the values. */
const EQUALITY_SHARE = 0.01;
const RANGE_SHARE = 0.3;
const OTHER_SHARE = 0.4;
/** Of an array that is not there yet. */
export const ARRAY_LENGTH = 10;

/** What is known of a column of the rows that conditions are over. */
export type StatisticsOf = (column: number) => ColumnStatistics | undefined;

/** The share of rows that fulfil all conditions, as if these had nothing to do with each other. */
export function shareOf(conditions: readonly Expression[], statisticsOf: StatisticsOf = () => undefined): number {
  return conditions.reduce((share, condition) => share * shareOfOne(condition, statisticsOf), 1);
}

function shareOfOne(condition: Expression, statisticsOf: StatisticsOf): number {
  switch (condition.kind) {
    case 'in-list':
    case 'in-constants': {
      const one = equalityShare(statisticsFor(condition.argument, statisticsOf));
      const count = condition.kind === 'in-list' ? condition.list.length : condition.constants.length;
      const some = Math.min(one * count, 1);
      if (condition.isNegated) return one === EQUALITY_SHARE ? OTHER_SHARE : 1 - some;
      return some;
    }
    case 'array-comparison': {
      const isEquality = !condition.isAll && operatorOf(condition.operator)?.name === '=';
      if (!isEquality) return OTHER_SHARE;
      return Math.min(equalityShare(statisticsFor(condition.left, statisticsOf)) * ARRAY_LENGTH, 1);
    }
    case 'null-test': {
      const known = statisticsFor(condition.argument, statisticsOf);
      if (known === undefined) return OTHER_SHARE;
      return condition.isNegated ? 1 - known.nullFraction : known.nullFraction;
    }
    case 'call':
      return shareOfCall(condition, statisticsOf);
    default:
      return OTHER_SHARE;
  }
}

function shareOfCall(call: Extract<Expression, { kind: 'call' }>, statisticsOf: StatisticsOf): number {
  const operator = operatorOf(call.function)?.name;
  const [left, right] = call.arguments;
  const isTurned = left?.kind !== 'column' && right !== undefined && statisticsFor(right, statisticsOf) !== undefined;
  const known = statisticsFor(isTurned ? right : left, statisticsOf);
  const other = isTurned ? left : right;
  switch (operator) {
    case '=':
      return equalityShare(known);
    case '<>':
      return known === undefined ? 1 : 1 - equalityShare(known) - known.nullFraction;
    case '<':
    case '<=':
      return rangeShare(known, other, isTurned ? 'above' : 'below');
    case '>':
    case '>=':
      return rangeShare(known, other, isTurned ? 'below' : 'above');
    default:
      return RANGE_SHARE;
  }
}

function statisticsFor(expression: Expression | undefined, statisticsOf: StatisticsOf): ColumnStatistics | undefined {
  return expression?.kind === 'column' ? statisticsOf(expression.index) : undefined;
}

function equalityShare(known: ColumnStatistics | undefined): number {
  if (known === undefined) return EQUALITY_SHARE;
  return (1 - known.nullFraction) / Math.max(known.distinctCount, 1);
}

/** As if the values lay evenly between the least and the largest. */
function rangeShare(
  known: ColumnStatistics | undefined,
  bound: Expression | undefined,
  side: 'below' | 'above',
): number {
  if (known?.minimum === undefined || known.maximum === undefined) return RANGE_SHARE;
  if (bound?.kind !== 'constant' || typeof bound.value !== 'number') return RANGE_SHARE;
  const width = known.maximum - known.minimum;
  const below = width === 0 ? (bound.value > known.minimum ? 1 : 0) : (bound.value - known.minimum) / width;
  const share = Math.min(Math.max(side === 'below' ? below : 1 - below, 0), 1);
  return share * (1 - known.nullFraction);
}
