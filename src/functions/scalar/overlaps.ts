import { bool } from '../../types/bool.ts';
import { canonicalInstant } from '../../types/instant.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { timetz } from '../../types/timetz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64 } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { addToInstant, addToLocal } from '../instant-arithmetic.ts';
import { timePlusInterval } from '../operators/date-time-arithmetic.ts';

type End = Int64 | null;

interface Period {
  readonly start: Int64;
  /** NULL: it is not known when the period ends, at or after its start. */
  readonly end: End;
}

/** The ends in order; of one that is NULL, the other is the start. Both NULL: no period at all. */
function periodOf(first: End, second: End): Period | null {
  const [one, other] = [first, second].map((end) => (end === null ? null : canonicalInstant(end)));
  if (one === null || one === undefined)
    return other === null || other === undefined ? null : { start: other, end: null };
  if (other === null || other === undefined) return { start: one, end: null };
  return one > other ? { start: other, end: one } : { start: one, end: other };
}

/** Whether two periods have an instant in common; each holds its start, but not its end unless that is its start. */
function overlap(start1: End, end1: End, start2: End, end2: End): boolean | null {
  const left = periodOf(start1, end1);
  const right = periodOf(start2, end2);
  if (left === null || right === null) return null;
  if (left.start === right.start) return left.end === null || right.end === null ? null : true;
  const [earlier, later] = left.start < right.start ? [left, right] : [right, left];
  if (earlier.end === null) return null;
  if (later.start < earlier.end) return true;
  return later.end === null ? null : false;
}

/** Adds an interval to the start of a period, as its type does. */
type Add = (environment: FunctionEnvironment, start: Int64, span: Interval) => Int64;

function overlapsOf(
  type: TypeDefinition,
  add: Add,
  oids: readonly [points: number, secondSpan: number, bothSpans: number, firstSpan: number],
): ScalarFunction[] {
  const isZoned = type === timestamptz;
  const options = { volatility: isZoned ? 'stable' : 'immutable', handlesNull: true, usesEnvironment: true } as const;
  const endOf = (environment: FunctionEnvironment, start: End, span: Interval | null): End =>
    start === null || span === null ? null : add(environment, start, span);
  const [points, secondSpan, bothSpans, firstSpan] = oids;
  return [
    defineScalar('overlaps', points, [type, type, type, type], bool, overlap, {
      mayThrow: false,
      handlesNull: true,
    }),
    defineScalar(
      'overlaps',
      secondSpan,
      [type, type, type, interval],
      bool,
      (environment: FunctionEnvironment, start1: End, end1: End, start2: End, span2: Interval | null) =>
        overlap(start1, end1, start2, endOf(environment, start2, span2)),
      options,
    ),
    defineScalar(
      'overlaps',
      bothSpans,
      [type, interval, type, interval],
      bool,
      (environment: FunctionEnvironment, start1: End, span1: Interval | null, start2: End, span2: Interval | null) =>
        overlap(start1, endOf(environment, start1, span1), start2, endOf(environment, start2, span2)),
      options,
    ),
    defineScalar(
      'overlaps',
      firstSpan,
      [type, interval, type, type],
      bool,
      (environment: FunctionEnvironment, start1: End, span1: Interval | null, start2: End, end2: End) =>
        overlap(start1, endOf(environment, start1, span1), start2, end2),
      options,
    ),
  ];
}

const overlapOfZonedTimes = defineScalar('overlaps', 1271, [timetz, timetz, timetz, timetz], bool, overlap, {
  mayThrow: false,
  handlesNull: true,
});

/** `(start, end) OVERLAPS (start, length)`. */
export const overlapsFunctions: readonly ScalarFunction[] = [
  ...overlapsOf(time, (_, start, span) => timePlusInterval(Number(start), span), [1308, 1310, 1309, 1311]),
  overlapOfZonedTimes,
  ...overlapsOf(timestamp, (_, start, span) => addToLocal(start, span), [2041, 2043, 2042, 2044]),
  ...overlapsOf(
    timestamptz,
    ({ typeContext }, start, span) => addToInstant(start, span, typeContext.timeZone),
    [1304, 1306, 1305, 1307],
  ),
];
