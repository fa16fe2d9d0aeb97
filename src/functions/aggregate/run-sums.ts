import { kernels } from '../../kernels/numeric-kernels.ts';
import { type RunSegments, SHORT_SEGMENT } from '../function-definition.ts';

/** Adds the values of each segment to `sums`, and how many there are to `counts`. */
export function addRunSums(
  values: Float64Array,
  { from, to, groups, start, end, base }: RunSegments,
  live: Uint8Array | undefined,
  sums: Float64Array,
  counts: Float64Array,
): void {
  if (live !== undefined) {
    for (let at = start; at < end; at++) {
      const group = groups[at] - base;
      sums[group] += kernels.sumSelected(values, live, from[at], to[at]);
      counts[group] += kernels.countSelected(live, from[at], to[at]);
    }
    return;
  }
  for (let at = start; at < end; at++) {
    const group = groups[at] - base;
    const first = from[at];
    const last = to[at];
    counts[group] += last - first;
    if (last - first >= SHORT_SEGMENT) sums[group] += kernels.sum(values, first, last);
    else {
      let sum = sums[group];
      for (let row = first; row < last; row++) sum += values[row];
      sums[group] = sum;
    }
  }
}
