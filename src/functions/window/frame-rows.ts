import { PICK_NULL, type WindowRows } from '../function-definition.ts';

/**
 * The rows of one row's frame that EXCLUDE leaves: up to three ranges, in order, ends exclusive. One object is filled
 * again for each row.
 */
export class FrameRanges {
  readonly starts = new Uint32Array(3);
  readonly ends = new Uint32Array(3);
  count = 0;

  /** The ranges of `row`; gives the number of rows in them. */
  set(rows: WindowRows, row: number): number {
    this.count = 0;
    const start = rows.frameStart[row];
    const end = rows.frameEnd[row];
    if (rows.exclusion === 'none') return this.#add(start, end);
    const isPeers = rows.exclusion !== 'current-row';
    const holeStart = isPeers ? rows.peerStart[row] : row;
    const holeEnd = isPeers ? rows.peerEnd[row] : row + 1;
    let rowCount = this.#add(start, Math.min(end, holeStart));
    if (rows.exclusion === 'ties') rowCount += this.#add(Math.max(start, row), Math.min(end, row + 1));
    return rowCount + this.#add(Math.max(start, holeEnd), end);
  }

  #add(start: number, end: number): number {
    if (start >= end) return 0;
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    return end - start;
  }
}

const ranges = new FrameRanges();

/** The row that comes `index` rows after the first of the frame, or -1 for the last; PICK_NULL where there is none. */
export function nthOfFrame(rows: WindowRows, row: number, index: number): number {
  if (rows.exclusion === 'none') {
    const found = index < 0 ? rows.frameEnd[row] + index : rows.frameStart[row] + index;
    return found >= rows.frameStart[row] && found < rows.frameEnd[row] ? found : PICK_NULL;
  }
  const rowCount = ranges.set(rows, row);
  let left = index < 0 ? rowCount + index : index;
  if (left < 0) return PICK_NULL;
  for (let range = 0; range < ranges.count; range++) {
    const size = ranges.ends[range] - ranges.starts[range];
    if (left < size) return ranges.starts[range] + left;
    left -= size;
  }
  return PICK_NULL;
}
