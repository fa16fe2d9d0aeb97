import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import { StatementControl } from '../../../src/execution/statement-control.ts';
import { aggregateFrames } from '../../../src/execution/window/frame-aggregates.ts';
import { FrameTree } from '../../../src/execution/window/frame-tree.ts';
import { FrameFinder } from '../../../src/execution/window/window-frames.ts';
import { ChangeFinder, windowRun } from '../../../src/execution/window/window-run.ts';
import type { AggregateFunction, WindowRows } from '../../../src/functions/function-definition.ts';
import { functionsNamed } from '../../../src/functions/function-registry.ts';
import { nthOfFrame } from '../../../src/functions/window/frame-rows.ts';
import type { FrameBound, WindowFrame } from '../../../src/sql/plan/window-node.ts';
import { float8 } from '../../../src/types/float8.ts';
import { int4 } from '../../../src/types/int4.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { numeric } from '../../../src/types/numeric-type.ts';
import { text } from '../../../src/types/string-types.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import { sqlType } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { environment } from '../../functions/evaluate-sql-call.ts';
import { framesOf, type ModelFrame, type ModelRow } from './window-model.ts';

function boundOf(distance: number | undefined): FrameBound {
  if (distance === undefined) return { kind: 'unbounded', offset: undefined, range: undefined };
  const size = { kind: 'constant', value: Math.abs(distance), type: sqlType(int4) } as const;
  return { kind: distance <= 0 ? 'preceding' : 'following', offset: size, range: undefined };
}

function offsetOf(distance: number | undefined): Value {
  return distance === undefined ? null : Math.abs(distance);
}

/** The rows with their frames, as the window operator makes them. */
async function runOf(rows: readonly ModelRow[], frame: ModelFrame): Promise<WindowRows> {
  const column = (pick: (row: ModelRow) => number): Column => columnOf('float64', rows.map(pick));
  const changes = (columns: readonly Column[]): Uint32Array => {
    const found = new Uint32Array(rows.length);
    const finder = new ChangeFinder(columns.map(() => sqlType(int4)));
    return found.subarray(0, finder.find(columns, rows.length, found));
  };
  const partitions = column((row) => row.partition);
  const run = await windowRun(
    rows.length,
    changes([partitions]),
    changes([partitions, column((row) => row.key)]),
    frame.exclusion,
    new StatementControl(),
  );
  const plan: WindowFrame = {
    mode: frame.mode,
    start: boundOf(frame.start),
    end: boundOf(frame.end),
    exclusion: frame.exclusion,
  };
  const finder = new FrameFinder(plan, { start: offsetOf(frame.start), end: offsetOf(frame.end) }, run, undefined);
  finder.fill(0, rows.length);
  return run;
}

const sortedRows = fc
  .array(fc.record({ partition: fc.integer({ min: 0, max: 3 }), key: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 60,
  })
  .map((rows) => rows.sort((left, right) => left.partition - right.partition || left.key - right.key));

const distance = fc.option(fc.integer({ min: -4, max: 4 }), { nil: undefined, freq: 4 });
const frames: fc.Arbitrary<ModelFrame> = fc.record({
  mode: fc.constantFrom('rows', 'groups'),
  start: distance,
  end: distance,
  exclusion: fc.constantFrom('none', 'current-row', 'group', 'ties'),
});

function aggregateOf(name: string, type: TypeDefinition): AggregateFunction {
  const found = functionsNamed(name).find(
    (candidate) => candidate.kind === 'aggregate' && candidate.argumentTypes.every((argument) => argument === type),
  );
  if (found?.kind !== 'aggregate') throw new Error(`no ${name}(${type.name})`);
  return found;
}

/** The aggregate over some rows, in one go. */
function over(callee: AggregateFunction, type: TypeDefinition, values: readonly Value[]): Value {
  const accumulator = callee.createAccumulator([type], environment);
  accumulator.reserve(1);
  accumulator.update([columnOf(type.representation, values)], new Uint32Array(values.length), values.length);
  return valueAt(accumulator.results(1), 0);
}

interface Subject {
  readonly type: TypeDefinition;
  readonly names: readonly string[];
  readonly value: fc.Arbitrary<Value>;
}

const small = fc.integer({ min: -9, max: 9 });
const subjects: readonly Subject[] = [
  { type: int4, names: ['sum', 'avg', 'min', 'max', 'bit_xor', 'variance'], value: small },
  { type: float8, names: ['sum', 'avg', 'min', 'max', 'stddev_pop'], value: small.map((value) => value / 4) },
  { type: numeric, names: ['sum', 'avg', 'max'], value: small.map((value) => Numeric.of(BigInt(value), 1)) },
  { type: text, names: ['min', 'max'], value: fc.constantFrom('', 'a', 'b', 'é', 'zz') },
];

describe('aggregates over frames', () => {
  for (const { type, names, value } of subjects) {
    for (const name of names) {
      test(`${name}(${type.name}) gives what it gives over the rows of each frame`, async () => {
        const callee = aggregateOf(name, type);
        const cells = fc.array(fc.option(value, { nil: null, freq: 5 }), { minLength: 60, maxLength: 60 });
        const filter = fc.option(fc.array(fc.constantFrom(0, 1), { minLength: 60, maxLength: 60 }), { nil: undefined });
        await fc.assert(
          fc.asyncProperty(sortedRows, frames, cells, filter, async (rows, frame, all, passes) => {
            const values = all.slice(0, rows.length);
            const column = columnOf(type.representation, values);
            const live = passes === undefined ? undefined : Uint8Array.from(passes.slice(0, rows.length));
            const call = {
              function: callee,
              argumentTypes: [type],
              resultType: callee.resultType,
              input: { rows: await runOf(rows, frame), inputs: [column], live },
              environment,
              control: new StatementControl(),
              reserve: () => {},
            };
            const expected = framesOf(rows, frame).map((members) =>
              over(
                callee,
                type,
                members.filter((row) => live === undefined || live[row] === 1).map((row) => values[row]),
              ),
            );
            const shown = (result: Value): string => (result === null ? 'NULL' : String(result));
            const results = await aggregateFrames(call);
            expect(rows.map((_, row) => shown(valueAt(results, row)))).toEqual(expected.map(shown));
            // Not what so few rows are given to, but what long frames are.
            const byTree = await new FrameTree(call).results();
            rows.forEach((_, row) => {
              const [left, right] = [valueAt(byTree, row), expected[row]];
              if (typeof left === 'number' && typeof right === 'number') expect(left).toBeCloseTo(right, 9);
              else expect(shown(left)).toBe(shown(right));
            });
          }),
          { numRuns: 60 },
        );
      });
    }
  }
});

test('the n-th row of a frame is the n-th of those that EXCLUDE leaves', async () => {
  await fc.assert(
    fc.asyncProperty(sortedRows, frames, fc.integer({ min: 0, max: 6 }), async (rows, frame, index) => {
      const run = await runOf(rows, frame);
      framesOf(rows, frame).forEach((members, row) => {
        expect(nthOfFrame(run, row, index)).toBe(members[index] ?? -1);
        expect(nthOfFrame(run, row, -1)).toBe(members.at(-1) ?? -1);
      });
    }),
    { numRuns: 300 },
  );
});
