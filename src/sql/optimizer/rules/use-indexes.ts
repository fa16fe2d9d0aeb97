import { searchableIndexes } from '../../../catalog/ctid-index.ts';
import type { IndexDescriptor } from '../../../catalog/index-descriptor.ts';
import type { TypeDefinition } from '../../../types/type-definition.ts';
import type { Expression } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed } from '../../expression/walk-expression.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { IndexAccess, IndexBound, IndexEquality, ScanNode } from '../../plan/scan-node.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * Lets a scan of a plain table find its rows by an index where conditions say what the leading columns are equal to, and
 * within which bounds the next one lies. The index of which most is known is taken, one that gives a single row before
 * all others. A bound on one side alone is not reason enough: half the table may lie beyond it.
 */
export function useIndexes(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'scan' ? useIndex(node) : node));
}

/** What one condition says of one column. */
interface ColumnCondition {
  /** Its position in `table.columns`. */
  readonly position: number;
  readonly condition: Expression;
  readonly equalTo?: IndexEquality;
  readonly from?: IndexBound;
  readonly to?: IndexBound;
}

function useIndex(scan: ScanNode): ScanNode {
  const { table, filters } = scan;
  if (table.timeSeries !== undefined || filters.length === 0) return scan;
  const conditions = filters.flatMap((filter) => columnCondition(scan, filter) ?? []);
  if (conditions.length === 0) return scan;
  let best: { readonly access: IndexAccess; readonly rank: number } | undefined;
  for (const index of searchableIndexes(table)) {
    const access = accessBy(scan, index, conditions);
    if (access === undefined) continue;
    const rank = rankOf(access);
    if (best === undefined || rank > best.rank) best = { access, rank };
  }
  return best === undefined ? scan : { ...scan, index: best.access };
}

function accessBy(
  { table }: ScanNode,
  index: IndexDescriptor,
  conditions: readonly ColumnCondition[],
): IndexAccess | undefined {
  const used: Expression[] = [];
  const equalTo: IndexEquality[] = [];
  const positions = index.columns.map(({ columnNumber }) =>
    table.columns.findIndex((column) => column.number === columnNumber),
  );
  for (const position of positions) {
    const found = conditions.find((condition) => condition.position === position && condition.equalTo !== undefined);
    if (found?.equalTo === undefined) break;
    equalTo.push(found.equalTo);
    used.push(found.condition);
  }
  if (index.method === 'hash') {
    return equalTo.length < positions.length ? undefined : { index, equalTo, conditions: used };
  }
  const next = conditions.filter((condition) => condition.position === positions[equalTo.length]);
  const lower = next.find((condition) => condition.from !== undefined);
  const upper = next.find((condition) => condition.to !== undefined);
  if (equalTo.length === 0 && (lower === undefined || upper === undefined)) return undefined;
  if (lower !== undefined) used.push(lower.condition);
  if (upper !== undefined) used.push(upper.condition);
  return {
    index,
    equalTo,
    ...(lower?.from === undefined ? {} : { from: lower.from }),
    ...(upper?.to === undefined ? {} : { to: upper.to }),
    conditions: used,
  };
}

/** A whole unique key counts most, then columns with a value, then bounds, then how little else the index has. */
function rankOf({ index, equalTo, from, to }: IndexAccess): number {
  const isWholeKey = index.isUnique && equalTo.length === index.columns.length;
  const bounds = (from === undefined ? 0 : 1) + (to === undefined ? 0 : 1);
  return (isWholeKey ? 100_000 : 0) + equalTo.length * 1000 + bounds * 100 - index.columns.length;
}

const MAX_INDEXED_CONSTANTS = 10_000;

function columnCondition(scan: ScanNode, condition: Expression): ColumnCondition | undefined {
  switch (condition.kind) {
    case 'call':
      return condition.arguments.length === 2
        ? comparison(scan, condition, operatorOf(condition.function)?.name)
        : undefined;
    case 'in-list': {
      const position = indexablePosition(scan, condition.argument, condition.list[0]?.type.definition);
      if (condition.isNegated || position === undefined || !condition.list.every(isFixed)) return undefined;
      return { position, condition, equalTo: { kind: 'values', values: condition.list } };
    }
    case 'in-constants': {
      const { argument, constants, isNegated } = condition;
      const { definition } = argument.type;
      const position = indexablePosition(scan, argument, definition);
      // So many rows are found sooner by looking at all.
      if (isNegated || position === undefined || constants.length > MAX_INDEXED_CONSTANTS) return undefined;
      const values = Array.from({ length: constants.length }, (_, at): Expression => {
        return { kind: 'constant', value: constants.at(at), type: { definition, typmod: -1 } };
      });
      return { position, condition, equalTo: { kind: 'values', values } };
    }
    case 'array-comparison': {
      const position = indexablePosition(scan, condition.left, condition.elementType);
      const isEquality = !condition.isAll && operatorOf(condition.operator)?.name === '=';
      if (!isEquality || position === undefined || !isFixed(condition.array)) return undefined;
      return { position, condition, equalTo: { kind: 'array', array: condition.array } };
    }
    default:
      return undefined;
  }
}

const MIRRORED: Readonly<Record<string, string>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function comparison(scan: ScanNode, condition: Expression, operator: string | undefined): ColumnCondition | undefined {
  if (condition.kind !== 'call' || operator === undefined || MIRRORED[operator] === undefined) return undefined;
  const [left, right] = condition.arguments;
  const isLeft = isFixed(right);
  const [column, value] = isLeft ? [left, right] : [right, left];
  const position = isFixed(value) ? indexablePosition(scan, column, value.type.definition) : undefined;
  if (position === undefined) return undefined;
  switch (isLeft ? operator : MIRRORED[operator]) {
    case '=':
      return { position, condition, equalTo: { kind: 'values', values: [value] } };
    case '<':
      return { position, condition, to: { value, isInclusive: false } };
    case '<=':
      return { position, condition, to: { value, isInclusive: true } };
    case '>':
      return { position, condition, from: { value, isInclusive: false } };
    default:
      return { position, condition, from: { value, isInclusive: true } };
  }
}

/** The same for all rows of one execution. */
function isFixed(expression: Expression): boolean {
  return columnsUsed(expression).length === 0 && !isVolatile(expression);
}

const INTEGERS: readonly string[] = ['int2', 'int4', 'int8'];
const TEXTS: readonly string[] = ['text', 'varchar'];

/**
 * The table's column that an expression is, if an index orders its values as they are compared with `other`: those of
 * the same type, integers of any width, varchar as text.
 */
function indexablePosition(
  scan: ScanNode,
  expression: Expression,
  other: TypeDefinition | undefined,
): number | undefined {
  const bare = expression.kind === 'relabel' ? expression.argument : expression;
  if (bare.kind !== 'column' || other === undefined) return undefined;
  const type = bare.type.definition;
  const isSame = type.oid === other.oid && bare === expression;
  const isFamily = [INTEGERS, TEXTS].some((names) => names.includes(type.name) && names.includes(other.name));
  return isSame || isFamily ? scan.columns[bare.index] : undefined;
}
