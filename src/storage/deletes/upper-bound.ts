/** How many of the first `count` ascending values are at most `limit`. */
export function upperBoundOf(values: Float64Array | readonly number[], count: number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
