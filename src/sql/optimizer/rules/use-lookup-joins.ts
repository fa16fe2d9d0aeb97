import { searchableIndexes } from '../../../catalog/ctid-index.ts';
import type { Expression } from '../../expression/expression.ts';
import type { JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { ScanNode } from '../../plan/scan-node.ts';
import { estimateSize } from '../estimate-size.ts';
import { mapPlan } from '../plan-walk.ts';
import type { PlannerFacts } from '../planner-facts.ts';

/** Looking a row up costs about as much as reading so many. */
export const LOOKUP_COST = 10;
/** A table with fewer rows is read as a whole in no time. */
const MIN_ROWS = 2000;

/**
 * Lets a join with few rows on its left side look the rows of the right side up by an index, where the right side is a
 * large plain table which an index orders by what is joined.
 */
export function useLookupJoins(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'join' ? useLookup(node, facts) : node));
}

/** Whether looking up so many keys is less than reading the table. */
export function isWorthLookingUp(keys: number, tableRows: number): boolean {
  return tableRows >= MIN_ROWS && keys * LOOKUP_COST <= tableRows;
}

function useLookup(join: JoinNode, facts: PlannerFacts): JoinNode {
  const { left, right, type } = join;
  if (type === 'right' || type === 'full' || right.kind !== 'scan') return join;
  if (
    right.table.timeSeries !== undefined ||
    right.index !== undefined ||
    right.isTarget === true ||
    right.lockSlot !== undefined
  )
    return join;
  const rows = facts.estimateRows(right.table) ?? 0;
  if (!isWorthLookingUp(estimateSize(left, facts).rows, rows)) return join;
  for (const index of searchableIndexes(right.table)) {
    const [leading] = index.columns;
    // A hash index finds nothing by a part of its key.
    if (leading === undefined || (index.method === 'hash' && index.columns.length > 1)) continue;
    const equality = join.equalities.findIndex(({ right: key }) => columnNumberOf(right, key) === leading.columnNumber);
    if (equality < 0) continue;
    return { ...join, lookup: { index, equality, maxKeys: Math.ceil(rows / LOOKUP_COST) } };
  }
  return join;
}

const INTEGERS: readonly string[] = ['int2', 'int4', 'int8'];

/** The number of the table's column that a key is, integers of another width included. */
function columnNumberOf({ table, columns }: ScanNode, key: Expression): number | undefined {
  let bare = key;
  if (key.kind === 'call' && key.arguments.length === 1) {
    const [argument] = key.arguments;
    const areIntegers = [key, argument].every(({ type }) => INTEGERS.includes(type.definition.name));
    if (areIntegers) bare = argument;
  }
  return bare.kind === 'column' ? table.columns[columns[bare.index]]?.number : undefined;
}
