import { nextTurn } from '../../platform/next-turn.ts';
import { lowerBoundOf } from '../binary-search.ts';
import type { DeletedNames } from '../deletes/deleted-names.ts';
import { type Stretch, type StretchSource, segmentStretches } from '../scan/stretch.ts';
import type { StoredSegment } from '../stored-segment.ts';
import { compareTimeKeys, timeKeyOf } from '../time-key.ts';

/** Rows that are looked at in one turn. */
const TURN_ROWS = 16_384;

/** A point of a staged segment. */
export interface StagedPoint {
  /** In the table. */
  readonly seriesId: number;
  readonly time: number;
  readonly fraction: number;
}

type KeyedRows = Pick<StoredSegment, 'reader' | 'deletes'>;

interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The first point that both segments have, undeleted on both sides, and which is not of the rows that `deleted` names:
 * series by series, where they overlap in time. Takes several turns.
 */
export async function findCommonPoint(
  own: KeyedRows,
  other: KeyedRows,
  deleted: DeletedNames,
): Promise<StagedPoint | undefined> {
  const { reader } = own;
  const pace = new Pace();
  for (let index = 0; index < reader.seriesIds.length; index++) {
    const seriesId = reader.seriesIds[index];
    const at = other.reader.findSeries(seriesId);
    if (at < 0) continue;
    const span = {
      from: Math.max(timeKeyOf(reader.firstTimes[index]).time, timeKeyOf(other.reader.firstTimes[at]).time),
      to: Math.min(timeKeyOf(reader.lastTimes[index]).time, timeKeyOf(other.reader.lastTimes[at]).time),
    };
    if (span.from > span.to) continue;
    const mine = new KeyCursor(keysOf(own, index, span), span, pace);
    const theirs = new KeyCursor(keysOf(other, at, span), span, pace);
    try {
      const found = await firstCommon(mine, theirs, { seriesId, deleted });
      if (found !== undefined) return found;
    } finally {
      mine.close();
      theirs.close();
    }
  }
  return undefined;
}

async function firstCommon(
  mine: KeyCursor,
  theirs: KeyCursor,
  { seriesId, deleted }: { readonly seriesId: number; readonly deleted: DeletedNames },
): Promise<StagedPoint | undefined> {
  while ((mine.hasRow || (await mine.load())) && (theirs.hasRow || (await theirs.load()))) {
    // What both have in memory is merged without a promise.
    while (mine.hasRow && theirs.hasRow) {
      const { time, fraction } = mine;
      const order = compareTimeKeys(time, fraction, theirs.time, theirs.fraction);
      if (order > 0) theirs.row++;
      else if (order < 0 || deleted.find(seriesId, time, fraction, 0) >= 0) mine.row++;
      else return { seriesId, time, fraction };
    }
  }
  return undefined;
}

/** A place in the keys of one series, which ascend. */
class KeyCursor {
  row = 0;
  readonly #source: StretchSource;
  readonly #span: TimeSpan;
  readonly #pace: Pace;
  #stretch: Stretch | undefined;

  constructor(source: StretchSource, span: TimeSpan, pace: Pace) {
    this.#source = source;
    this.#span = span;
    this.#pace = pace;
  }

  get hasRow(): boolean {
    return this.#stretch !== undefined && this.row < this.#stretch.rowCount;
  }

  get time(): number {
    return this.#stretch!.times[this.row];
  }

  get fraction(): number {
    const { fractions } = this.#stretch!;
    return fractions === undefined ? 0 : fractions[this.row];
  }

  /** Goes on to the next rows. False when there are none. */
  async load(): Promise<boolean> {
    for (;;) {
      this.close();
      const turn = this.#pace.whenDue();
      if (turn !== undefined) await turn;
      const stretch = await this.#source.next();
      if (stretch === undefined) return false;
      this.#stretch = stretch;
      this.#pace.spend(stretch.rowCount);
      this.row = lowerBoundOf(stretch.times, this.#span.from);
      if (this.hasRow) return true;
    }
  }

  close(): void {
    this.#stretch?.release();
    this.#stretch = undefined;
  }
}

/** When others are to have a turn. */
class Pace {
  #rows = 0;

  spend(rows: number): void {
    this.#rows += rows;
  }

  whenDue(): Promise<void> | undefined {
    if (this.#rows < TURN_ROWS) return undefined;
    this.#rows = 0;
    return nextTurn();
  }
}

/** The undeleted rows of one series in the units that may have some within the span. */
function keysOf({ reader, deletes }: KeyedRows, index: number, { from, to }: TimeSpan): StretchSource {
  const { clearedRows, rows: dead } = deletes.deadAt(Number.POSITIVE_INFINITY);
  if (clearedRows > 0) return { next: async () => undefined };
  return segmentStretches(
    reader,
    { from: reader.seriesStarts[index], to: reader.seriesStarts[index + 1] },
    [],
    (unit) => {
      const statistics = reader.statistics(reader.header.sortColumnNumber, unit);
      return (
        statistics.kind !== 'int64' || (timeKeyOf(statistics.min).time <= to && timeKeyOf(statistics.max).time >= from)
      );
    },
    { hidden: { dead, own: undefined } },
  );
}
