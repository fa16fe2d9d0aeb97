/** The largest numbers of many, as many as were asked for: a heap whose top is the smallest of them. */
export class LargestValues {
  readonly #heap: Float64Array;
  #count = 0;

  /** `capacity` ≥ 1. */
  constructor(capacity: number) {
    this.#heap = new Float64Array(capacity);
  }

  get isFull(): boolean {
    return this.#count === this.#heap.length;
  }

  /** When full: as many values as were asked for are no less than this. */
  get smallest(): number {
    return this.#heap[0];
  }

  /** `value` is not NaN. */
  add(value: number): void {
    const heap = this.#heap;
    if (!this.isFull) {
      let at = this.#count++;
      for (; at > 0; ) {
        const parent = (at - 1) >>> 1;
        if (heap[parent] <= value) break;
        heap[at] = heap[parent];
        at = parent;
      }
      heap[at] = value;
      return;
    }
    if (value <= heap[0]) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
      if (heap[child] >= value) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
  }
}
