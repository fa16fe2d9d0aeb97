import type { Morsel, MorselExtent, ScanShare, TableScan } from '../../catalog/table.ts';

/** Work in nanoseconds, about. */
export interface WorkSizes {
  /** What a scan is worth sharing from. */
  readonly worthSharing: number;
  /** What a part is to take; of long scans the parts grow, so that there are not too many. */
  readonly part: number;
}

/** Threads have code of their own to compile: until they have, what takes less is over sooner without them. */
const USUAL_SIZES: WorkSizes = { worthSharing: 32_000_000, part: 6_000_000 };
const PARTS_PER_SIZE = 8;
const MAX_GROWTH = 16;
/** Runs that are looked at before it is decided. */
const MAX_PLANNED_RUNS = 65_536;

/** A part of a scan, in the order of its rows: one that other threads can read, or not. */
export type ScanPart =
  | { readonly kind: 'share'; readonly share: ScanShare }
  | { readonly kind: 'own'; readonly morsels: readonly Morsel[] };

/** Work on the rows of a morsel, in nanoseconds, about. The same for the same data, whatever is cached or goes on. */
export type WorkEstimate = (extent: MorselExtent) => number;

export interface QueueOptions {
  /** A part has neighbouring morsels; otherwise those which others cannot read are gathered. */
  readonly keepsOrder: boolean;
  readonly sizes?: WorkSizes | undefined;
}

type SharedScan = TableScan & Required<Pick<TableScan, 'extentOf' | 'cut' | 'shareOf'>>;

/**
 * The morsels of a scan as parts of about the same work. Where one part ends and the next begins depends on the scan and its
 * data alone, so that results which depend on the order of additions come out the same each time.
 */
export class MorselQueue {
  readonly #scan: SharedScan;
  readonly #workOf: WorkEstimate;
  readonly #keepsOrder: boolean;
  readonly #sizes: WorkSizes;
  readonly #morsels: Iterator<Morsel>;
  #planned: Morsel[] = [];
  #isAtEnd = false;
  #shared: Morsel[] = [];
  #sharedWork = 0;
  #own: Morsel[] = [];
  #ownWork = 0;
  #partCount = 0;
  readonly #ready: ScanPart[] = [];

  constructor(scan: SharedScan, workOf: WorkEstimate, { keepsOrder, sizes = USUAL_SIZES }: QueueOptions) {
    this.#scan = scan;
    this.#workOf = workOf;
    this.#keepsOrder = keepsOrder;
    this.#sizes = sizes;
    this.#morsels = scan.morsels()[Symbol.iterator]();
  }

  /** undefined for scans that have no shares. */
  static of(scan: TableScan, workOf: WorkEstimate, options: QueueOptions): MorselQueue | undefined {
    const isShared = scan.extentOf !== undefined && scan.cut !== undefined && scan.shareOf !== undefined;
    return isShared ? new MorselQueue(scan as SharedScan, workOf, options) : undefined;
  }

  /** Looks at as many morsels as it takes to tell whether the work is worth sharing. */
  plan(): boolean {
    let work = 0;
    let runCount = 0;
    while (runCount < MAX_PLANNED_RUNS) {
      const morsel = this.#nextMorsel();
      if (morsel === undefined) return false;
      this.#planned.push(morsel);
      runCount += morsel.runs.length;
      const extent = this.#scan.extentOf(morsel);
      if (extent.isShareable) work += this.#workOf(extent);
      if (work >= this.#sizes.worthSharing) return true;
    }
    return false;
  }

  /** All morsels one by one, in place of parts. */
  *all(): Generator<Morsel, void, undefined> {
    yield* this.#planned.splice(0);
    for (let morsel = this.#nextMorsel(); morsel !== undefined; morsel = this.#nextMorsel()) yield morsel;
  }

  /** undefined behind the last part. */
  next(): ScanPart | undefined {
    while (this.#ready.length === 0) {
      const morsel = this.#planned.shift() ?? this.#nextMorsel();
      if (morsel === undefined) {
        this.#endShared();
        this.#endOwn();
        return this.#ready.shift();
      }
      this.#add(morsel);
    }
    return this.#ready.shift();
  }

  #nextMorsel(): Morsel | undefined {
    while (!this.#isAtEnd) {
      const step = this.#morsels.next();
      if (step.done === true) this.#isAtEnd = true;
      // Some are there only so that others get a turn.
      else if (step.value.runs.length > 0) return step.value;
    }
    return undefined;
  }

  #add(morsel: Morsel): void {
    const extent = this.#scan.extentOf(morsel);
    const work = this.#workOf(extent);
    if (!extent.isShareable) {
      if (this.#keepsOrder) this.#endShared();
      this.#own.push(morsel);
      this.#ownWork += work;
      if (this.#ownWork >= this.#partWork) this.#endOwn();
      return;
    }
    if (this.#keepsOrder) this.#endOwn();
    const rowsPerPart = Math.max(Math.ceil((this.#partWork / Math.max(work, 1)) * extent.rowCount), 1);
    for (const piece of work > this.#partWork ? this.#scan.cut(morsel, rowsPerPart) : [morsel]) {
      const pieceExtent = piece === morsel ? extent : this.#scan.extentOf(piece);
      this.#shared.push(piece);
      this.#sharedWork += piece === morsel ? work : (work * pieceExtent.rowCount) / extent.rowCount;
      if (this.#sharedWork >= this.#partWork) this.#endShared();
    }
  }

  get #partWork(): number {
    return this.#sizes.part * Math.min(2 ** Math.floor(this.#partCount / PARTS_PER_SIZE), MAX_GROWTH);
  }

  #endShared(): void {
    if (this.#shared.length === 0) return;
    this.#ready.push({ kind: 'share', share: this.#scan.shareOf(this.#shared) });
    this.#shared = [];
    this.#sharedWork = 0;
    this.#partCount++;
  }

  #endOwn(): void {
    if (this.#own.length === 0) return;
    this.#ready.push({ kind: 'own', morsels: this.#own });
    this.#own = [];
    this.#ownWork = 0;
    this.#partCount++;
  }
}
