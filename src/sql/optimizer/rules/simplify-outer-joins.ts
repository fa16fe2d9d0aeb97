import { unreachable } from '../../../errors/invariant.ts';
import type { Expression } from '../../expression/expression.ts';
import type { JoinNode, JoinType } from '../../plan/join-nodes.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import { nonNullColumns } from '../non-null-columns.ts';
import { mapInputs } from '../plan-walk.ts';

/**
 * An outer join whose added rows a condition above it turns away is an inner one (a full join a left or right one): with
 * NULLs in the columns of one side the condition is never true.
 *
 *   t LEFT JOIN u … WHERE u.x > 10    t JOIN u … WHERE u.x > 10
 */
export function simplifyOuterJoins(plan: LogicalPlan): LogicalPlan {
  return simplify(plan, new Set());
}

type Columns = ReadonlySet<number>;

/** `nonNull`: columns of the plan's output in which a NULL makes a row worthless to what is above. */
function simplify(plan: LogicalPlan, nonNull: Columns): LogicalPlan {
  switch (plan.kind) {
    case 'filter': {
      const input = simplify(plan.input, new Set([...nonNull, ...nonNullColumns(plan.condition)]));
      return input === plan.input ? plan : { ...plan, input };
    }
    case 'project': {
      const input = simplify(plan.input, throughProject(plan.expressions, nonNull));
      return input === plan.input ? plan : { ...plan, input };
    }
    case 'sort': {
      const input = simplify(plan.input, nonNull);
      return input === plan.input ? plan : { ...plan, input };
    }
    case 'join':
      return simplifyJoin(plan, nonNull);
    default:
      return mapInputs(plan, (input) => simplify(input, new Set()));
  }
}

function throughProject(expressions: readonly Expression[], nonNull: Columns): Columns {
  const columns = [...nonNull].flatMap((index) => {
    const expression = expressions[index];
    return expression?.kind === 'column' ? [expression.index] : [];
  });
  return new Set(columns);
}

function simplifyJoin(plan: JoinNode, nonNull: Columns): LogicalPlan {
  const width = plan.left.output.length;
  const rejectsLeft = [...nonNull].some((index) => index < width);
  const rejectsRight = [...nonNull].some((index) => index >= width);
  const type = plan.isSingle === true ? plan.type : simplified(plan.type, rejectsLeft, rejectsRight);
  // The conditions of the join itself hold for all rows but those that are added.
  const onNonNull = plan.condition === undefined ? new Set<number>() : nonNullColumns(plan.condition);
  const left = new Set<number>();
  const right = new Set<number>();
  const note = (columns: Columns, sides: { readonly left: boolean; readonly right: boolean }): void => {
    for (const index of columns) {
      if (index < width && sides.left) left.add(index);
      else if (index >= width && sides.right) right.add(index - width);
    }
  };
  note(nonNull, { left: type !== 'right' && type !== 'full', right: type === 'inner' || type === 'right' });
  note(onNonNull, {
    left: type === 'inner' || type === 'right' || type === 'semi',
    right: type !== 'right' && type !== 'full',
  });
  const inputs = { left: simplify(plan.left, left), right: simplify(plan.right, right) };
  const isSame = type === plan.type && inputs.left === plan.left && inputs.right === plan.right;
  return isSame ? plan : { ...plan, ...inputs, type };
}

function simplified(type: JoinType, rejectsLeft: boolean, rejectsRight: boolean): JoinType {
  switch (type) {
    case 'left':
      return rejectsRight ? 'inner' : type;
    case 'right':
      return rejectsLeft ? 'inner' : type;
    case 'full':
      if (rejectsLeft && rejectsRight) return 'inner';
      // Rows without a left side are turned away: what is left are the left side's.
      return rejectsLeft ? 'left' : rejectsRight ? 'right' : type;
    case 'inner':
    case 'semi':
    case 'anti':
      return type;
    default:
      return unreachable(type);
  }
}
