import { fileOf, type StoredObject } from '../packs/pack-place.ts';
import type { SegmentStore } from '../seams/segment-store.ts';

/** Something that is wrong with the data. */
export interface Problem {
  /** Relative to the data directory. */
  readonly file: string;
  /** In bytes from the start of the file, where that can be told. */
  readonly offset: number | undefined;
  readonly what: string;
}

/** Something that looks odd and costs nothing: a trace of a crash, or of an earlier repair. */
export interface Trace {
  readonly file: string;
  readonly what: string;
}

/** What a check has looked at. */
export interface CheckCounts {
  fileCount: number;
  sizeBytes: number;
  commitCount: number;
  tableCount: number;
  segmentCount: number;
  seriesCount: number;
  rowCount: number;
}

/** What a check has found so far. Paths are those of the file system; they are told relative to the directory. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly harmless: Trace[] = [];
  readonly counts: CheckCounts = {
    fileCount: 0,
    sizeBytes: 0,
    commitCount: 0,
    tableCount: 0,
    segmentCount: 0,
    seriesCount: 0,
    rowCount: 0,
  };
  readonly #directory: string;
  readonly #packs = new Set<string>();
  readonly #onProgress: ((doneBytes: number) => void) | undefined;

  constructor(directory: string, onProgress?: (doneBytes: number) => void) {
    this.#directory = directory;
    this.#onProgress = onProgress;
  }

  problem(path: string, offset: number | undefined, what: string): void {
    this.problems.push({ file: this.#relative(path), offset, what: what.replaceAll(`${this.#directory}/`, '') });
  }

  trace(path: string, what: string): void {
    this.harmless.push({ file: this.#relative(path), what });
  }

  countFile(sizeBytes: number): void {
    this.counts.fileCount++;
    this.counts.sizeBytes += sizeBytes;
    this.#onProgress?.(this.counts.sizeBytes);
  }

  /** Counts the file of an object; a pack counts once, and whole. Rejects as `SegmentStore.open` does. */
  async countObject(segments: SegmentStore, object: StoredObject): Promise<void> {
    const file = fileOf(object);
    if (this.#packs.has(file)) return;
    const opened = await segments.open(file);
    this.countFile(opened.sizeBytes);
    await opened.close();
    if (object.pack !== undefined) this.#packs.add(file);
  }

  #relative(path: string): string {
    return path.startsWith(`${this.#directory}/`) ? path.slice(this.#directory.length + 1) : path;
  }
}
