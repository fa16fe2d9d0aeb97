import type { RunPiece } from '../../catalog/table.ts';
import { lowerBoundOf, upperBoundOf } from '../binary-search.ts';
import { FULL_ROW } from '../segment/hidden-columns.ts';
import { fieldOf, type OutputColumn } from './output-columns.ts';
import type { ScanSource } from './run-directory.ts';

const NO_ROWS = new Uint32Array(0);

/** A piece of a run, and which of its rows do not stand for themselves. */
export class SearchedPiece {
  readonly source: ScanSource;
  readonly piece: RunPiece;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Versions of points that have to be merged. After `finish` ascending, each once, and those that the reader sees alone. */
  repeated: number[] = [];
  /** These and those that newer versions have taken the place of; ascending, and without deleted ones. */
  hidden: readonly number[] = [];
  #superseded: number[] = [];
  readonly #dead: Uint32Array;

  constructor(source: ScanSource, piece: RunPiece) {
    this.source = source;
    this.piece = piece;
    if (source.kind === 'memtable') {
      this.firstTime = source.permutation.times[piece.from];
      this.lastTime = source.permutation.times[piece.to - 1];
      this.#dead = NO_ROWS;
    } else {
      const run = upperBoundOf(source.reader.seriesStarts, piece.from) - 1;
      this.firstTime = source.firstTime(run);
      this.lastTime = source.lastTime(run);
      this.#dead = source.dead;
    }
  }

  /** Whether the reader sees the row. */
  isLive(row: number): boolean {
    return this.#dead.length === 0 || this.#dead[lowerBoundOf(this.#dead, row)] !== row;
  }

  repeat(from: number, to: number): void {
    for (let row = from; row < to; row++) this.repeated.push(row);
  }

  supersede(from: number, to: number): void {
    for (let row = from; row < to; row++) this.#superseded.push(row);
  }

  finish(): void {
    const superseded = this.#visible(this.#superseded);
    const repeated = this.#visible(this.repeated);
    if (superseded.length === 0) this.repeated = repeated;
    else {
      const isSuperseded = new Set(superseded);
      this.repeated = repeated.filter((row) => !isSuperseded.has(row));
    }
    this.hidden = this.repeated.length === 0 ? superseded : [...this.repeated, ...superseded].sort((a, b) => a - b);
  }

  /** Ascending, each once. */
  #visible(rows: number[]): number[] {
    if (rows.length === 0) return rows;
    rows.sort((a, b) => a - b);
    return rows.filter((row, index) => row !== rows[index - 1] && this.isLive(row));
  }
}

/** Whether nothing that is asked for of the row's point can stand in an older version. */
export function isDecisive(source: ScanSource, row: number, outputs: readonly OutputColumn[]): boolean {
  if (source.kind === 'memtable') {
    const { memtable, permutation } = source;
    const place = permutation.rows[row];
    if (!memtable.hasPartialRows || !memtable.isPartialAt(place)) return true;
    return outputs.every((output) => {
      const field = fieldOf(output);
      return field === undefined || memtable.column(field.number)?.hasValueAt(place) === true;
    });
  }
  const { reader } = source;
  if (!reader.hasColumn(FULL_ROW)) return true;
  const unit = reader.unitOfRow(row);
  const full = reader.statistics(FULL_ROW, unit);
  if (full.kind === 'boolean' && full.trueCount === full.rowCount) return true;
  return outputs.every((output) => {
    const field = fieldOf(output);
    if (field === undefined) return true;
    return reader.hasColumn(field.number) && reader.statistics(field.number, unit).nullCount === 0;
  });
}
