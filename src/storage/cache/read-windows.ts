/** A stretch of a segment as read from disk: the encoded units `firstUnit` to `endUnit` (exclusive) of one column. */
export interface ReadWindow {
  readonly firstUnit: number;
  readonly endUnit: number;
  readonly sizeBytes: number;
  /** One behind the other; several where blocks of units were decompressed. */
  readonly pieces: readonly WindowPiece[];
}

export interface WindowPiece {
  readonly endUnit: number;
  /** Where `bytes` begins in the segment. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The windows read last, one for each reader of a column, up to a number of bytes; the oldest goes first. */
export class ReadWindows {
  readonly #limitBytes: number;
  readonly #windows = new Map<object, ReadWindow>();
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get(owner: object): ReadWindow | undefined {
    return this.#windows.get(owner);
  }

  /** Replaces the owner's window. One larger than the limit is not kept. */
  set(owner: object, window: ReadWindow): void {
    this.delete(owner);
    if (window.sizeBytes > this.#limitBytes) return;
    this.#windows.set(owner, window);
    this.#sizeBytes += window.sizeBytes;
    for (const oldest of this.#windows.keys()) {
      if (this.#sizeBytes <= this.#limitBytes) break;
      this.delete(oldest);
    }
  }

  delete(owner: object): void {
    const window = this.#windows.get(owner);
    if (window === undefined) return;
    this.#windows.delete(owner);
    this.#sizeBytes -= window.sizeBytes;
  }
}
