/** Of so few groups many rows fall into one: each is added up in four lanes, so that no row waits for the one before it. */
const MAX_LANE_GROUPS = 32;
const LANES = 4;

const laneSums = new Float64Array(MAX_LANE_GROUPS * LANES);
const laneCounts = new Float64Array(MAX_LANE_GROUPS * LANES);

/** sums[groups[i]] += values[i] and counts[groups[i]] += 1. Both arrays are of one length. */
export function addRowSums(
  values: Float64Array,
  groups: Uint32Array,
  rowCount: number,
  sums: Float64Array,
  counts: Float64Array,
): void {
  if (sums.length <= MAX_LANE_GROUPS) {
    addToFew(values, groups, rowCount, sums, counts);
    return;
  }
  for (let row = 0; row < rowCount; row++) {
    const group = groups[row];
    sums[group] += values[row];
    counts[group]++;
  }
}

/** counts[groups[i]] += 1. */
export function addRowCounts(groups: Uint32Array, rowCount: number, counts: Float64Array): void {
  if (counts.length <= MAX_LANE_GROUPS) {
    countFew(groups, rowCount, counts);
    return;
  }
  let row = 0;
  for (; row + LANES <= rowCount; row += LANES) {
    const group0 = groups[row];
    const group1 = groups[row + 1];
    const group2 = groups[row + 2];
    const group3 = groups[row + 3];
    counts[group0]++;
    counts[group1]++;
    counts[group2]++;
    counts[group3]++;
  }
  for (; row < rowCount; row++) counts[groups[row]]++;
}

function addToFew(
  values: Float64Array,
  groups: Uint32Array,
  rowCount: number,
  sums: Float64Array,
  counts: Float64Array,
): void {
  countFew(groups, rowCount, counts);
  // -0, so that a sum of nothing but -0 stays what it is.
  laneSums.fill(-0);
  let row = 0;
  for (; row + LANES <= rowCount; row += LANES) {
    laneSums[groups[row] * LANES] += values[row];
    laneSums[groups[row + 1] * LANES + 1] += values[row + 1];
    laneSums[groups[row + 2] * LANES + 2] += values[row + 2];
    laneSums[groups[row + 3] * LANES + 3] += values[row + 3];
  }
  for (; row < rowCount; row++) laneSums[groups[row] * LANES] += values[row];
  fold(laneSums, sums);
}

function countFew(groups: Uint32Array, rowCount: number, counts: Float64Array): void {
  laneCounts.fill(0);
  let row = 0;
  for (; row + LANES <= rowCount; row += LANES) {
    laneCounts[groups[row] * LANES]++;
    laneCounts[groups[row + 1] * LANES + 1]++;
    laneCounts[groups[row + 2] * LANES + 2]++;
    laneCounts[groups[row + 3] * LANES + 3]++;
  }
  for (; row < rowCount; row++) laneCounts[groups[row] * LANES]++;
  fold(laneCounts, counts);
}

function fold(lanes: Float64Array, totals: Float64Array): void {
  for (let group = 0; group < totals.length; group++) {
    const at = group * LANES;
    totals[group] += lanes[at] + lanes[at + 1] + (lanes[at + 2] + lanes[at + 3]);
  }
}
