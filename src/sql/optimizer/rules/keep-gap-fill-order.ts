import type { ColumnExpression } from '../../expression/expression.ts';
import type { GapFillNode } from '../../plan/gap-fill-node.ts';
import type { LogicalPlan } from '../../plan/logical-plan.ts';
import type { SortNode } from '../../plan/sort-nodes.ts';
import { mapPlan } from '../plan-walk.ts';

/**
 * Rows whose gaps are filled come series by series, each in the order of its buckets: nobody has to sort them like that
 * again, which would keep all of them. In which order the series come is for that sort to say.
 */
export function keepGapFillOrder(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => (node.kind === 'sort' ? (withoutSort(node) ?? node) : node));
}

function withoutSort({ keys, input }: SortNode): LogicalPlan | undefined {
  const columns: number[] = [];
  for (const { expression, isDescending, nullsFirst } of keys) {
    if (expression.kind !== 'column' || isDescending || nullsFirst) return undefined;
    columns.push(expression.index);
  }
  return sortedBy(input, columns);
}

/** `plan` with its rows in the order of `columns`; undefined where that takes a sort. */
function sortedBy(plan: LogicalPlan, columns: readonly number[]): LogicalPlan | undefined {
  switch (plan.kind) {
    case 'gap-fill':
      return inOrder(plan, columns);
    case 'filter': {
      const input = sortedBy(plan.input, columns);
      return input === undefined ? undefined : { ...plan, input };
    }
    case 'project': {
      const below = columns.map((column) => plan.expressions[column]);
      if (!below.every((expression): expression is ColumnExpression => expression.kind === 'column')) return undefined;
      const input = sortedBy(
        plan.input,
        below.map(({ index }) => index),
      );
      return input === undefined ? undefined : { ...plan, input };
    }
    default:
      return undefined;
  }
}

function inOrder(node: GapFillNode, columns: readonly number[]): GapFillNode | undefined {
  const { groups, bucket, input } = node;
  const leading = columns.slice(0, groups.length);
  const rest = columns.slice(groups.length);
  // The bucket decides only among rows of one series.
  const isOrdered = leading.every((column) => groups.includes(column)) && (rest.length === 0 || rest[0] === bucket);
  if (!isOrdered || rest.length > 1 || input.kind !== 'sort' || new Set(leading).size < leading.length)
    return undefined;
  const ordered = [...leading, ...groups.filter((group) => !leading.includes(group))];
  const keys = [...ordered, bucket].map((column) => {
    const { type } = input.output[column];
    return { expression: { kind: 'column', index: column, type } as const, isDescending: false, nullsFirst: false };
  });
  return { ...node, groups: ordered, input: { ...input, keys } };
}
