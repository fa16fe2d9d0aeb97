import type { Lsn } from '../../catalog/table.ts';

/** Per partition of a table the commits whose deletes the manifest does not have yet: they keep the log from being cut. */
export class UnflushedDeletes {
  readonly #lsns = new Map<number, Lsn[]>();

  /** LSNs must not descend. */
  note(partition: number, lsn: Lsn): void {
    const lsns = this.#lsns.get(partition);
    if (lsns === undefined) this.#lsns.set(partition, [lsn]);
    else if (lsns.at(-1) !== lsn) lsns.push(lsn);
  }

  /** The first commit with such deletes in the partition; Infinity when there is none. */
  firstOf(partition: number): Lsn {
    return this.#lsns.get(partition)?.[0] ?? Number.POSITIVE_INFINITY;
  }

  /** The first commit, leaving out those of each partition up to the LSN that `applied` has for it. */
  first(applied?: ReadonlyMap<number, Lsn>): Lsn {
    let first = Number.POSITIVE_INFINITY;
    for (const [partition, lsns] of this.#lsns) {
      const appliedLsn = applied?.get(partition) ?? 0;
      first = Math.min(first, lsns.find((lsn) => lsn > appliedLsn) ?? first);
    }
    return first;
  }

  /** The manifest has those up to `appliedLsn` now. */
  flushed(partition: number, appliedLsn: Lsn): void {
    this.#keep(partition, (lsn) => lsn > appliedLsn);
  }

  /** The commits from `lsn` on are taken back. */
  removeFrom(partition: number, lsn: Lsn): void {
    this.#keep(partition, (known) => known < lsn);
  }

  #keep(partition: number, isKept: (lsn: Lsn) => boolean): void {
    const kept = this.#lsns.get(partition)?.filter(isKept) ?? [];
    if (kept.length === 0) this.#lsns.delete(partition);
    else this.#lsns.set(partition, kept);
  }
}
