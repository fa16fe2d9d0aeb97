import type { Timers } from '../../src/platform/timers.ts';

/** Time passes only when a test says so. */
export class ManualTimers implements Timers {
  #nowMs = 0;
  readonly #waiting = new Set<{ readonly atMs: number; readonly action: () => void }>();

  after(delayMs: number, action: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, action };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  /** Runs what is due within the next `ms`, in order; an action may set further timers. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#waiting].filter((entry) => entry.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#waiting.delete(due);
      this.#nowMs = due.atMs;
      due.action();
    }
    this.#nowMs = endMs;
  }
}
