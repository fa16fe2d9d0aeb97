/** Up to here characters are compared one by one; longer common beginnings are skipped by halves. */
const SHORT = 64;

/**
 * Compares two strings in the order of their UTF-8 bytes, which is collation "C". JavaScript compares UTF-16 units;
 * the two orders differ only where a surrogate (U+10000 and up) meets U+E000…U+FFFF.
 */
export function compareUtf8(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let from = 0;
  let to = length;
  if (length > SHORT && left.charCodeAt(0) === right.charCodeAt(0)) {
    // The engine compares whole strings many characters at a time: halve the stretch that holds the first difference.
    while (to - from > SHORT) {
      const middle = (from + to) >>> 1;
      if (left.substring(from, middle) === right.substring(from, middle)) from = middle;
      else to = middle;
    }
  }
  for (let index = from; index < to; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const aIsSurrogate = (a & 0xf800) === 0xd800;
    const bIsSurrogate = (b & 0xf800) === 0xd800;
    if (aIsSurrogate !== bIsSurrogate) return aIsSurrogate ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
}
