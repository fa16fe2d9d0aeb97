import { bool } from '../../../types/bool.ts';
import { sqlType } from '../../../types/type-registry.ts';
import { conjunction } from '../../expression/conjunction.ts';
import type { Expression, SlotBinding } from '../../expression/expression.ts';
import { operatorOf } from '../../expression/operator-of.ts';
import { sameExpression } from '../../expression/same-expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, hasSubquery, mapExpression } from '../../expression/walk-expression.ts';
import type { ApplyNode, AsOfJoinNode, JoinEquality } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { ScanNode, TimeBound } from '../../plan/scan-node.ts';
import type { LimitNode, SortKey } from '../../plan/sort-nodes.ts';
import { splitConjuncts } from '../conjuncts.ts';
import { boolOf } from '../constant.ts';
import { areJoinable, correlatedEquality, overBoth, readsSlots, type Slots, slotsOf } from '../correlation.ts';
import { estimateSize } from '../estimate-size.ts';
import { mapPlan } from '../plan-walk.ts';
import type { PlannerFacts } from '../planner-facts.ts';
import { MIRRORED } from '../scan-conditions.ts';
import { isSubstitutionSmall, substitute } from '../substitute.ts';
import { ofOneType } from './extract-join-equalities.ts';
import { LOOKUP_COST } from './use-lookup-joins.ts';

/** Finding a row by a series and its newest rows costs about as much as reading so many. */
const SERIES_LOOKUP_COST = 1000;

/** What is compared as a number, and without regard to settings. */
const TIME_TYPES: ReadonlySet<string> = new Set(['timestamptz', 'timestamp', 'date', 'int2', 'int4', 'int8']);

/**
 * One join in place of a LATERAL subquery that looks for the nearest row of a table, once for each row beside it:
 *
 *   LATERAL (SELECT … FROM quotes q WHERE q.sym = t.sym AND q.time <= t.time ORDER BY q.time DESC LIMIT 1)
 *   LATERAL (SELECT … FROM quotes q WHERE q.sym = t.sym AND q.time >= t.time ORDER BY q.time LIMIT 1)
 *   LATERAL (SELECT … FROM cpu c WHERE c.host = t.host ORDER BY c.time DESC LIMIT 1)
 *
 * The third one wants the last row of each series alone. Filters have been pushed into the scan before.
 */
export function joinNearestRows(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'apply' ? (joinNearest(node, facts) ?? node) : node));
}

function joinNearest(node: ApplyNode, facts: PlannerFacts): LogicalPlan | undefined {
  if (node.isVolatile || !areJoinable(node.bindings)) return undefined;
  if (node.condition !== undefined && (hasSubquery(node.condition) || isVolatile(node.condition))) return undefined;
  const nearest = nearestRow(node.right);
  if (nearest === undefined) return undefined;
  const tied = untieScan(nearest, slotsOf(node.bindings));
  if (tied === undefined || !isWorthJoining(node.left, tied, facts)) return undefined;
  return withResults(node, nearest, tied);
}

/** `ORDER BY … LIMIT 1` over one scan; all expressions are over its columns. */
interface NearestRow {
  readonly scan: ScanNode;
  readonly keys: readonly SortKey[];
  /** What the subquery gives of the row. */
  readonly results: readonly Expression[];
  /** What is asked of the row once it is found. */
  readonly conditions: readonly Expression[];
}

function nearestRow(plan: LogicalPlan): NearestRow | undefined {
  let results: readonly Expression[] = plan.output.map(({ type }, index) => ({ kind: 'column', index, type }));
  let conditions: readonly Expression[] = [];
  let keys: readonly SortKey[] | undefined;
  for (let at = plan; ; ) {
    switch (at.kind) {
      case 'project': {
        const { expressions } = at;
        const above = [...results, ...conditions, ...(keys ?? []).map((key) => key.expression)];
        if (expressions.some((expression) => isVolatile(expression) || hasSubquery(expression))) return undefined;
        if (!above.every((expression) => isSubstitutionSmall(expression, expressions))) return undefined;
        const below = (expression: Expression): Expression => substitute(expression, expressions);
        results = results.map(below);
        conditions = conditions.map(below);
        keys = keys?.map((key) => ({ ...key, expression: below(key.expression) }));
        at = at.input;
        break;
      }
      case 'filter':
        if (keys !== undefined || isVolatile(at.condition) || hasSubquery(at.condition)) return undefined;
        conditions = [...splitConjuncts(at.condition), ...conditions];
        at = at.input;
        break;
      case 'limit':
        if (keys !== undefined || !isOne(at) || at.input.kind !== 'sort') return undefined;
        keys = at.input.keys;
        at = at.input.input;
        break;
      case 'scan':
        return keys === undefined || !isBare(at) ? undefined : { scan: at, keys, results, conditions };
      default:
        return undefined;
    }
  }
}

function isOne({ count, offset, ties }: LimitNode): boolean {
  const isFirst = offset === undefined || (offset.kind === 'constant' && Number(offset.value ?? 0) === 0);
  return (
    isFirst && ties === undefined && count?.kind === 'constant' && count.value !== null && Number(count.value) === 1
  );
}

function isBare({ take, index, isTarget, lockSlot }: ScanNode): boolean {
  return take === undefined && index === undefined && isTarget !== true && lockSlot === undefined;
}

/** A scan without what tied it to the rows beside it. The outer sides of these ties read slots. */
interface TiedScan {
  readonly scan: ScanNode;
  readonly equalities: readonly { readonly inner: Expression; readonly outer: Expression }[];
  readonly time: Expression;
  readonly direction: AsOfJoinNode['direction'];
  readonly bound: TimeBound | undefined;
  readonly within: readonly TimeBound[];
  readonly ties: readonly SortKey[];
}

function untieScan({ scan, keys }: NearestRow, slots: Slots): TiedScan | undefined {
  const isTied = (condition: Expression): boolean => readsSlots(condition, slots);
  const conditions = [...scan.tagFilters, ...scan.filters].filter(isTied);
  const equalities: { inner: Expression; outer: Expression }[] = [];
  const others: Expression[] = [];
  for (const condition of conditions) {
    if (isVolatile(condition) || hasSubquery(condition)) return undefined;
    const tie = correlatedEquality(condition, slots);
    if (tie === undefined) others.push(condition);
    else equalities.push({ inner: tie.inner, outer: tie.outer });
  }
  // All rows that are looked at are equal in these.
  const ordering = keys.filter((key) => !equalities.some(({ inner }) => sameExpression(inner, key.expression)));
  if (ordering.some(({ expression }) => isTied(expression) || hasSubquery(expression) || isVolatile(expression))) {
    return undefined;
  }
  const first: SortKey | undefined = ordering[0];
  if (first === undefined || first.expression.kind !== 'column') return undefined;
  const time = first.expression;
  if (!TIME_TYPES.has(time.type.definition.name)) return undefined;

  const bounds: TimeBound[] = [];
  const timeBounds = scan.timeBounds.filter((bound) => {
    if (!isTied(bound.value)) return true;
    bounds.push(bound);
    return false;
  });
  if (bounds.length > 0 && !isTimeColumn(scan, time.index)) return undefined;
  for (const condition of others) {
    const bound = boundOf(condition, time.index);
    if (bound === undefined) return undefined;
    bounds.push(bound);
  }
  const isSameType = ({ value }: TimeBound): boolean => value.type.definition === time.type.definition;
  if (!bounds.every((bound) => isSameType(bound) && !hasSubquery(bound.value))) return undefined;

  const direction = first.isDescending ? 'latest' : 'earliest';
  const [towards, away] =
    direction === 'latest'
      ? [
          ['<=', '<'],
          ['>=', '>'],
        ]
      : [
          ['>=', '>'],
          ['<=', '<'],
        ];
  const main = bounds.filter(({ operator }) => towards.includes(operator));
  const within = bounds.filter(({ operator }) => away.includes(operator));
  if (main.length > 1 || main.length + within.length < bounds.length) return undefined;
  const [bound] = main;
  const rest: ScanNode = {
    ...scan,
    timeBounds,
    tagFilters: scan.tagFilters.filter((filter) => !isTied(filter)),
    filters: scan.filters.filter((filter) => !isTied(filter)),
  };
  const tied: TiedScan = { scan: rest, equalities, time, direction, bound, within, ties: ordering.slice(1) };
  if (bound !== undefined) return tied;
  // Nothing but the last row of each series is of interest.
  const isLast = direction === 'latest' && isTimeColumn(scan, time.index) && isBySeries(tied) && equalities.length > 0;
  return isLast ? { ...tied, scan: { ...rest, take: 'last-per-series' } } : undefined;
}

/** `time column <operator> value` of a condition that reads slots. */
function boundOf(condition: Expression, time: number): TimeBound | undefined {
  if (condition.kind !== 'call' || condition.arguments.length !== 2) return undefined;
  const operator = operatorOf(condition.function)?.name;
  if (operator === undefined || !(operator in MIRRORED)) return undefined;
  const [left, right] = condition.arguments as readonly [Expression, Expression];
  const written = operator as TimeBound['operator'];
  if (left.kind === 'column' && left.index === time && columnsUsed(right).length === 0) {
    return { operator: written, value: right };
  }
  if (right.kind === 'column' && right.index === time && columnsUsed(left).length === 0) {
    return { operator: MIRRORED[written], value: left };
  }
  return undefined;
}

function isTimeColumn({ table, columns }: ScanNode, column: number): boolean {
  const { timeSeries } = table;
  return timeSeries !== undefined && table.columns[columns[column]]?.number === timeSeries.timeColumnNumber;
}

/** Whether the rows that are looked at are those of whole series. */
function isBySeries({ scan, equalities }: TiedScan): boolean {
  if (scan.table.timeSeries === undefined || scan.filters.length > 0) return false;
  return equalities.every(({ inner }) =>
    columnsUsed(inner).every((column) => scan.table.columns[scan.columns[column]]?.role === 'tag'),
  );
}

/** Whether to read the right side as a whole, or to look for each row on its own. */
function isWorthJoining(left: LogicalPlan, tied: TiedScan, facts: PlannerFacts): boolean {
  const { scan, equalities } = tied;
  // The join itself reads no more of such series than the left side needs.
  if (equalities.length > 0 && isBySeries(tied)) return true;
  const lookupRows = lookupCost(tied);
  if (lookupRows === undefined) return true;
  return estimateSize(left, facts).rows * lookupRows >= (facts.estimateRows(scan.table) ?? 0);
}

/** In rows read; undefined where it means to read the whole table. */
function lookupCost({ scan, equalities, direction }: TiedScan): number | undefined {
  const { table, columns } = scan;
  const tiedColumns = equalities.map(({ inner }) =>
    inner.kind === 'column' ? table.columns[columns[inner.index]] : undefined,
  );
  if (table.timeSeries !== undefined) {
    const isFound = direction === 'latest' && tiedColumns.some((column) => column?.role === 'tag');
    return isFound ? SERIES_LOOKUP_COST : undefined;
  }
  const isIndexed = table.indexes.some(({ columns: [leading] }) =>
    tiedColumns.some((column) => column !== undefined && column.number === leading?.columnNumber),
  );
  return isIndexed ? LOOKUP_COST : undefined;
}

function withResults(node: ApplyNode, { results, conditions }: NearestRow, tied: TiedScan): LogicalPlan | undefined {
  const { left, bindings, type, condition } = node;
  const { scan } = tied;
  const width = left.output.length;
  const equalities: JoinEquality[] = [];
  for (const { inner, outer } of tied.equalities) {
    const equality = ofOneType(overLeft(outer, bindings), inner);
    if (equality === undefined) return undefined;
    equalities.push(equality);
  }
  const found = results.map((result) => overBoth(result, bindings, width));
  const tests = conditions.map((test) => overBoth(test, bindings, width));
  if (condition !== undefined && boolOf(condition) !== true)
    tests.push(...splitConjuncts(overFound(condition, found, width)));
  const breakers = withTieBreakers(tied);
  const boundOverLeft = (bound: TimeBound): TimeBound => ({ ...bound, value: overLeft(bound.value, bindings) });
  const join: AsOfJoinNode = {
    kind: 'as-of-join',
    type,
    left,
    right: breakers.scan,
    equalities,
    time: tied.time,
    direction: tied.direction,
    bound: tied.bound === undefined ? undefined : boundOverLeft(tied.bound),
    within: tied.within.map(boundOverLeft),
    ties: tied.ties,
    tieBreakers: breakers.keys,
    shown: [...scan.output.keys()],
    condition: conjunction(tests.filter((test) => boolOf(test) !== true)),
    output: [...left.output, ...scan.output],
  };
  const own = left.output.map(({ type: of }, index): Expression => ({ kind: 'column', index, type: of }));
  const time = overBoth(tied.time, bindings, width);
  const shown = type === 'left' ? found.map((result) => whereFound(result, time)) : found;
  return { kind: 'project', input: join, expressions: [...own, ...shown], output: node.output };
}

/** Columns that every time-series table has, by names that no column of its own can have. */
const REMAINDER = 'tidewire.remainder';
const ROW = 'tidewire.row';
const SERIES = 'tidewire.series';

/**
 * Of rows at one microsecond the nearest by nanoseconds, of these the newest, and where rows have no age, that of the
 * newest series. Rows of one series of a table with a key come in this order.
 */
function withTieBreakers({ scan, equalities, direction }: TiedScan): {
  readonly scan: ScanNode;
  readonly keys: readonly SortKey[];
} {
  const { table, columns } = scan;
  const tiedColumns = equalities.map(({ inner }) => (inner.kind === 'column' ? columns[inner.index] : -1));
  const isOneSeries = table.columns.every(({ role }, position) => role !== 'tag' || tiedColumns.includes(position));
  if (table.timeSeries === undefined || (isOneSeries && table.uniqueKey !== undefined)) return { scan, keys: [] };
  const positions = [REMAINDER, table.uniqueKey === undefined ? ROW : SERIES].map((name) =>
    table.columns.findIndex((column) => column.isHidden === true && column.name === name),
  );
  if (positions.includes(-1)) return { scan, keys: [] };
  const added = positions.map((position) => table.columns[position]);
  const output = added.map(({ name, type }) => ({ name, type, tableOid: 0, columnNumber: 0 }));
  const keys = added.map(({ name, type }, at): SortKey => {
    const isDescending = name !== REMAINDER || direction === 'latest';
    const expression: Expression = { kind: 'column', index: columns.length + at, type };
    return { expression, isDescending, nullsFirst: isDescending };
  });
  return { scan: { ...scan, columns: [...columns, ...positions], output: [...scan.output, ...output] }, keys };
}

/** Over the left side alone. */
function overLeft(expression: Expression, bindings: readonly SlotBinding[]): Expression {
  return overBoth(expression, bindings, 0);
}

/** An expression over the left side and the subquery's columns, by what these are made of. */
function overFound(expression: Expression, found: readonly Expression[], width: number): Expression {
  return mapExpression(expression, (part) =>
    part.kind === 'column' && part.index >= width ? found[part.index - width] : part,
  );
}

/** Where there is no row, nothing was computed of it. */
function whereFound(result: Expression, time: Expression): Expression {
  if (result.kind === 'column') return result;
  const isFound: Expression = { kind: 'null-test', argument: time, isNegated: true, type: sqlType(bool) };
  return { kind: 'case', branches: [{ when: isFound, then: result }], otherwise: undefined, type: result.type };
}
