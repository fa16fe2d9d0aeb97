/** Whether the `length` bytes at `start` of one view and at `otherStart` of another are the same. Both must have them. */
export function isSameBytes(
  view: DataView,
  start: number,
  other: DataView,
  otherStart: number,
  length: number,
): boolean {
  let at = length;
  // From the end: of texts that stand for instants and names the last bytes differ first.
  for (; at >= 4; at -= 4) {
    if (view.getInt32(start + at - 4) !== other.getInt32(otherStart + at - 4)) return false;
  }
  while (--at >= 0) if (view.getUint8(start + at) !== other.getUint8(otherStart + at)) return false;
  return true;
}
