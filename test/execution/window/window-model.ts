import type { FrameExclusion } from '../../../src/sql/syntax/window-ast.ts';

/** A frame in ROWS or GROUPS mode; distances count from the row, preceding ones negative; undefined: unbounded. */
export interface ModelFrame {
  readonly mode: 'rows' | 'groups';
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly exclusion: FrameExclusion;
}

/** A row of the model: its partition and its sort key. */
export interface ModelRow {
  readonly partition: number;
  readonly key: number;
}

/** For each row the numbers of the rows in its frame, found by looking at every row of the partition. */
export function framesOf(rows: readonly ModelRow[], frame: ModelFrame): number[][] {
  return rows.map((row, at) => {
    const members = rows.flatMap((other, index) => (other.partition === row.partition ? [index] : []));
    const groups = [...new Set(members.map((index) => rows[index].key))];
    const placeOf = (index: number): number =>
      frame.mode === 'rows' ? members.indexOf(index) : groups.indexOf(rows[index].key);
    const place = placeOf(at);
    return members.filter((index) => {
      const distance = placeOf(index) - place;
      if (frame.start !== undefined && distance < frame.start) return false;
      if (frame.end !== undefined && distance > frame.end) return false;
      const isPeer = rows[index].key === row.key;
      if (frame.exclusion === 'current-row') return index !== at;
      if (frame.exclusion === 'none' || !isPeer) return true;
      return frame.exclusion === 'ties' && index === at;
    });
  });
}
