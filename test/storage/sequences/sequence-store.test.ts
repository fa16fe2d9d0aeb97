import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SequenceDescriptor } from '../../../src/catalog/sequence-descriptor.ts';
import { SequenceStore } from '../../../src/storage/sequences/sequence-store.ts';
import { furtherState } from '../../../src/storage/sequences/sequence-values.ts';
import { int8 } from '../../../src/types/int8.ts';
import type { Int64 } from '../../../src/types/value.ts';

function sequence(options: Partial<SequenceDescriptor> = {}): SequenceDescriptor {
  return {
    oid: 16_500,
    schemaOid: 2200,
    schemaName: 'public',
    name: 's',
    ownerOid: 10,
    type: int8,
    start: 1,
    increment: 1,
    min: 1,
    max: 9223372036854775807n,
    cache: 1,
    isCycled: false,
    owner: undefined,
    version: 1,
    ...options,
  };
}

function storeOf(descriptor: SequenceDescriptor): SequenceStore {
  return new SequenceStore(16_384, descriptor, { lastValue: descriptor.start, isCalled: false });
}

function take(store: SequenceStore, count: number): Int64[] {
  return Array.from({ length: count }, () => store.take(1).values[0]!);
}

describe('a sequence', () => {
  const cases: Record<string, { options: Partial<SequenceDescriptor>; values: Int64[] }> = {
    'counts up from its start': { options: { start: 5 }, values: [5, 6, 7] },
    'counts in steps': { options: { start: 10, increment: 10 }, values: [10, 20, 30] },
    'counts down': { options: { start: -1, increment: -1, min: -5, max: -1 }, values: [-1, -2, -3] },
    'starts over where it cycles': { options: { max: 2, isCycled: true }, values: [1, 2, 1, 2] },
    'starts over at its minimum, not at its start': {
      options: { start: 3, min: 2, max: 3, isCycled: true },
      values: [3, 2, 3],
    },
    'starts over downwards at its maximum': {
      options: { start: -1, increment: -1, min: -2, max: -1, isCycled: true },
      values: [-1, -2, -1],
    },
    'passes 2^53 exactly': {
      options: { start: 9007199254740991 },
      values: [9007199254740991, 9007199254740992, 9007199254740993n],
    },
    'reaches the last bigint': {
      options: { start: 9223372036854775806n },
      values: [9223372036854775806n, 9223372036854775807n],
    },
  };
  for (const [name, { options, values }] of Object.entries(cases)) {
    test(name, () => expect(take(storeOf(sequence(options)), values.length)).toEqual(values));
  }

  test('ends with 2200H at its limits, and stays there', () => {
    const up = storeOf(sequence({ max: 2 }));
    take(up, 2);
    const limit = { code: '2200H', message: 'nextval: reached maximum value of sequence "s" (2)' };
    expect(() => up.take(1)).toThrow(expect.objectContaining(limit));
    expect(() => up.take(1)).toThrow(expect.objectContaining(limit));
    expect(up.state).toEqual({ lastValue: 2, isCalled: true });
    const down = storeOf(sequence({ start: -1, increment: -3, min: -6, max: -1 }));
    take(down, 2);
    expect(() => down.take(1)).toThrow(
      expect.objectContaining({ code: '2200H', message: 'nextval: reached minimum value of sequence "s" (-6)' }),
    );
    const last = storeOf(sequence({ start: 9223372036854775807n }));
    take(last, 1);
    expect(() => last.take(1)).toThrow(expect.objectContaining({ code: '2200H' }));
  });

  test('gives no value of several when there are not enough', () => {
    const store = storeOf(sequence({ max: 5 }));
    expect(() => store.take(6)).toThrow(expect.objectContaining({ code: '2200H' }));
    expect(store.take(5).values).toEqual([1, 2, 3, 4, 5]);
  });

  test('goes on from what was set', () => {
    const store = storeOf(sequence());
    expect(store.set({ lastValue: 40, isCalled: true }).state).toEqual({ lastValue: 40, isCalled: true });
    expect(take(store, 2)).toEqual([41, 42]);
    store.set({ lastValue: 7, isCalled: false });
    expect(take(store, 2)).toEqual([7, 8]);
  });
});

describe('the log of a sequence', () => {
  test('has a record for every 33 values, which covers 32 that come', () => {
    const store = storeOf(sequence());
    const records = Array.from({ length: 100 }, () => store.take(1).record).map((record) => record?.state.lastValue);
    expect(records.flatMap((lastValue, index) => (lastValue === undefined ? [] : [[index, lastValue]]))).toEqual([
      [0, 33],
      [33, 66],
      [66, 99],
      [99, 132],
    ]);
  });

  test('after a rejection has a record at once', () => {
    const store = storeOf(sequence());
    store.take(1);
    store.noteRejected();
    expect(store.missingRecord()?.state).toEqual({ lastValue: 1, isCalled: true });
    expect(store.missingRecord()).toBeUndefined();
    store.noteRejected();
    expect(store.take(1).record?.state).toEqual({ lastValue: 34, isCalled: true });
  });

  test('covers every value before it is given out, whatever the sequence', () => {
    const descriptors = fc
      .record({
        increment: fc.integer({ min: -40, max: 40 }).filter((increment) => increment !== 0),
        low: fc.integer({ min: -200, max: 200 }),
        size: fc.integer({ min: 1, max: 300 }),
        startAt: fc.nat(),
        isCycled: fc.boolean(),
      })
      .map(({ increment, low, size, startAt, isCycled }) =>
        sequence({ increment, min: low, max: low + size, start: low + (startAt % (size + 1)), isCycled }),
      );
    const steps = fc.array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 40 }) }),
        },
        fc.record({ kind: fc.constant('crash' as const), count: fc.constant(0) }),
        fc.record({ kind: fc.constant('reject' as const), count: fc.constant(0) }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(descriptors, steps, (descriptor, actions) => {
        let store = storeOf(descriptor);
        let logged = store.state;
        /** Since the log began to cover what was given out without a gap. */
        let given: Int64[] = [];
        for (const { kind, count } of actions) {
          if (kind === 'crash') {
            store = new SequenceStore(16_384, descriptor, logged);
            // Nothing comes again until the sequence starts over.
            if (!descriptor.isCycled) {
              try {
                const [next] = store.take(1).values;
                expect(given).not.toContain(next);
              } catch (error) {
                expect(error).toMatchObject({ code: '2200H' });
              }
              store = new SequenceStore(16_384, descriptor, logged);
            }
            given = [];
            continue;
          }
          if (kind === 'reject') {
            store.noteRejected();
            const missing = store.missingRecord();
            expect(missing).toBeDefined();
            logged = missing!.state;
            continue;
          }
          try {
            const { values, record } = store.take(count);
            if (record !== undefined) logged = record.state;
            given.push(...values);
            expect(values).toHaveLength(count);
            for (const value of values) {
              expect(value >= descriptor.min && value <= descriptor.max).toBe(true);
            }
          } catch (error) {
            expect(error).toMatchObject({ code: '2200H' });
          }
        }
        // A cycle has no further end: of it only the bounds hold.
        if (!descriptor.isCycled) expect(furtherState(descriptor, logged, store.state)).toEqual(logged);
        expect(logged.lastValue >= descriptor.min && logged.lastValue <= descriptor.max).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
