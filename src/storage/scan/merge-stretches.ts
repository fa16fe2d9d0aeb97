import type { Column } from '../../columnar/column.ts';
import { valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { Representation } from '../../types/type-definition.ts';
import { compareTimeKeys } from '../time-key.ts';
import type { Stretch, StretchSource } from './stretch.ts';

const MAX_POINTS = 1024;
/** Versions per batch may be many more than points, but not without end. */
const INITIAL_VERSIONS = 2048;

/** Points of one or more runs after their versions were merged. */
export interface MergedPoints {
  readonly rowCount: number;
  /** Series i has the points up to `seriesEnds[i]`. */
  readonly seriesIds: readonly number[];
  readonly seriesEnds: readonly number[];
  readonly times: Float64Array;
  readonly fractions: Uint32Array;
  /** 1 = no version of the point was a full row. */
  readonly partial: Uint8Array;
  /** In the order of the column numbers asked for. */
  readonly columns: readonly Column[];
  /** How many rows were read for them. */
  readonly versionCount: number;
}

/** One piece's place in the merge. */
interface Cursor {
  readonly source: StretchSource;
  stretch: Stretch | undefined;
  /** Index of `stretch` among the batch's stretches, or -1 before its first row is taken. */
  stretchIndex: number;
  row: number;
}

/**
 * Merges pieces of runs by time. Where versions merge, all rows of one (time, remainder) become one point: each column
 * takes the newest version that has a value, and looks no further than the first full row. Otherwise each row is a point,
 * the older piece's first.
 */
export class VersionMerger {
  readonly #representations: readonly Representation[];
  readonly #mergesVersions: boolean;
  readonly #times = new Float64Array(MAX_POINTS);
  readonly #fractions = new Uint32Array(MAX_POINTS);
  /** Point i has the versions `#starts[i]` to `#starts[i + 1]`, newest first. */
  readonly #starts = new Uint32Array(MAX_POINTS + 1);
  #versionStretches = new Uint32Array(INITIAL_VERSIONS);
  #versionRows = new Uint32Array(INITIAL_VERSIONS);
  #versionCount = 0;
  #pointCount = 0;
  #seriesIds: number[] = [];
  #seriesEnds: number[] = [];
  #stretches: Stretch[] = [];

  constructor(representations: readonly Representation[], mergesVersions: boolean) {
    this.#representations = representations;
    this.#mergesVersions = mergesVersions;
  }

  /** Merges one run, newest piece first, and gives batches as they become full; the last points wait for `finish`. */
  async *addRun(seriesId: number, pieces: readonly StretchSource[]): AsyncGenerator<MergedPoints, void, undefined> {
    const cursors: Cursor[] = [];
    try {
      for (const source of pieces) {
        const cursor: Cursor = { source, stretch: undefined, stretchIndex: -1, row: 0 };
        await this.#load(cursor);
        if (cursor.stretch !== undefined) cursors.push(cursor);
      }
      let isOpen = false;
      while (cursors.length > 0) {
        if (this.#pointCount === MAX_POINTS) {
          yield* this.finish();
          // What a cursor still reads belongs to the next batch too.
          for (const cursor of cursors) cursor.stretchIndex = -1;
          isOpen = false;
        }
        if (!isOpen) {
          this.#seriesIds.push(seriesId);
          this.#seriesEnds.push(this.#pointCount);
          isOpen = true;
        }
        const first = this.#firstCursor(cursors);
        const time = first.stretch!.times[first.row];
        const fraction = fractionAt(first.stretch!, first.row);
        const point = this.#pointCount++;
        this.#times[point] = time;
        this.#fractions[point] = fraction;
        this.#starts[point] = this.#versionCount;
        let pending: Promise<void> | undefined;
        if (this.#mergesVersions) pending = this.#takeVersions(cursors, 0, this.#versionCount);
        else {
          this.#addVersion(first);
          pending = this.#advance(first);
        }
        this.#seriesEnds[this.#seriesEnds.length - 1] = this.#pointCount;
        if (pending !== undefined) {
          await pending;
          for (let index = cursors.length - 1; index >= 0; index--) {
            if (cursors[index]!.stretch === undefined) cursors.splice(index, 1);
          }
        }
      }
    } finally {
      for (const cursor of cursors) cursor.stretch?.release();
    }
  }

  /** The points that wait, if any. Valid until the next call. */
  *finish(): Generator<MergedPoints, void, undefined> {
    if (this.#pointCount === 0) return;
    this.#starts[this.#pointCount] = this.#versionCount;
    try {
      yield {
        rowCount: this.#pointCount,
        seriesIds: this.#seriesIds,
        seriesEnds: this.#seriesEnds,
        times: this.#times.slice(0, this.#pointCount),
        fractions: this.#fractions.slice(0, this.#pointCount),
        partial: this.#partialFlags(),
        columns: this.#representations.map((representation, index) => this.#column(representation, index)),
        versionCount: this.#versionCount,
      };
    } finally {
      this.#clear();
    }
  }

  /** Lets go of everything that is held. */
  close(): void {
    this.#clear();
  }

  #clear(): void {
    for (const stretch of this.#stretches) stretch.release();
    this.#stretches = [];
    this.#seriesIds = [];
    this.#seriesEnds = [];
    this.#pointCount = 0;
    this.#versionCount = 0;
  }

  /** The cursor with the earliest row; of equal ones the newest piece, or the oldest where every row is a point. */
  #firstCursor(cursors: readonly Cursor[]): Cursor {
    let first = cursors[0]!;
    for (let index = 1; index < cursors.length; index++) {
      const cursor = cursors[index]!;
      const order = compareTimeKeys(
        cursor.stretch!.times[cursor.row],
        fractionAt(cursor.stretch!, cursor.row),
        first.stretch!.times[first.row],
        fractionAt(first.stretch!, first.row),
      );
      if (order < 0 || (order === 0 && !this.#mergesVersions)) first = cursor;
    }
    return first;
  }

  /**
   * Takes every row with the key of the point just begun, newest first: pieces are in that order, rows of one piece in
   * the opposite one. Goes on with piece `index`, of which the versions from `from` on were taken before.
   */
  #takeVersions(cursors: readonly Cursor[], index: number, from: number): Promise<void> | undefined {
    const time = this.#times[this.#pointCount - 1];
    const fraction = this.#fractions[this.#pointCount - 1];
    let versionsFrom = from;
    for (let at = index; at < cursors.length; at++) {
      const cursor = cursors[at]!;
      while (
        cursor.stretch !== undefined &&
        cursor.stretch.times[cursor.row] === time &&
        fractionAt(cursor.stretch, cursor.row) === fraction
      ) {
        this.#addVersion(cursor);
        const pending = this.#advance(cursor);
        if (pending !== undefined) return this.#goOn(pending, cursors, { index: at, from: versionsFrom });
      }
      if (this.#versionCount - versionsFrom > 1) {
        this.#versionStretches.subarray(versionsFrom, this.#versionCount).reverse();
        this.#versionRows.subarray(versionsFrom, this.#versionCount).reverse();
      }
      versionsFrom = this.#versionCount;
    }
    return undefined;
  }

  async #goOn(
    pending: Promise<void>,
    cursors: readonly Cursor[],
    { index, from }: { index: number; from: number },
  ): Promise<void> {
    await pending;
    await this.#takeVersions(cursors, index, from);
  }

  #addVersion(cursor: Cursor): void {
    if (cursor.stretchIndex < 0) {
      cursor.stretchIndex = this.#stretches.length;
      cursor.stretch!.retain();
      this.#stretches.push(cursor.stretch!);
    }
    if (this.#versionCount === this.#versionRows.length) {
      this.#versionRows = grown(this.#versionRows);
      this.#versionStretches = grown(this.#versionStretches);
    }
    this.#versionStretches[this.#versionCount] = cursor.stretchIndex;
    this.#versionRows[this.#versionCount++] = cursor.row;
  }

  /** To the next row; a promise only when the next stretch has to be read. */
  #advance(cursor: Cursor): Promise<void> | undefined {
    cursor.row++;
    if (cursor.row < cursor.stretch!.rowCount) return undefined;
    return this.#load(cursor);
  }

  async #load(cursor: Cursor): Promise<void> {
    cursor.stretch?.release();
    cursor.stretch = await cursor.source.next();
    cursor.stretchIndex = -1;
    cursor.row = 0;
  }

  #partialFlags(): Uint8Array {
    const flags = new Uint8Array(this.#pointCount);
    for (let point = 0; point < this.#pointCount; point++) {
      let isPartial = true;
      for (let version = this.#starts[point]; version < this.#starts[point + 1] && isPartial; version++) {
        isPartial = this.#isPartial(version);
      }
      if (isPartial) flags[point] = 1;
    }
    return flags;
  }

  #isPartial(version: number): boolean {
    const { partial } = this.#stretches[this.#versionStretches[version]]!;
    return partial !== undefined && partial[this.#versionRows[version]] === 1;
  }

  #column(representation: Representation, columnIndex: number): Column {
    const chosen = this.#chooseVersions(columnIndex);
    if (representation === 'float64' || representation === 'int64') {
      const numbers = this.#numberColumn(chosen, columnIndex, representation);
      if (numbers !== undefined) return numbers;
    }
    const builder = new ColumnBuilder(representation, { capacity: this.#pointCount, text: 'dictionary' });
    for (let point = 0; point < this.#pointCount; point++) {
      const version = chosen[point];
      if (version < 0) builder.pushNull();
      else builder.push(valueAt(this.#versionColumn(version, columnIndex)!, this.#versionRows[version]));
    }
    return builder.finish();
  }

  /** Per point the version that the column's value comes from, or -1 for NULL. */
  #chooseVersions(columnIndex: number): Int32Array {
    const chosen = new Int32Array(this.#pointCount).fill(-1);
    for (let point = 0; point < this.#pointCount; point++) {
      for (let version = this.#starts[point]; version < this.#starts[point + 1]; version++) {
        const column = this.#versionColumn(version, columnIndex);
        if (column !== undefined) {
          const { validity } = column;
          if (validity === undefined || validity[this.#versionRows[version]] === 1) {
            chosen[point] = version;
            break;
          }
        }
        if (!this.#isPartial(version)) break;
      }
    }
    return chosen;
  }

  /** The usual case without a builder; undefined when some value is wide. */
  #numberColumn(chosen: Int32Array, columnIndex: number, representation: Representation): Column | undefined {
    const values = new Float64Array(this.#pointCount);
    let validity: Uint8Array | undefined;
    for (let point = 0; point < this.#pointCount; point++) {
      const version = chosen[point];
      if (version < 0) {
        validity ??= new Uint8Array(this.#pointCount).fill(1);
        validity[point] = 0;
        continue;
      }
      const column = this.#versionColumn(version, columnIndex)!;
      const row = this.#versionRows[version];
      if (column.kind === 'wide' && representation === 'float64') {
        // An integer of a column that has become double precision (`readWidened`).
        values[point] = column.high[row] * 4294967296 + column.low[row];
        continue;
      }
      if (column.kind !== 'number') return undefined;
      values[point] = column.values[this.#versionRows[version]];
    }
    return { kind: 'number', values, validity };
  }

  #versionColumn(version: number, columnIndex: number): Column | undefined {
    return this.#stretches[this.#versionStretches[version]]!.columns[columnIndex];
  }
}

function fractionAt(stretch: Stretch, row: number): number {
  return stretch.fractions === undefined ? 0 : stretch.fractions[row];
}

function grown(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2);
  to.set(from);
  return to;
}
