import type { Expression } from '../../expression/expression.ts';
import type { ApplyNode, JoinNode } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { splitConjuncts } from '../conjuncts.ts';
import { boolOf } from '../constant.ts';
import { constantFailure } from '../constant-computation.ts';
import { mapPlan } from '../plan-walk.ts';
import type { PlannerFacts } from '../planner-facts.ts';

/**
 * Does not read what no row can come of: a scan or join whose condition is never true, what such rows would be joined to,
 * an arm of UNION ALL that has none. Constants tell; they come out when filters have sunk through what computes them.
 */
export function dropEmptyInputs(plan: LogicalPlan, facts: PlannerFacts): LogicalPlan {
  return mapPlan(plan, (node) => {
    const rest = withoutEmptyInputs(node);
    // What is constant in there raises its error all the same.
    return rest === node || constantFailure(node, facts) !== undefined ? node : rest;
  });
}

function withoutEmptyInputs(node: LogicalPlan): LogicalPlan {
  switch (node.kind) {
    case 'scan':
      return node.isTarget !== true && [...node.tagFilters, ...node.filters].some(isNever) ? noRows(node) : node;
    case 'filter':
      return isEmpty(node.input) || splitConjuncts(node.condition).some(isNever) ? noRowsOfFilter(node) : node;
    // A window stays: what its frame starts or ends with may be an error, whether or not there are rows.
    case 'project-set':
    case 'distinct':
    case 'distinct-on':
    case 'sort':
      return isEmpty(node.input) ? noRows(node) : node;
    case 'aggregate': {
      const isGrouped = node.keys.length > 0 && node.groupingSets === undefined;
      return isGrouped && isEmpty(node.input) ? noRows(node) : node;
    }
    case 'append': {
      const inputs = node.inputs.filter((input) => !isEmpty(input));
      if (inputs.length === node.inputs.length) return node;
      if (inputs.length > 1) return { ...node, inputs };
      return inputs.length === 0 ? noRows(node) : soleInput(inputs[0], node);
    }
    case 'apply':
      if (isEmpty(node.left) || (node.type === 'inner' && isEmpty(node.right))) return noRows(node);
      return isEmpty(node.right) ? withNulls(node) : node;
    case 'join':
      return withoutEmptySides(node);
    default:
      return node;
  }
}

function withoutEmptySides(join: JoinNode): LogicalPlan {
  const { left, right, type } = join;
  const isNeverTied = join.condition !== undefined && splitConjuncts(join.condition).some(isNever);
  const hasNoLeft = isEmpty(left);
  const hasNoPartners = isNeverTied || isEmpty(right);
  switch (type) {
    case 'inner':
    case 'semi':
      return hasNoLeft || hasNoPartners ? noRows(join) : join;
    case 'anti':
      if (hasNoLeft) return noRows(join);
      return hasNoPartners ? { ...left, output: join.output } : join;
    case 'left':
      if (hasNoLeft) return noRows(join);
      return hasNoPartners ? withNulls(join) : join;
    default:
      return join;
  }
}

/** The groups that HAVING looks at are not those of its input. */
function noRowsOfFilter(node: Extract<LogicalPlan, { kind: 'filter' }>): LogicalPlan {
  return node.input.kind === 'aggregate' && node.input.aggregates.length > 0 ? node : noRows(node);
}

/** What is left of UNION ALL. Its columns have the modifiers that all inputs had in common, or none. */
function soleInput(input: LogicalPlan, { output }: LogicalPlan): LogicalPlan {
  const isSame = output.every(({ type }, index) => type.typmod === input.output[index].type.typmod);
  if (isSame) return { ...input, output };
  const expressions = output.map(({ type }, index): Expression => {
    const column: Expression = { kind: 'column', index, type: input.output[index].type };
    return type.typmod === column.type.typmod
      ? column
      : { kind: 'relabel', argument: column, type, coercion: 'implicit' };
  });
  return { kind: 'project', input, expressions, output };
}

/** The left side's rows, none of which has a partner. */
function withNulls({ left, output }: JoinNode | ApplyNode): LogicalPlan {
  const width = left.output.length;
  const expressions = output.map(
    ({ type }, index): Expression =>
      index < width ? { kind: 'column', index, type } : { kind: 'constant', value: null, type },
  );
  return { kind: 'project', input: left, expressions, output };
}

function noRows({ output }: LogicalPlan): LogicalPlan {
  return { kind: 'values', rows: [], output };
}

function isEmpty(plan: LogicalPlan): boolean {
  if (plan.kind === 'project') return isEmpty(plan.input);
  return plan.kind === 'values' && plan.rows.length === 0 && plan.moreRows === undefined;
}

/** False, or NULL. */
function isNever(condition: Expression): boolean {
  const verdict = boolOf(condition);
  return verdict === false || verdict === null;
}
