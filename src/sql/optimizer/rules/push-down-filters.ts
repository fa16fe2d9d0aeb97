import { conjunction } from '../../expression/conjunction.ts';
import type { Expression } from '../../expression/expression.ts';
import { isVolatile } from '../../expression/volatility.ts';
import { columnsUsed, remapColumns } from '../../expression/walk-expression.ts';
import type { AggregateNode } from '../../plan/aggregate-node.ts';
import type { ApplyNode, JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan, ProjectNode } from '../../plan/logical-plan.ts';
import type { DistinctOnNode } from '../../plan/set-nodes.ts';
import type { WindowNode } from '../../plan/window-node.ts';
import { splitConjuncts, withFilter } from '../conjuncts.ts';
import { mapInputs } from '../plan-walk.ts';
import { attachConditions } from '../scan-conditions.ts';
import { isSubstitutionSmall, substitute } from '../substitute.ts';

/**
 * Tests rows as early as it makes no difference: conditions sink through projections, joins, grouping keys and sorts
 * into the scans, where they limit what is read. They keep their order, and volatile ones stay where they are.
 */
export function pushDownFilters(plan: LogicalPlan): LogicalPlan {
  return push(plan, []);
}

/** `plan` with `conjuncts`, which are over its output, applied at or below it. */
function push(plan: LogicalPlan, conjuncts: readonly Expression[]): LogicalPlan {
  switch (plan.kind) {
    case 'filter':
      return push(plan.input, [...splitConjuncts(plan.condition), ...conjuncts]);
    case 'scan':
      return attachConditions(plan, conjuncts);
    case 'project':
      return pushThroughProject(plan, conjuncts);
    case 'join':
      return pushIntoJoin(plan, conjuncts);
    case 'apply':
      return pushIntoApply(plan, conjuncts);
    case 'aggregate':
      return pushBelowGrouping(plan, conjuncts);
    case 'gap-fill': {
      // A series is there when it has a row: one that a condition on its groups turns away need not be.
      const groups = new Set(plan.groups);
      const [sinking, staying] = partition(conjuncts, (conjunct) => isOver(conjunct, groups));
      return withFilter({ ...plan, input: push(plan.input, sinking) }, staying);
    }
    case 'window':
      return pushBelowWindow(plan, conjuncts);
    case 'distinct-on':
      return pushBelowDistinctOn(plan, conjuncts);
    case 'project-set': {
      const width = plan.input.output.length;
      const [sinking, staying] = partition(
        conjuncts,
        (conjunct) => !isVolatile(conjunct) && columnsUsed(conjunct).every((column) => column < width),
      );
      return withFilter({ ...plan, input: push(plan.input, sinking) }, staying);
    }
    case 'append': {
      const [sinking, staying] = partition(conjuncts, (conjunct) => !isVolatile(conjunct));
      return withFilter({ ...plan, inputs: plan.inputs.map((input) => push(input, sinking)) }, staying);
    }
    case 'set-operation': {
      const [sinking, staying] = partition(conjuncts, (conjunct) => !isVolatile(conjunct));
      return withFilter({ ...plan, left: push(plan.left, sinking), right: push(plan.right, sinking) }, staying);
    }
    case 'with':
      return {
        ...plan,
        tables: plan.tables.map((table) => ({ ...table, plan: push(table.plan, []) })),
        input: push(plan.input, conjuncts),
      };
    case 'distinct':
    case 'sort': {
      const [sinking, staying] = partition(conjuncts, (conjunct) => !isVolatile(conjunct));
      return withFilter({ ...plan, input: push(plan.input, sinking) }, staying);
    }
    default:
      // A limit counts rows before the filter above it sees them.
      return withFilter(
        mapInputs(plan, (input) => push(input, [])),
        conjuncts,
      );
  }
}

function pushThroughProject(plan: ProjectNode, conjuncts: readonly Expression[]): LogicalPlan {
  const sinking: Expression[] = [];
  const staying: Expression[] = [];
  for (const conjunct of conjuncts) {
    const inner = inTermsOf(conjunct, plan.expressions);
    if (inner === undefined) staying.push(conjunct);
    else sinking.push(inner);
  }
  return withFilter({ ...plan, input: push(plan.input, sinking) }, staying);
}

/**
 * An inner join's conditions are one set, wherever they were written. A side of which a join keeps all rows is not tested
 * by its ON, and one that it fills up with NULLs is not tested by what is above it.
 */
function pushIntoJoin(plan: JoinNode, conjuncts: readonly Expression[]): LogicalPlan {
  const width = plan.left.output.length;
  const { type } = plan;
  const isInner = type === 'inner';
  // Which sides lose rows by the condition of the join itself, and of which all rows come through to what is above.
  const onSinksLeft = isInner || type === 'right' || type === 'semi';
  const onSinksRight = type !== 'right' && type !== 'full';
  const aboveSinksLeft = type !== 'right' && type !== 'full';
  const aboveSinksRight = isInner || type === 'right';
  const left: Expression[] = [];
  const right: Expression[] = [];
  const on: Expression[] = [];
  const above: Expression[] = [];
  for (const conjunct of plan.condition === undefined ? [] : splitConjuncts(plan.condition)) {
    const side = sideOf(conjunct, width);
    if (side === 'left' && onSinksLeft) left.push(conjunct);
    else if (side === 'right' && onSinksRight) right.push(conjunct);
    else on.push(conjunct);
  }
  for (const conjunct of conjuncts) {
    const side = sideOf(conjunct, width);
    if (side === 'left' && aboveSinksLeft) left.push(conjunct);
    else if (side === 'right' && aboveSinksRight) right.push(conjunct);
    else if (isInner && !isVolatile(conjunct)) on.push(conjunct);
    else above.push(conjunct);
  }
  const join: JoinNode = {
    ...plan,
    left: push(plan.left, left),
    right: push(
      plan.right,
      right.map((conjunct) => remapColumns(conjunct, (index) => index - width)),
    ),
    condition: conjunction(on),
  };
  return withFilter(join, above);
}

/** Likewise; the right side may test its rows, whatever it makes them of. */
function pushIntoApply(plan: ApplyNode, conjuncts: readonly Expression[]): LogicalPlan {
  const width = plan.left.output.length;
  const isInner = plan.type === 'inner';
  const left: Expression[] = [];
  const right: Expression[] = [];
  const on: Expression[] = [];
  const above: Expression[] = [];
  for (const conjunct of plan.condition === undefined ? [] : splitConjuncts(plan.condition)) {
    const side = sideOf(conjunct, width);
    if (side === 'left' && isInner) left.push(conjunct);
    else if (side === 'right') right.push(conjunct);
    else on.push(conjunct);
  }
  for (const conjunct of conjuncts) {
    const side = sideOf(conjunct, width);
    if (side === 'left') left.push(conjunct);
    else if (side === 'right' && isInner) right.push(conjunct);
    else if (isInner && !isVolatile(conjunct)) on.push(conjunct);
    else above.push(conjunct);
  }
  const apply: ApplyNode = {
    ...plan,
    left: push(plan.left, left),
    right: push(
      plan.right,
      right.map((conjunct) => remapColumns(conjunct, (index) => index - width)),
    ),
    condition: conjunction(on),
  };
  return withFilter(apply, above);
}

/** The one side that a condition reads; undefined for both, neither, or a volatile condition. */
function sideOf(condition: Expression, width: number): 'left' | 'right' | undefined {
  const columns = columnsUsed(condition);
  if (columns.length === 0 || isVolatile(condition)) return undefined;
  if (columns.every((column) => column < width)) return 'left';
  return columns.every((column) => column >= width) ? 'right' : undefined;
}

/** A condition on grouping keys alone holds for all rows of a group or for none. */
function pushBelowGrouping(plan: AggregateNode, conjuncts: readonly Expression[]): LogicalPlan {
  const sinking: Expression[] = [];
  const staying: Expression[] = [];
  for (const conjunct of conjuncts) {
    const columns = columnsUsed(conjunct);
    const isOverKeys = columns.length > 0 && columns.every((column) => isKeyOfAllSets(plan, column));
    const inner = isOverKeys ? inTermsOf(conjunct, plan.keys) : undefined;
    if (inner === undefined) staying.push(conjunct);
    else sinking.push(inner);
  }
  return withFilter({ ...plan, input: push(plan.input, sinking) }, staying);
}

/** In a grouping set without it, a key is NULL, whatever the rows of the group have. */
function isKeyOfAllSets({ keys, groupingSets }: AggregateNode, column: number): boolean {
  return column < keys.length && (groupingSets?.every((set) => set.includes(column)) ?? true);
}

/** A condition on what rows are partitioned by holds for all rows of a partition or for none. */
function pushBelowWindow(plan: WindowNode, conjuncts: readonly Expression[]): LogicalPlan {
  const keys = new Set(plan.partitionBy.map((key) => (key.kind === 'column' ? key.index : -1)));
  const [sinking, staying] = partition(conjuncts, (conjunct) => isOver(conjunct, keys));
  return withFilter({ ...plan, input: push(plan.input, sinking) }, staying);
}

/** A condition over what `definitions` compute as one over their input; undefined where that is not worth it or not the same. */
function inTermsOf(conjunct: Expression, definitions: readonly Expression[]): Expression | undefined {
  if (!isSubstitutionSmall(conjunct, definitions)) return undefined;
  const inner = substitute(conjunct, definitions);
  return isVolatile(inner) ? undefined : inner;
}

/** Likewise for the keys of DISTINCT ON. */
function pushBelowDistinctOn(plan: DistinctOnNode, conjuncts: readonly Expression[]): LogicalPlan {
  const keys = new Set(plan.keys.map((key) => (key.kind === 'column' ? key.index : -1)));
  const [sinking, staying] = partition(conjuncts, (conjunct) => isOver(conjunct, keys));
  return withFilter({ ...plan, input: push(plan.input, sinking) }, staying);
}

/** Whether a condition reads columns, these only, and gives the same for the same values. */
function isOver(conjunct: Expression, keys: ReadonlySet<number>): boolean {
  const columns = columnsUsed(conjunct);
  return columns.length > 0 && columns.every((column) => keys.has(column)) && !isVolatile(conjunct);
}

function partition(
  expressions: readonly Expression[],
  test: (expression: Expression) => boolean,
): [Expression[], Expression[]] {
  const passing: Expression[] = [];
  const failing: Expression[] = [];
  for (const expression of expressions) (test(expression) ? passing : failing).push(expression);
  return [passing, failing];
}
