/** Fewer values than this are sorted by insertion. */
const MIN_PARTED = 24;

/**
 * Moves the values of `[from, to)` so that those at `places[firstPlace .. endPlace)`, which are ascending, are what they
 * would be if all were sorted: quickselect for several places at once. None of the values is NaN; -0 is 0.
 */
export function selectInPlace(
  values: Float64Array,
  from: number,
  to: number,
  places: ArrayLike<number>,
  firstPlace = 0,
  endPlace = places.length,
): void {
  // A sort is no worse than this many rounds; only values laid out to spoil the pivots need it.
  let roundsLeft = 2 * (32 - Math.clz32(to - from)) + 4;
  while (firstPlace < endPlace) {
    if (to - from <= MIN_PARTED) {
      insertionSort(values, from, to);
      return;
    }
    if (roundsLeft-- === 0) {
      values.subarray(from, to).sort();
      return;
    }
    const pivot = pivotOf(values, from, to);
    // Hoare's partition: [from, left) ≤ pivot, (right, to) ≥ pivot, what is in between equals it.
    let left = from;
    let right = to - 1;
    while (left <= right) {
      while (values[left] < pivot) left++;
      while (values[right] > pivot) right--;
      if (left > right) break;
      const value = values[left];
      values[left++] = values[right];
      values[right--] = value;
    }
    let below = firstPlace;
    while (below < endPlace && places[below] <= right) below++;
    let above = below;
    while (above < endPlace && places[above] < left) above++;
    if (above === endPlace) {
      to = right + 1;
      endPlace = below;
    } else {
      if (below > firstPlace) selectInPlace(values, from, right + 1, places, firstPlace, below);
      from = left;
      firstPlace = above;
    }
  }
}

/** The median of three values; of many values the median of three such medians. */
function pivotOf(values: Float64Array, from: number, to: number): number {
  const step = (to - from) >>> 3;
  const middle = (from + to) >>> 1;
  const last = to - 1;
  if (step < 16) return median(values[from], values[middle], values[last]);
  return median(
    median(values[from], values[from + step], values[from + 2 * step]),
    median(values[middle - step], values[middle], values[middle + step]),
    median(values[last - 2 * step], values[last - step], values[last]),
  );
}

function median(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : a < c ? c : a;
  return a < c ? a : b < c ? c : b;
}

function insertionSort(values: Float64Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const value = values[at];
    let place = at;
    for (; place > from && values[place - 1] > value; place--) values[place] = values[place - 1];
    values[place] = value;
  }
}
