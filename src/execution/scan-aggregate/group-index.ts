/** A table larger than this is not made for groups that are few. */
const MAX_DENSE_ENTRIES = 1 << 22;
const FIRST_BUCKETS = 64;
/** Pairs as one exact number. */
const BUCKET_LIMIT = 2 ** 26;

/**
 * Numbers the pairs of tags' values and buckets 0, 1, 2 … in order of first appearance: one table with a place for every
 * pair, and a map of those that lie beyond it.
 */
export class GroupIndex {
  /** Places in order of (tags, bucket): the group counted from 1. */
  #table = new Uint32Array(FIRST_BUCKETS);
  #bucketCapacity = FIRST_BUCKETS;
  readonly #sparse = new Map<number, number>();
  #tags = new Uint32Array(64);
  #buckets = new Uint32Array(64);
  #groupCount = 0;

  get groupCount(): number {
    return this.#groupCount;
  }

  get sizeBytes(): number {
    return this.#table.byteLength + this.#sparse.size * 40 + this.#tags.byteLength * 2;
  }

  tagsOf(group: number): number {
    return this.#tags[group];
  }

  bucketOf(group: number): number {
    return this.#buckets[group];
  }

  groupOf(tags: number, bucket: number): number {
    if (bucket >= this.#bucketCapacity || (tags + 1) * this.#bucketCapacity > this.#table.length) {
      if (!this.#widen(tags, bucket)) return this.#sparseGroup(tags, bucket);
    }
    const place = tags * this.#bucketCapacity + bucket;
    const known = this.#table[place];
    if (known !== 0) return known - 1;
    const group = this.#add(tags, bucket);
    this.#table[place] = group + 1;
    return group;
  }

  #sparseGroup(tags: number, bucket: number): number {
    const pair = tags * BUCKET_LIMIT + bucket;
    const known = this.#sparse.get(pair);
    if (known !== undefined) return known;
    const group = this.#add(tags, bucket);
    this.#sparse.set(pair, group);
    return group;
  }

  #add(tags: number, bucket: number): number {
    if (this.#groupCount === this.#tags.length) {
      const grownTags = new Uint32Array(this.#groupCount * 2);
      const grownBuckets = new Uint32Array(this.#groupCount * 2);
      grownTags.set(this.#tags);
      grownBuckets.set(this.#buckets);
      this.#tags = grownTags;
      this.#buckets = grownBuckets;
    }
    const group = this.#groupCount++;
    this.#tags[group] = tags;
    this.#buckets[group] = bucket;
    return group;
  }

  /** Makes room for the pair; false where the table would be too large. */
  #widen(tags: number, bucket: number): boolean {
    if (this.#sparse.size > 0) return false;
    let capacity = this.#bucketCapacity;
    while (bucket >= capacity) capacity *= 2;
    const tagCapacity = this.#table.length / this.#bucketCapacity;
    let tagsNeeded = tagCapacity;
    while (tags >= tagsNeeded) tagsNeeded *= 2;
    if (capacity * tagsNeeded > MAX_DENSE_ENTRIES) return false;
    const table = new Uint32Array(capacity * tagsNeeded);
    for (let row = 0; row < tagCapacity; row++) {
      const from = row * this.#bucketCapacity;
      table.set(this.#table.subarray(from, from + this.#bucketCapacity), row * capacity);
    }
    this.#table = table;
    this.#bucketCapacity = capacity;
    return true;
  }
}
