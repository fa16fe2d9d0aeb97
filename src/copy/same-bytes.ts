/**
 * Whether the `length` bytes at `start` of one view and at `otherStart` of another are the same. Both must have them. Bytes
 * are compared as doubles: of what is no UTF-8, or has zero bytes, the answer may be wrong.
 */
export function isSameBytes(
  view: DataView,
  start: number,
  other: DataView,
  otherStart: number,
  length: number,
): boolean {
  let at = length;
  // From the end: of texts that stand for instants and names the last bytes differ first.
  for (; at >= 8; at -= 8) {
    if (view.getFloat64(start + at - 8, true) !== other.getFloat64(otherStart + at - 8, true)) return false;
  }
  if (at >= 4) {
    at -= 4;
    if (view.getInt32(start + at, true) !== other.getInt32(otherStart + at, true)) return false;
  }
  while (--at >= 0) if (view.getUint8(start + at) !== other.getUint8(otherStart + at)) return false;
  return true;
}
