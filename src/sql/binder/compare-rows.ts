import type { Expression } from '../expression/expression.ts';
import { matchOperator } from './bind-operator.ts';
import type { Operand } from './coerce.ts';
import { compareItems } from './row-comparison.ts';
import type { StatementBinding } from './statement-binding.ts';
import { isUnknown } from './well-known-types.ts';

/** Values to be compared, and their comparison: the values are its first columns. */
export interface ComparedRows {
  readonly left: readonly Expression[];
  readonly comparison: Expression;
}

/**
 * `left op right`, item by item: equal when all are, unequal when one is, ordered by the first that differ. The right
 * operands are columns behind those of `left`.
 */
export function compareRows(
  binding: StatementBinding,
  name: string,
  left: readonly Operand[],
  right: readonly Operand[],
  position: number,
): ComparedRows {
  const values = left.map((operand, at) =>
    isUnknown(operand.expression.type)
      ? (matchOperator(binding, name, operand, right[at], position).left ?? operand.expression)
      : operand.expression,
  );
  const columns = values.map(
    ({ type }, index): Operand => ({ expression: { kind: 'column', index, type }, syntax: left[index].syntax }),
  );
  return { left: values, comparison: compareItems(binding, name, columns, right, position) };
}
