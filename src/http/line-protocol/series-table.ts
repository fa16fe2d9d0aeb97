import type { SeriesEntry } from './table-rows.ts';

/** The tag sets of one request, found by the bytes that name them. Open hashing over FNV-1a of the bytes. */
export class SeriesTable {
  readonly #buckets = new Map<number, SeriesEntry[]>();

  find(body: Buffer, from: number, to: number, hash: number): SeriesEntry | undefined {
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) return undefined;
    for (const entry of bucket) {
      if (startsWithBytes(body, from, entry.keyBytes) && entry.keyBytes.length === to - from) return entry;
    }
    return undefined;
  }

  add(entry: SeriesEntry, hash: number): void {
    const bucket = this.#buckets.get(hash);
    if (bucket === undefined) this.#buckets.set(hash, [entry]);
    else bucket.push(entry);
  }
}

/** Whether `expected` stands in `body` at `from`. Compares from the end, where names of one table differ. */
export function startsWithBytes(body: Buffer, from: number, expected: Buffer): boolean {
  for (let index = expected.length - 1; index >= 0; index--) {
    if (body[from + index] !== expected[index]) return false;
  }
  return true;
}
