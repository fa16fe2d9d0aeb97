import { float8 } from '../../types/float8.ts';
import { UddSketch } from '../../types/udd-sketch.ts';
import { uddsketch } from '../../types/uddsketch-type.ts';
import { checkedFraction } from '../aggregate/percentiles.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** The value at a fraction, of an empty sketch NULL. */
function percentile(fraction: number, bytes: Uint8Array): number | null {
  return UddSketch.fromBytes(bytes).percentile(checkedFraction(fraction)) ?? null;
}

function rank(value: number, bytes: Uint8Array): number | null {
  return UddSketch.fromBytes(bytes).rank(value) ?? null;
}

function mean(bytes: Uint8Array): number | null {
  const { sum, count } = UddSketch.fromBytes(bytes);
  return count === 0 ? null : sum / count;
}

/** What sketches of percentile_agg and uddsketch are asked for: TimescaleDB Toolkit's functions. */
export const sketchFunctions: readonly ScalarFunction[] = [
  defineScalar('approx_percentile', 9220, [float8, uddsketch], float8, percentile),
  defineScalar('approx_percentile_rank', 9221, [float8, uddsketch], float8, rank),
  defineScalar('error', 9222, [uddsketch], float8, (bytes: Uint8Array) => UddSketch.fromBytes(bytes).error),
  defineScalar('num_vals', 9223, [uddsketch], float8, (bytes: Uint8Array) => UddSketch.fromBytes(bytes).count),
  defineScalar('mean', 9224, [uddsketch], float8, mean),
];
