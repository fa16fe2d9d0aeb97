import type { FieldRange } from '../../catalog/scan-request.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { evaluateExpression } from '../evaluate-constant.ts';
import type { ExecutionContext } from '../execution-context.ts';

/** Functions behind `column <operator> value` for types whose columns are numbers, by what they say of the column. */
const LOWER_BOUND = /^(?:int[248]+|float[48]+)(?:gt|ge)$/;
const UPPER_BOUND = /^(?:int[248]+|float[48]+)(?:lt|le)$/;
const EQUALITY = /^(?:int[248]+|float[48]+)eq$/;

/**
 * What conditions on single numeric columns say about their values: hints that let a table skip units whose minimum and
 * maximum lie outside. Strict bounds are treated as inclusive, since the filter itself runs anyway.
 */
export function fieldRangesOf(filters: readonly Expression[], context: ExecutionContext): FieldRange[] {
  const ranges: FieldRange[] = [];
  for (const filter of filters) {
    if (filter.kind !== 'call' || filter.arguments.length !== 2) continue;
    const [left, right] = filter.arguments as [Expression, Expression];
    const isColumnLeft = left.kind === 'column';
    const column = isColumnLeft ? left : right;
    const value = numberOf(isColumnLeft ? right : left, context);
    if (column.kind !== 'column' || value === undefined) continue;
    const { name } = filter.function;
    const isLower = (isColumnLeft ? LOWER_BOUND : UPPER_BOUND).test(name);
    const isUpper = (isColumnLeft ? UPPER_BOUND : LOWER_BOUND).test(name);
    if (EQUALITY.test(name)) ranges.push({ column: column.index, min: value, max: value });
    // NaN is greater than every number, so a lower bound has no upper end, NaN included.
    else if (isLower) ranges.push({ column: column.index, min: value, max: Number.POSITIVE_INFINITY });
    else if (isUpper) ranges.push({ column: column.index, min: Number.NEGATIVE_INFINITY, max: value });
  }
  return ranges;
}

/** What has its value when execution starts. */
const FIXED: readonly Expression['kind'][] = ['constant', 'parameter', 'correlated'];

function numberOf(expression: Expression, context: ExecutionContext): number | undefined {
  if (!FIXED.includes(expression.kind)) return undefined;
  const value = evaluateExpression(expression, context);
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
}
