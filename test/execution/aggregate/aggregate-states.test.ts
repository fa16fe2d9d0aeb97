import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../../src/columnar/column.ts';
import { ColumnBuilder, columnOf } from '../../../src/columnar/column-builder.ts';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { type AggregateState, newAggregateState } from '../../../src/execution/aggregate/aggregate-state.ts';
import { GroupSlices } from '../../../src/execution/aggregate/group-slices.ts';
import { SortedState } from '../../../src/execution/aggregate/sorted-state.ts';
import type { ExecutionContext } from '../../../src/execution/execution-context.ts';
import { countAggregates } from '../../../src/functions/aggregate/count.ts';
import { floatSumAggregates } from '../../../src/functions/aggregate/float-sum.ts';
import { integerSumAggregates } from '../../../src/functions/aggregate/integer-sum.ts';
import { percentileAggregates } from '../../../src/functions/aggregate/percentiles.ts';
import type { AggregateFunction } from '../../../src/functions/function-definition.ts';
import type { AggregateCall } from '../../../src/sql/plan/aggregate-node.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int8 } from '../../../src/types/int8.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { numeric } from '../../../src/types/numeric-type.ts';
import { SqlArray } from '../../../src/types/sql-array.ts';
import { bpchar, lengthTypmod, text } from '../../../src/types/string-types.ts';
import type { SqlType } from '../../../src/types/type-definition.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { SeededRandom } from '../../support/seeded-random.ts';
import { spillingContext } from '../spill/execution-context.ts';

const MEGABYTE = 2 ** 20;

interface Row {
  readonly group: number;
  readonly value: Value;
}

/** Values of every kind that some way takes for special, NULLs among them. */
const VALUES: Record<string, { readonly type: SqlType; readonly value: (random: SeededRandom) => Value }> = {
  'few integers': { type: sqlType(int8), value: (random) => random.below(12) - 3 },
  'integers past 2^53': {
    type: sqlType(int8),
    value: (random) => (random.below(40) === 0 ? 9007199254740993n + BigInt(random.below(3)) : random.below(500)),
  },
  decimals: { type: sqlType(float8), value: (random) => (random.below(2000) - 600) / 100 },
  doubles: {
    type: sqlType(float8),
    value: (random) =>
      [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -1e300, 0.1 + 0.2][
        random.below(24)
      ] ?? Math.sin(random.below(900)) * 10 ** (random.below(20) - 10),
  },
  zeros: { type: sqlType(float8), value: (random) => [0, -0, 0, -0, 1, -1, Number.NaN][random.below(7)]! },
  texts: { type: sqlType(text), value: (random) => ['', ' ', 'a', 'B', 'é', 'e\u0301', '🌡️'][random.below(7)]! },
  'padded texts': { type: sqlType(bpchar, lengthTypmod(3)), value: (random) => ['a', 'a  ', 'b'][random.below(3)]! },
  numerics: {
    type: sqlType(numeric),
    value: (random) => Numeric.parse(['1', '1.0', '1.00', '2.5', '-3', 'NaN'][random.below(6)]!),
  },
};

function rowsOf(
  random: SeededRandom,
  kind: string,
  { rowCount, groupCount }: { rowCount: number; groupCount: number },
): Row[] {
  // Groups come up one after the other, as they are numbered by who groups.
  return Array.from({ length: rowCount }, (_, row) => ({
    group: random.below(Math.max(1, Math.min(groupCount, Math.ceil((groupCount * (row + 1) * 2) / rowCount)))),
    value: random.below(15) === 0 ? null : VALUES[kind]!.value(random),
  }));
}

function columnOfRows({ definition }: SqlType, rows: readonly Row[], asDictionary: boolean): Column {
  const builder = new ColumnBuilder(definition.representation, asDictionary ? { text: 'dictionary' } : {});
  for (const { value } of rows) builder.push(value);
  return builder.finish();
}

async function resultsOf(
  state: AggregateState,
  { type }: { readonly type: SqlType },
  rows: readonly Row[],
  { groupCount, direct }: { readonly groupCount: number; readonly direct: Column | undefined },
): Promise<string[]> {
  const slices = new GroupSlices();
  let known = 1;
  for (let from = 0; from < rows.length; from += 100) {
    const batch = rows.slice(from, from + 100);
    const groups = Uint32Array.from(batch, ({ group }) => group);
    known = Math.max(known, ...groups.map((group) => group + 1));
    state.reserve(known);
    slices.set(groups, batch.length, known);
    await state.update([columnOfRows(type, batch, from % 200 === 0)], slices, batch.length);
  }
  state.reserve(groupCount);
  const column = await state.results(0, groupCount, direct === undefined ? [] : [direct]);
  return Array.from({ length: groupCount }, (_, group) => shown(valueAt(column, group)));
}

function shown(value: Value): string {
  if (value instanceof SqlArray) return `[${value.elements.map(shown).join()}]`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function callOf(
  callee: AggregateFunction,
  type: SqlType,
  {
    isDistinct = false,
    isDescending = false,
    resultType = type,
  }: { isDistinct?: boolean; isDescending?: boolean; resultType?: SqlType },
): AggregateCall {
  const expression = { kind: 'column', index: 0, type } as const;
  return {
    function: callee,
    arguments: [expression],
    isDistinct,
    filter: undefined,
    orderBy: [{ expression, isDescending, nullsFirst: isDescending }],
    type: resultType,
    position: 0,
  };
}

function named(functions: readonly AggregateFunction[], oid: number): AggregateFunction {
  return functions.find((candidate) => candidate.oid === oid)!;
}

/** The same rows through the sort, with memory enough, with memory for some of them, and with nearly none. */
async function compare(call: AggregateCall, kind: string, direct: (group: number) => Value | undefined): Promise<void> {
  const { type } = VALUES[kind]!;
  for (const [seed, [rowCount, groupCount]] of [
    [0, 1],
    [1, 1],
    [700, 1],
    [2500, 1],
    [2500, 5],
    [3000, 600],
  ].entries()) {
    const rows = rowsOf(new SeededRandom(seed + 1), kind, { rowCount: rowCount!, groupCount: groupCount! });
    const directValues = Array.from({ length: groupCount! }, (_, group) => direct(group));
    const isArray = directValues.some((value) => value instanceof SqlArray);
    const options = {
      groupCount: groupCount!,
      direct:
        directValues[0] === undefined ? undefined : columnOf(isArray ? 'value' : 'float64', directValues as Value[]),
    };
    const { context: ample } = await spillingContext({ memoryBytes: 64 * MEGABYTE });
    const expected = await resultsOf(new SortedState(call, ample), { type }, rows, options);
    for (const memoryBytes of [64 * MEGABYTE, 130_000, 100_000, 70_000, 50_000, 30_000]) {
      const [sorted, actual] = await Promise.all(
        [
          (context: ExecutionContext) => new SortedState(call, context),
          (context: ExecutionContext) => newAggregateState(call, context),
        ].map(async (newState) => {
          const { context } = await spillingContext({ memoryBytes });
          const state = newState(context);
          try {
            return await resultsOf(state, { type }, rows, options);
          } catch (error) {
            if (!(error instanceof SqlError) || error.code !== SqlState.OutOfMemory) throw error;
            return 'out of memory';
          } finally {
            await state.close();
            expect(context.memory.usedBytes).toBe(0);
          }
        }),
      );
      // What a sort has no memory for, nobody has to have memory for.
      if (sorted === 'out of memory' && actual === sorted) continue;
      expect(actual, `${rowCount} rows, ${groupCount} groups, ${memoryBytes} bytes`).toEqual(expected);
    }
  }
}

describe('DISTINCT gives what it gives over sorted rows', () => {
  const cases: [string, AggregateFunction, SqlType, string][] = [
    ...Object.keys(VALUES).map((kind): [string, AggregateFunction, SqlType, string] => [
      `count of ${kind}`,
      named(countAggregates, 2147),
      sqlType(int8),
      kind,
    ]),
    ['sum of integers', named(integerSumAggregates, 2107), sqlType(numeric), 'integers past 2^53'],
    ['sum of decimals', named(floatSumAggregates, 2111), sqlType(float8), 'decimals'],
    ['sum of doubles of the size that loses digits', named(floatSumAggregates, 2111), sqlType(float8), 'doubles'],
    ['avg of zeros', named(floatSumAggregates, 2105), sqlType(float8), 'zeros'],
  ];
  test.each(cases)('%s', async (_, callee, resultType, kind) => {
    await compare(callOf(callee, VALUES[kind]!.type, { isDistinct: true, resultType }), kind, () => undefined);
  });
});

describe('values by rank are those of sorted rows', () => {
  const numbers = Object.keys(VALUES).filter(
    (kind) => VALUES[kind]!.type.definition.representation !== 'text' && kind !== 'numerics',
  );
  const discrete = named(percentileAggregates, 3972);
  const fractions = [0, 1, 0.5, 0.95, 1 / 3];
  test.each(numbers.flatMap((kind) => [false, true].map((isDescending) => [kind, isDescending] as const)))(
    'percentile_disc over %s, descending: %s',
    async (kind, isDescending) => {
      const { type } = VALUES[kind]!;
      await compare(callOf(discrete, type, { isDescending }), kind, (group) => fractions[group % 5]!);
      const several = named(percentileAggregates, 3978);
      const array = new SqlArray([0.9, null, 0.1, 0.9, 0, 1], [6], [1]);
      const call = callOf(several, type, { isDescending, resultType: sqlType(numeric) });
      await compare(call, kind, (group) => (group % 7 === 3 ? null : array));
    },
  );

  test.each(['decimals', 'doubles', 'zeros'])('percentile_cont over %s', async (kind) => {
    const continuous = named(percentileAggregates, 3974);
    await compare(callOf(continuous, sqlType(float8), {}), kind, (group) => fractions[(group + 2) % 5]!);
    await compare(
      callOf(continuous, sqlType(float8), { isDescending: true }),
      kind,
      (group) => fractions[(group + 3) % 5]!,
    );
  });

  test('a fraction beyond 1 is refused, of a group without values as well', async () => {
    const { context } = await spillingContext({ memoryBytes: MEGABYTE });
    const state = newAggregateState(callOf(discrete, sqlType(float8), {}), context);
    await expect(state.results(0, 1, [columnOf('float64', [1.5])])).rejects.toThrow(
      'percentile value 1.5 is not between 0 and 1',
    );
  });
});

describe('mode is that of sorted rows', () => {
  const mode = named(percentileAggregates, 3984);
  test.each(Object.keys(VALUES).flatMap((kind) => [false, true].map((isDescending) => [kind, isDescending] as const)))(
    'over %s, descending: %s',
    async (kind, isDescending) => {
      await compare(callOf(mode, VALUES[kind]!.type, { isDescending }), kind, () => undefined);
    },
  );
});
