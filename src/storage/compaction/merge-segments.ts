import type { Run } from '../../catalog/table.ts';
import type { Column } from '../../columnar/column.ts';
import { type MergedPoints, VersionMerger } from '../scan/merge-stretches.ts';
import { planRuns } from '../scan/plan-runs.ts';
import { readWidened } from '../scan/read-widened.ts';
import { SegmentScanSource } from '../scan/run-directory.ts';
import { TimeBounds } from '../scan/time-bounds.ts';
import type { SegmentEncoders } from '../seams/segment-encoders.ts';
import { FULL_ROW, REMAINDER } from '../segment/hidden-columns.ts';
import { newSegmentWriter } from '../segment/new-segment-writer.ts';
import type { SegmentHeader } from '../segment/segment-column.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import type { SegmentSink, WrittenSegment } from '../segment/segment-writer.ts';
import type { SegmentWriting } from '../segment/segment-writing.ts';
import { remaindersOf, timeColumnOf } from '../time-key.ts';
import { type CompactionPace, Work } from './compaction-pace.ts';
import { absentColumn, type MergedColumns } from './merge-layout.ts';
import { type RowRange, SegmentCursor } from './segment-cursor.ts';

export interface MergeInput {
  /** Without a cache. */
  readonly reader: SegmentReader;
  /** Rows to leave out, ascending. */
  readonly dead: Uint32Array;
}

/** Rows of one source that are gathered before they are written. */
const MAX_PLAIN_ROWS = 8192;
const ALL_TIME = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/**
 * Writes the rows of neighbouring segments, oldest first, as one. What a scan finds to be sole is copied unit by unit; of
 * what it merges, the versions of each point become one row, column by column. At least one row must be left.
 *
 * Holds at a time, of each column: a decoded unit and a stretch of encoded bytes of each input, and the chunk that the
 * writer fills (up to 64 units). Beyond that the footers: series directories and the positions of units.
 */
export async function mergeSegments(
  sink: SegmentSink,
  header: Omit<SegmentHeader, 'columns' | 'sortColumnNumber'>,
  {
    inputs,
    layout,
    pace,
    encoders,
  }: {
    inputs: readonly MergeInput[];
    layout: MergedColumns;
    pace: CompactionPace;
    encoders?: SegmentEncoders | undefined;
  },
): Promise<WrittenSegment> {
  const rowCount = inputs.reduce((sum, { reader }) => sum + reader.rowCount, 0);
  const writer = newSegmentWriter(
    sink,
    { ...header, columns: layout.columns, sortColumnNumber: layout.sortColumn.number },
    { encoders, rowCount, noteEncoded: (encodedRows) => pace.spend(encodedRows * Work.Encode) },
  );
  try {
    await new Merge(writer, inputs, layout, pace).run();
    return await writer.finish();
  } catch (error) {
    writer.abandon?.();
    throw error;
  }
}

class Merge {
  readonly #writer: SegmentWriting;
  readonly #layout: MergedColumns;
  readonly #pace: CompactionPace;
  readonly #sources: readonly SegmentScanSource[];
  /** By `RunPiece.source`. */
  readonly #cursors = new Map<number, SegmentCursor>();
  readonly #merger: VersionMerger;
  /** Columns that the merger takes values from: row ids, and fields. */
  readonly #mergedIndexes: readonly number[];
  /** Neighbouring runs of one source that were not written yet. */
  #plain: { readonly source: number; readonly runs: Run[]; rowCount: number } | undefined;

  constructor(writer: SegmentWriting, inputs: readonly MergeInput[], layout: MergedColumns, pace: CompactionPace) {
    this.#writer = writer;
    this.#layout = layout;
    this.#pace = pace;
    const numbers = layout.columns.map(({ number }) => number);
    const newestFirst = [...inputs].reverse();
    this.#sources = newestFirst.map(({ reader, dead }, id) => new SegmentScanSource(id, reader, dead, undefined));
    for (const { id, reader } of this.#sources)
      this.#cursors.set(id, new SegmentCursor(reader, numbers, pace, layout.missing));
    this.#mergedIndexes = [...numbers.keys()].filter(
      (index) => index > 0 && numbers[index] !== REMAINDER && numbers[index] !== FULL_ROW,
    );
    this.#merger = new VersionMerger(
      this.#mergedIndexes.map((index) => layout.columns[index]!.type.representation),
      layout.mergesVersions,
    );
  }

  async run(): Promise<void> {
    const { mergesVersions } = this.#layout;
    for (const run of planRuns(this.#sources, undefined, new TimeBounds(ALL_TIME), mergesVersions)) {
      if (run.pieces.length > 1) {
        await this.#writePlain();
        await this.#mergeRun(run);
        continue;
      }
      // What the merger holds comes before.
      for (const points of this.#merger.finish()) await this.#writePoints(points);
      const [piece] = run.pieces;
      if (this.#plain !== undefined && this.#plain.source !== piece!.source) await this.#writePlain();
      this.#plain ??= { source: piece!.source, runs: [], rowCount: 0 };
      this.#plain.runs.push(run);
      this.#plain.rowCount += piece!.to - piece!.from;
      if (this.#plain.rowCount >= MAX_PLAIN_ROWS) await this.#writePlain();
    }
    await this.#writePlain();
    for (const points of this.#merger.finish()) await this.#writePoints(points);
  }

  async #mergeRun({ seriesId, pieces }: Run): Promise<void> {
    const sources = pieces.map(({ source, from, to }) =>
      this.#cursors.get(source)!.stretches({ from, to }, this.#sources[source]!.dead, this.#mergedIndexes),
    );
    for await (const points of this.#merger.addRun(seriesId, sources)) await this.#writePoints(points);
  }

  async #writePoints(points: MergedPoints): Promise<void> {
    const { rowCount, times, fractions, partial, seriesIds: ids, seriesEnds } = points;
    const seriesIds = new Uint32Array(rowCount);
    let start = 0;
    for (let index = 0; index < ids.length; index++) {
      seriesIds.fill(ids[index]!, start, seriesEnds[index]);
      start = seriesEnds[index]!;
    }
    const columns = this.#layout.columns.map(({ number }, index): Column => {
      if (index === 0) return timeColumnOf(times, fractions, 0, rowCount);
      if (number === REMAINDER) return remainderColumn(fractions, rowCount);
      if (number === FULL_ROW) {
        return { kind: 'boolean', values: partial.map((isPartial) => 1 - isPartial), validity: undefined };
      }
      return points.columns[this.#mergedIndexes.indexOf(index)]!;
    });
    await this.#write({ rowCount, seriesIds, columns }, points.versionCount * Work.Merge);
  }

  /** Copies the runs that wait, unit by unit. */
  async #writePlain(): Promise<void> {
    if (this.#plain === undefined) return;
    const { source, runs } = this.#plain;
    this.#plain = undefined;
    const cursor = this.#cursors.get(source)!;
    let parts: (RowRange & { readonly seriesId: number })[] = [];
    for (const { seriesId, pieces } of runs) {
      const [piece] = pieces;
      for (let from = piece!.from; from < piece!.to; ) {
        if (from >= cursor.unitEnd && parts.length > 0) {
          await this.#copy(cursor, parts);
          parts = [];
        }
        const opening = cursor.open(from);
        if (opening !== undefined) await opening;
        const to = Math.min(piece!.to, cursor.unitEnd);
        parts.push({ seriesId, from, to });
        from = to;
      }
    }
    if (parts.length > 0) await this.#copy(cursor, parts);
  }

  /** Rows of the open unit: as they lie there, unless some are left out between them. */
  async #copy(cursor: SegmentCursor, parts: readonly (RowRange & { readonly seriesId: number })[]): Promise<void> {
    const range = { from: parts[0]!.from, to: parts.at(-1)!.to };
    let rowCount = 0;
    for (const { from, to } of parts) rowCount += to - from;
    const seriesIds = new Uint32Array(rowCount);
    const isWhole = rowCount === range.to - range.from;
    const rows = isWhole ? undefined : new Uint32Array(rowCount);
    let at = 0;
    for (const { seriesId, from, to } of parts) {
      seriesIds.fill(seriesId, at, at + to - from);
      if (rows === undefined) at += to - from;
      else for (let row = from; row < to; row++) rows[at++] = cursor.rowInUnit(row);
    }
    const columns = this.#layout.columns.map((column, index) => {
      const found = rows === undefined ? cursor.slice(index, range) : cursor.gather(index, rows, rowCount);
      return found === undefined ? absentColumn(column, rowCount) : readWidened(found, column.type.representation);
    });
    await this.#write({ rowCount, seriesIds, columns }, rowCount * Work.Copy);
  }

  async #write(
    rows: { rowCount: number; seriesIds: Uint32Array; columns: readonly Column[] },
    workPerColumn: number,
  ): Promise<void> {
    await this.#writer.append(rows);
    const turn = this.#pace.spend(workPerColumn * this.#layout.columns.length);
    if (turn !== undefined) await turn;
  }
}

function remainderColumn(fractions: Uint32Array, rowCount: number): Column {
  const remainders = remaindersOf(fractions, 0, rowCount);
  const values = remainders === undefined ? new Float64Array(rowCount) : Float64Array.from(remainders);
  return { kind: 'number', values, validity: undefined };
}
