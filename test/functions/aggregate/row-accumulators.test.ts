import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../../src/columnar/column.ts';
import type { UnitStatistics } from '../../../src/columnar/unit-statistics.ts';
import { countAggregates } from '../../../src/functions/aggregate/count.ts';
import { floatSumAggregates } from '../../../src/functions/aggregate/float-sum.ts';
import { integerSumAggregates } from '../../../src/functions/aggregate/integer-sum.ts';
import { minMaxAggregates } from '../../../src/functions/aggregate/min-max.ts';
import type { Accumulator, AggregateFunction } from '../../../src/functions/function-definition.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int8 } from '../../../src/types/int8.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';

/** Exact in binary, so that a sum does not depend on the order of its addends. */
const FLOATS = [0, -0, 1.5, -2.25, 1024, 2 ** 300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
/** As many rows of the largest ones stay exact for some time, but not for all of it. */
const INTEGERS = [0, 1, -7, 3, 2 ** 40 - 1, 2 ** 40, -(2 ** 40), 2 ** 52 + 1];
const BATCHES = 40;
const ROWS = 512;

function find(aggregates: readonly AggregateFunction[], name: string, type: TypeDefinition): AggregateFunction {
  return aggregates.find((one) => one.name === name && (one.isStar === true || one.argumentTypes[0] === type))!;
}

const cases: readonly (readonly [string, TypeDefinition, AggregateFunction])[] = [
  ['count of rows', int8, countAggregates[0]!],
  ['count of values', float8, countAggregates[1]!],
  ['sum of doubles', float8, find(floatSumAggregates, 'sum', float8)],
  ['avg of doubles', float8, find(floatSumAggregates, 'avg', float8)],
  ['sum of integers', int8, find(integerSumAggregates, 'sum', int8)],
  ['avg of integers', int8, find(integerSumAggregates, 'avg', int8)],
  ['min of doubles', float8, find(minMaxAggregates, 'min', float8)],
  ['max of doubles', float8, find(minMaxAggregates, 'max', float8)],
  ['max of integers', int8, find(minMaxAggregates, 'max', int8)],
];

/** As the statistics of the values that count. */
function boundsOf(values: Float64Array, validity: Uint8Array | undefined, type: TypeDefinition): UnitStatistics {
  const live = [...values].filter((value, row) => validity?.[row] !== 0 && !Number.isNaN(value));
  const min = live.length === 0 ? Number.NaN : Math.min(...live);
  const max = live.length === 0 ? Number.NaN : Math.max(...live);
  const hasNaN = values.some((value, row) => validity?.[row] !== 0 && Number.isNaN(value));
  const hasInfinity = live.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  const edges = { min, max, sum: 0, first: min, last: max, firstRow: 0, lastRow: 0 };
  const counts = { rowCount: values.length, nullCount: 0 };
  if (type === int8) return { kind: 'int64', ...counts, isWide: false, hasInfinity: false, ...edges };
  return { kind: 'float64', ...counts, hasNaN, hasInfinity, ...edges };
}

function resultsOf(column: Column, count: number): string[] {
  return Array.from({ length: count }, (_, group) => {
    const value = valueAt(column, group);
    return typeof value === 'number' && Number.isFinite(value) ? value.toPrecision(13) : String(value);
  });
}

describe('rows that each have a group', () => {
  test.each(cases)('%s: are added as in a hash aggregation', (_, type, aggregate) => {
    const pool = type === int8 ? INTEGERS : FLOATS;
    const batch = fc.record({
      kinds: fc.uniqueArray(fc.integer({ min: 0, max: pool.length - 1 }), { minLength: 1, maxLength: 3 }),
      hasNulls: fc.boolean(),
      groupCount: fc.constantFrom(1, 2, 9, 40),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 4 }), (batches) => {
        const byRows = aggregate.createAccumulator([type]);
        const byUpdate = aggregate.createAccumulator([type]);
        let groupCount = 1;
        for (let round = 0; round < BATCHES; round++) {
          const { kinds, hasNulls, groupCount: more, seed } = batches[round % batches.length]!;
          const isSafe = (value: number): boolean =>
            aggregate.name !== 'sum' && aggregate.name !== 'avg' ? true : value === value;
          const choices = kinds.map((kind) => pool[kind]!).filter(isSafe);
          if (choices.length === 0) continue;
          groupCount = Math.max(groupCount, more + 1);
          const pick = (row: number, of: number): number => ((seed + round * 7919 + row * 104_729) >>> 3) % of;
          const values = Float64Array.from({ length: ROWS }, (_row, row) => choices[pick(row, choices.length)]!);
          const groups = Uint32Array.from({ length: ROWS }, (_row, row) => 1 + pick(row * 31, more));
          const validity = hasNulls ? Uint8Array.from({ length: ROWS }, (_row, row) => pick(row * 17, 2)) : undefined;
          const column: Column = { kind: 'number', values, validity };
          const input = aggregate.isStar === true ? undefined : column;
          const bounds = boundsOf(values, validity, type);
          for (const one of [byRows, byUpdate]) one.reserve(groupCount);
          byUpdate.update(input === undefined ? [] : [input], groups, ROWS);
          addByRows(byRows, input, groups, bounds);
        }
        const expected = resultsOf(byUpdate.results(groupCount), groupCount).slice(1);
        expect(resultsOf(byRows.rows!.resultsOf(1, groupCount), groupCount - 1)).toEqual(expected);
        // What leaves for another thread is the same.
        const merged = aggregate.createAccumulator([type]);
        merged.reserve(groupCount);
        const states = byRows.partialStates(groupCount);
        const own = Uint32Array.from({ length: groupCount }, (_group, group) => group);
        if (groupCount > 1)
          merged.merge(
            states.map((state) => behindFirst(state)),
            own.subarray(1),
            groupCount - 1,
          );
        expect(resultsOf(merged.results(groupCount), groupCount).slice(1)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

function addByRows(
  accumulator: Accumulator,
  input: Column | undefined,
  groups: Uint32Array,
  bounds: UnitStatistics,
): void {
  if (!accumulator.rows!.accepts(input, bounds, ROWS)) {
    accumulator.update(input === undefined ? [] : [input], groups, ROWS);
    return;
  }
  const validity = input?.validity;
  const own = validity === undefined ? groups : groups.map((group, row) => (validity[row] === 1 ? group : 0));
  accumulator.rows!.add(input, own, ROWS, bounds);
}

/** The states of all groups but that of group 0. */
function behindFirst(column: Column): Column {
  if (column.kind !== 'number') throw new Error('these states are numbers');
  return { kind: 'number', values: column.values.subarray(1), validity: column.validity?.subarray(1) };
}
