import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import type { Comparison } from '../../kernels/numeric-kernels.ts';
import { RowFilter } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { remapColumns } from '../../sql/expression/walk-expression.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';

/** `column <operator> constant`, for types whose values are numbers. */
export interface ColumnComparison {
  /** The one column. */
  readonly columns: readonly [number];
  readonly operator: Comparison;
  /** undefined: NULL, for which no row passes. */
  readonly constant: number | undefined;
  /** The same over a batch of that column alone, for values that are no doubles. */
  filter(): RowFilter;
}

/** Functions behind the operators, and what they compare by: numbers, and times as the microseconds or days they are. */
const COMPARISON = /^(?:(?:int[248]{1,2}|float[48]{1,2})|(?:date|timestamp|timestamptz)_)(lt|le|eq|ne|ge|gt)$/;

const OPERATORS: Readonly<Record<string, Comparison>> = { lt: '<', le: '<=', eq: '=', ne: '<>', ge: '>=', gt: '>' };

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '=': '=',
  '<>': '<>',
  '>=': '<=',
  '>': '<',
};

export function columnComparison(filter: Expression, context: ExecutionContext): ColumnComparison | undefined {
  if (filter.kind !== 'call' || filter.arguments.length !== 2) return undefined;
  const operator = OPERATORS[COMPARISON.exec(filter.function.name)?.[1] ?? ''];
  if (operator === undefined) return undefined;
  const [left, right] = filter.arguments;
  const [column, other] = left.kind === 'column' ? [left, right] : [right, left];
  if (column.kind !== 'column' || !isKnown(other)) return undefined;
  const value = evaluateExpression(other, context);
  if (value !== null && typeof value !== 'number') return undefined;
  let rowFilter: RowFilter | undefined;
  return {
    columns: [column.index],
    operator: left.kind === 'column' ? operator : MIRRORED[operator],
    constant: value ?? undefined,
    filter() {
      rowFilter ??= new RowFilter(
        remapColumns(filter, () => 0),
        context,
      );
      return rowFilter;
    },
  };
}

function isKnown({ kind }: Expression): boolean {
  return kind === 'constant' || kind === 'parameter' || kind === 'correlated';
}

/** Whether statistics show that the comparison holds for every row. */
export function isTrueForAll({ operator, constant }: ColumnComparison, bounds: UnitStatistics | undefined): boolean {
  if (constant === undefined || Number.isNaN(constant)) return false;
  if (bounds === undefined || bounds.nullCount > 0 || bounds.rowCount === 0) return false;
  if (bounds.kind !== 'float64' && bounds.kind !== 'int64') return false;
  const { min, max } = bounds;
  // NaN, which is in neither, is greater than every constant.
  const hasNaN = bounds.kind === 'float64' && bounds.hasNaN;
  switch (operator) {
    case '<':
      return !hasNaN && max < constant;
    case '<=':
      return !hasNaN && max <= constant;
    case '=':
      return !hasNaN && min === constant && max === constant;
    case '<>':
      return min > constant || max < constant;
    case '>=':
      return min >= constant;
    default:
      return min > constant;
  }
}
