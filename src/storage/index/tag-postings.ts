import { NULL_CODE } from './tag-dictionary.ts';

/**
 * Tag value → series ids, as chains through two arrays: the newest series of each value, and per series the one before it
 * with the same value. 4 bytes a series and 4 a value.
 */
export class TagPostings {
  /** Per code + 1 (0 = NULL) the id + 1 of its newest series. */
  #heads = new Uint32Array(16);
  /** Per series the id + 1 of the next older one. */
  #older = new Uint32Array(16);

  /** Series ids come in ascending order. */
  add(id: number, code: number): void {
    const head = code === NULL_CODE ? 0 : code + 1;
    if (head >= this.#heads.length) this.#heads = grown(this.#heads, head + 1);
    if (id >= this.#older.length) this.#older = grown(this.#older, id + 1);
    this.#older[id] = this.#heads[head];
    this.#heads[head] = id + 1;
  }

  rebuild(codes: Uint32Array, size: number): void {
    this.#heads.fill(0);
    for (let id = 0; id < size; id++) this.add(id, codes[id]);
  }

  /** The ids of all series with one of the codes, ascending. */
  idsOf(codes: ReadonlySet<number>): Uint32Array {
    let count = 0;
    for (const code of codes) for (let entry = this.#head(code); entry !== 0; entry = this.#older[entry - 1]) count++;
    const ids = new Uint32Array(count);
    let at = count;
    for (const code of codes) {
      for (let entry = this.#head(code); entry !== 0; entry = this.#older[entry - 1]) ids[--at] = entry - 1;
    }
    return codes.size > 1 ? ids.sort() : ids;
  }

  #head(code: number): number {
    const head = code === NULL_CODE ? 0 : code + 1;
    return head < this.#heads.length ? this.#heads[head] : 0;
  }
}

function grown(from: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(Math.max(size, from.length * 2));
  to.set(from);
  return to;
}
