import type { Morsel, MorselExtent, Run, ScanShare } from '../../catalog/table.ts';
import { type PortableColumn, portableColumn } from '../../columnar/portable-column.ts';
import { invariant } from '../../errors/invariant.ts';
import type { UnitDirectory } from '../cache/unit-cache.ts';
import { fileOf, type StoredObject } from '../packs/pack-place.ts';
import type { TimeKey } from '../time-key.ts';
import { sourceOf } from './open-spans.ts';
import type { ScanSource, SegmentPlace, SegmentScanSource } from './run-directory.ts';
import type { ScanParts } from './table-scan.ts';

/** Runs of a morsel that are looked at to tell how long its units are. */
const SAMPLED_RUNS = 16;

/** Runs side by side in arrays: run i has the pieces from `pieceEnds[i - 1]` to `pieceEnds[i]`. */
export interface PackedMorsel {
  readonly partition: number;
  readonly seriesIds: Float64Array;
  readonly isSole: Uint8Array;
  readonly pieceEnds: Uint32Array;
  readonly sources: Uint32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** A segment as another thread opens it. */
export interface SharedSegment extends SegmentPlace {
  readonly id: number;
  /** Rows that are deleted for the reader. */
  readonly dead: Uint32Array;
  readonly directory: UnitDirectory;
}

/** A share of a scan as plain data. `SharedTable` reads it. */
export interface PortableShare {
  readonly from: TimeKey;
  readonly to: TimeKey;
  readonly segments: readonly SharedSegment[];
  readonly morsels: readonly PackedMorsel[];
  /** The series of the morsels, ascending, and what their tags are: by place in the request, undefined for no tag. */
  readonly seriesIds: Float64Array;
  readonly tags: readonly (PortableColumn | undefined)[];
}

/** Where a segment lies, as far as this is a file that others can open. */
export function placeOf(entry: StoredObject & { readonly sizeBytes: number }): SegmentPlace {
  return { name: entry.name, file: fileOf(entry), offset: entry.pack?.offset ?? 0, sizeBytes: entry.sizeBytes };
}

export class StoredShare implements ScanShare {
  readonly morsels: readonly Morsel[];
  readonly rowCount: number;
  readonly #parts: ScanParts;
  readonly #sourcesOf: (partition: number) => readonly ScanSource[];

  constructor(parts: ScanParts, morsels: readonly Morsel[], sourcesOf: (partition: number) => readonly ScanSource[]) {
    this.#parts = parts;
    this.morsels = morsels;
    this.#sourcesOf = sourcesOf;
    this.rowCount = morsels.reduce((sum, { runs }) => sum + rowsOf(runs), 0);
  }

  portable(): PortableShare | undefined {
    const segments = new Map<number, SharedSegment>();
    const series = new Set<number>();
    const packed = this.morsels.map((morsel) => {
      const sources = this.#sourcesOf(morsel.partition);
      for (const { seriesId, pieces } of morsel.runs) {
        series.add(seriesId);
        for (const { source } of pieces) {
          if (!segments.has(source)) segments.set(source, sharedSegment(sourceOf(sources, source)));
        }
      }
      return packMorsel(morsel);
    });
    const seriesIds = Float64Array.from(series).sort();
    const tags = this.#tagsOf(seriesIds);
    if (tags === undefined) return undefined;
    const { from, to } = this.#parts.bounds;
    return { from, to, segments: [...segments.values()], morsels: packed, seriesIds, tags };
  }

  /** undefined where some value does not travel. */
  #tagsOf(seriesIds: Float64Array): (PortableColumn | undefined)[] | undefined {
    const tags: (PortableColumn | undefined)[] = [];
    const ids = Array.from(seriesIds);
    const ends = ids.map((_, index) => index + 1);
    for (const output of this.#parts.outputs) {
      if (output.kind !== 'tag') {
        tags.push(undefined);
        continue;
      }
      const portable = portableColumn(output.tag.column({ seriesIds: ids, ends }, ids.length), ids.length);
      if (portable === undefined) return undefined;
      tags.push(portable);
    }
    return tags;
  }
}

function sharedSegment(source: ScanSource): SharedSegment {
  invariant(source.kind === 'segment' && source.place !== undefined, 'a share lies in segments that others can open');
  const { directory } = source.reader;
  invariant(directory !== undefined, 'segments of tables are read through the cache');
  return { ...source.place, id: source.id, dead: source.dead.slice(), directory };
}

function packMorsel({ partition, runs }: Morsel): PackedMorsel {
  const pieceCount = runs.reduce((count, { pieces }) => count + pieces.length, 0);
  const packed = {
    partition,
    seriesIds: new Float64Array(runs.length),
    isSole: new Uint8Array(runs.length),
    pieceEnds: new Uint32Array(runs.length),
    sources: new Uint32Array(pieceCount),
    from: new Uint32Array(pieceCount),
    to: new Uint32Array(pieceCount),
  };
  let at = 0;
  for (let run = 0; run < runs.length; run++) {
    const { seriesId, isSole, pieces } = runs[run];
    packed.seriesIds[run] = seriesId;
    packed.isSole[run] = isSole ? 1 : 0;
    for (const { source, from, to } of pieces) {
      packed.sources[at] = source;
      packed.from[at] = from;
      packed.to[at] = to;
      at++;
    }
    packed.pieceEnds[run] = at;
  }
  return packed;
}

/** The way back, in the thread that reads the morsel. */
export function unpackMorsel({ partition, seriesIds, isSole, pieceEnds, sources, from, to }: PackedMorsel): Morsel {
  const runs: Run[] = [];
  let at = 0;
  for (let run = 0; run < seriesIds.length; run++) {
    const pieces: { source: number; from: number; to: number }[] = [];
    for (; at < pieceEnds[run]; at++) pieces.push({ source: sources[at], from: from[at], to: to[at] });
    runs.push({ seriesId: seriesIds[run], isSole: isSole[run] === 1, pieces });
  }
  return { partition, runs };
}

export function extentOfRuns(runs: readonly Run[], sources: readonly ScanSource[]): MorselExtent {
  let known = Number.NaN;
  let isShareable = true;
  for (let run = 0; run < runs.length && isShareable; run++) {
    for (const { source } of runs[run].pieces) {
      if (source === known) continue;
      isShareable &&= isPlaced(sources, source);
      known = source;
    }
  }
  return { rowCount: rowsOf(runs), unitMicros: isShareable ? unitMicrosOf(runs, sources) : 0, isShareable };
}

function isPlaced(sources: readonly ScanSource[], id: number): boolean {
  if (id < 0) return false;
  const source = sourceOf(sources, id);
  return source.kind === 'segment' && source.place !== undefined;
}

/** The mean of some runs. */
function unitMicrosOf(runs: readonly Run[], sources: readonly ScanSource[]): number {
  const step = Math.max(Math.floor(runs.length / SAMPLED_RUNS), 1);
  let micros = 0;
  let units = 0;
  for (let index = 0; index < runs.length; index += step) {
    const { pieces } = runs[index];
    const [{ source: id, from, to }] = pieces;
    const { reader } = sourceOf(sources, id) as SegmentScanSource;
    const times = reader.columnStatistics(reader.header.sortColumnNumber);
    const firstUnit = reader.unitOfRow(from);
    const lastUnit = reader.unitOfRow(to - 1);
    // Of wide instants it matters to nobody how long exactly.
    micros += Number(times.maxOf(lastUnit)) - Number(times.minOf(firstUnit));
    units += lastUnit - firstUnit + 1;
  }
  return units === 0 ? 0 : micros / units;
}

/** Pieces of whole units; a run that is merged stays whole. */
export function cutMorsel(morsel: Morsel, sources: readonly ScanSource[], maxRows: number): readonly Morsel[] {
  if (rowsOf(morsel.runs) <= maxRows) return [morsel];
  const parts: Morsel[] = [];
  let runs: Run[] = [];
  let rowCount = 0;
  const add = (run: Run, count: number): void => {
    runs.push(run);
    rowCount += count;
    if (rowCount < maxRows) return;
    parts.push({ ...morsel, runs });
    runs = [];
    rowCount = 0;
  };
  for (const run of morsel.runs) {
    const [piece] = run.pieces;
    const source = sourceOf(sources, piece.source);
    if (!run.isSole || run.pieces.length > 1 || source.kind !== 'segment') {
      add(run, rowsOf([run]));
      continue;
    }
    const { reader } = source;
    for (let from = piece.from; from < piece.to; ) {
      // Up to the end of the unit that the last wanted row lies in.
      const wanted = Math.min(from + Math.max(maxRows - rowCount, 1), piece.to) - 1;
      const to = Math.min(reader.unitStarts[reader.unitOfRow(wanted) + 1], piece.to);
      add({ ...run, pieces: [{ source: piece.source, from, to }] }, to - from);
      from = to;
    }
  }
  if (runs.length > 0) parts.push({ ...morsel, runs });
  return parts;
}

function rowsOf(runs: readonly Run[]): number {
  let count = 0;
  for (const { pieces } of runs) for (const { from, to } of pieces) count += to - from;
  return count;
}
