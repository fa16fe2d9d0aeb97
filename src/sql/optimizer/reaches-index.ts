import { isVolatile } from '../expression/volatility.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { ScanNode } from '../plan/scan-node.ts';

/** Whether what a column of a plan must be equal to is found by indexes of the tables that it comes from. */
export function reachesIndex(plan: LogicalPlan, column: number): boolean {
  switch (plan.kind) {
    case 'scan':
      return leadsIndex(plan, [column]);
    case 'filter':
    case 'sort':
    case 'distinct':
      return reachesIndex(plan.input, column);
    case 'project': {
      const expression = plan.expressions[column];
      if (expression?.kind !== 'column' || plan.expressions.some(isVolatile)) return false;
      return reachesIndex(plan.input, expression.index);
    }
    case 'aggregate': {
      const key = plan.keys[column];
      return plan.groupingSets === undefined && key?.kind === 'column' && reachesIndex(plan.input, key.index);
    }
    case 'append':
      return plan.inputs.length > 0 && plan.inputs.every((input) => reachesIndex(input, column));
    case 'apply':
      return column < plan.left.output.length && reachesIndex(plan.left, column);
    case 'join': {
      const width = plan.left.output.length;
      if (column < width) return plan.type !== 'right' && plan.type !== 'full' && reachesIndex(plan.left, column);
      return plan.type === 'inner' && reachesIndex(plan.right, column - width);
    }
    default:
      return false;
  }
}

/** Whether an index of the table begins with one of the scan's columns. */
export function leadsIndex({ table, columns, index }: ScanNode, candidates: readonly number[]): boolean {
  if (table.timeSeries !== undefined || index !== undefined) return false;
  const numbers = candidates.map((column) => table.columns[columns[column]]?.number);
  return table.indexes.some(
    ({ columns: [leading] }) => leading !== undefined && numbers.includes(leading.columnNumber),
  );
}
