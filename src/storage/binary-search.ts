type Ascending = Float64Array | Uint32Array | readonly number[];

/** The index of the first of the ascending values from `start` to `end` that is not below `limit`; `end` without one. */
export function lowerBoundOf(values: Ascending, limit: number, start = 0, end = values.length): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the first of the ascending values from `start` to `end` that is above `limit`; `end` without one. */
export function upperBoundOf(values: Ascending, limit: number, start = 0, end = values.length): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
