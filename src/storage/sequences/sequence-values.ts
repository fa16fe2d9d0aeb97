import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { toInt64 } from '../../types/int64.ts';
import type { Int64 } from '../../types/value.ts';

/** The next `count` values, and the state after them. Throws 2200H when the sequence reaches its limit and does not cycle. */
export function takeValues(
  sequence: SequenceDescriptor,
  state: SequenceState,
  count: number,
): { readonly values: readonly Int64[]; readonly state: SequenceState } {
  const values: Int64[] = [];
  let { lastValue, isCalled } = state;
  for (let index = 0; index < count; index++) {
    if (isCalled) lastValue = valueAfter(sequence, lastValue);
    isCalled = true;
    values.push(lastValue);
  }
  return { values, state: { lastValue, isCalled } };
}

/** How many values follow `state` before the limit, up to `wanted`. */
export function valuesLeft(
  sequence: SequenceDescriptor,
  { lastValue, isCalled }: SequenceState,
  wanted: number,
): number {
  const limit = sequence.increment > 0 ? sequence.max : sequence.min;
  const steps = (BigInt(limit) - BigInt(lastValue)) / BigInt(sequence.increment) + (isCalled ? 0n : 1n);
  return steps < BigInt(wanted) ? Math.max(Number(steps), 0) : wanted;
}

/** The state after `count` further values, which must be left. */
export function stateAfter(sequence: SequenceDescriptor, state: SequenceState, count: number): SequenceState {
  if (count === 0) return state;
  const steps = BigInt(state.isCalled ? count : count - 1);
  return { lastValue: toInt64(BigInt(state.lastValue) + steps * BigInt(sequence.increment)), isCalled: true };
}

/** Whichever of two states of the sequence has counted further. */
export function furtherState(
  { increment }: SequenceDescriptor,
  left: SequenceState,
  right: SequenceState,
): SequenceState {
  if (left.lastValue === right.lastValue) return left.isCalled ? left : right;
  return left.lastValue > right.lastValue === increment > 0 ? left : right;
}

/** Throws 22003 for a value that setval may not set. */
export function assertWithinBounds(sequence: SequenceDescriptor, value: Int64): void {
  const { name, min, max } = sequence;
  if (value >= min && value <= max) return;
  throw new SqlError(
    SqlState.NumericValueOutOfRange,
    `setval: value ${value} is out of bounds for sequence "${name}" (${min}..${max})`,
  );
}

function valueAfter(sequence: SequenceDescriptor, lastValue: Int64): Int64 {
  const { increment, min, max } = sequence;
  // Near the ends of bigint the sum takes more than 64 bits.
  const next = exactSum(lastValue, increment) ?? BigInt(lastValue) + BigInt(increment);
  if (increment > 0 ? next > max : next < min) {
    if (sequence.isCycled) return increment > 0 ? min : max;
    throw limitReached(sequence);
  }
  return typeof next === 'bigint' ? toInt64(next) : next;
}

function exactSum(left: Int64, right: Int64): number | undefined {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  return Math.abs(left) + Math.abs(right) <= Number.MAX_SAFE_INTEGER ? left + right : undefined;
}

function limitReached({ name, increment, min, max }: SequenceDescriptor): SqlError {
  const [which, limit] = increment > 0 ? ['maximum', max] : ['minimum', min];
  return new SqlError(
    SqlState.SequenceGeneratorLimitExceeded,
    `nextval: reached ${which} value of sequence "${name}" (${limit})`,
  );
}
