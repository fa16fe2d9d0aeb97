import { expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import type { Accumulator, AggregateFunction } from '../../../src/functions/function-definition.ts';
import { functionsNamed } from '../../../src/functions/function-registry.ts';
import { float8 } from '../../../src/types/float8.ts';

const average = functionsNamed('avg').find(
  (definition): definition is AggregateFunction =>
    definition.kind === 'aggregate' && definition.argumentTypes[0] === float8,
)!;

function averageOf(values: readonly number[]): Accumulator {
  const accumulator = average.createAccumulator([float8]);
  accumulator.reserve(1);
  const column = { kind: 'number', values: Float64Array.from(values), validity: undefined } as const;
  accumulator.update([column], new Uint32Array(values.length), values.length);
  return accumulator;
}

/** Each part by itself, then one after the other. */
function merged(...parts: readonly (readonly number[])[]): unknown {
  const whole = average.createAccumulator([float8]);
  whole.reserve(1);
  for (const part of parts) whole.merge(averageOf(part).partialStates(1), new Uint32Array(1), 1);
  return valueAt(whole.results(1), 0);
}

test('averages overflow where PostgreSQL overflows, however the rows were divided', () => {
  for (const parts of [[[1e200, -1e200]], [[1e200], [-1e200]], [[1], [1e200]], [[1e155], [], [3e155]]]) {
    expect(() => merged(...parts), JSON.stringify(parts)).toThrowError(
      expect.objectContaining({ code: '22003', message: 'value out of range: overflow' }),
    );
  }
});

test('averages of large values that lie close together do not', () => {
  expect(merged([1e200], [1e200, 1e200])).toBe(1e200);
  expect(merged([1e200], [Number.POSITIVE_INFINITY], [-1e200])).toBe(Number.POSITIVE_INFINITY);
  expect(merged([1e200, Number.NaN], [-1e200])).toBeNaN();
});
