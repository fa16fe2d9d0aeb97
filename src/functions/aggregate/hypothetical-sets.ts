import { type Column, valueAt } from '../../columnar/column.ts';
import { float8 } from '../../types/float8.ts';
import { int8 } from '../../types/int8.ts';
import { any } from '../../types/pseudo-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { AggregateFunction, SortedGroups } from '../function-definition.ts';

/** Where a hypothetical row would stand among the rows of its group. */
interface Standing {
  /** Rows that sort before it. */
  readonly before: number;
  /** Rows that sort before it or like it. */
  readonly upTo: number;
  readonly rowCount: number;
  /** Different rows that sort before it. */
  distinctBefore(): number;
}

/** The order of the group's hypothetical row and a row: negative where the row comes first. */
function compareRow(groups: SortedGroups, group: number, row: number): number {
  for (let key = 0; key < groups.values.length; key++) {
    const left = valueAt(groups.values[key]!, row);
    const right = valueAt(groups.direct[key]!, group);
    const { isDescending, nullsFirst } = groups.orders[key]!;
    if (left === null || right === null) {
      if (left === right) continue;
      return (left === null) === nullsFirst ? -1 : 1;
    }
    const order = groups.types[key]!.compare(left, right);
    if (order !== 0) return isDescending ? -order : order;
  }
  return 0;
}

/** The first row of the group for which `test` is false, counted from its start; the rows are sorted by it. */
function countWhile(groups: SortedGroups, group: number, test: (row: number) => boolean): number {
  let low = groups.starts[group];
  let high = groups.starts[group + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) low = middle + 1;
    else high = middle;
  }
  return low - groups.starts[group];
}

function standingOf(groups: SortedGroups, group: number): Standing {
  const start = groups.starts[group];
  const before = countWhile(groups, group, (row) => compareRow(groups, group, row) < 0);
  return {
    before,
    upTo: countWhile(groups, group, (row) => compareRow(groups, group, row) <= 0),
    rowCount: groups.starts[group + 1] - start,
    distinctBefore() {
      let count = 0;
      for (let row = start; row < start + before; row++) if (row === start || differs(groups, row)) count++;
      return count;
    },
  };
}

/** Whether a row differs from the one before it. */
function differs({ values, types }: SortedGroups, row: number): boolean {
  return values.some((column, key) => {
    const left = valueAt(column, row - 1);
    const right = valueAt(column, row);
    if (left === null || right === null) return left !== right;
    return types[key]!.compare(left, right) !== 0;
  });
}

function aggregate(
  name: string,
  oid: number,
  resultType: TypeDefinition,
  finish: (standing: Standing) => number,
): AggregateFunction {
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [any],
    isVariadic: true,
    resultType,
    orderedSet: {
      directCount: 'hypothetical',
      results(groups): Column {
        const values = new Float64Array(groups.groupCount);
        for (let group = 0; group < groups.groupCount; group++) values[group] = finish(standingOf(groups, group));
        return { kind: 'number', values, validity: undefined };
      },
    },
    createAccumulator: () => {
      throw new Error(`${name} is computed from sorted values`);
    },
  };
}

/** rank and its like WITHIN GROUP: what they would give for a row with the direct arguments' values. */
export const hypotheticalSetAggregates: readonly AggregateFunction[] = [
  aggregate('rank', 3986, int8, ({ before }) => before + 1),
  aggregate('percent_rank', 3988, float8, ({ before, rowCount }) => (rowCount === 0 ? 0 : before / rowCount)),
  aggregate('cume_dist', 3990, float8, ({ upTo, rowCount }) => (upTo + 1) / (rowCount + 1)),
  aggregate('dense_rank', 3992, int8, (standing) => standing.distinctBefore() + 1),
];
