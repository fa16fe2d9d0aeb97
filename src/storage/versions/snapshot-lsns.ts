import type { Lsn } from '../../catalog/table.ts';

/** At which LSNs somebody is reading: what no snapshot may ask for any more can be forgotten. */
export class SnapshotLsns {
  readonly #counts = new Map<Lsn, number>();

  add(lsn: Lsn): void {
    this.#counts.set(lsn, (this.#counts.get(lsn) ?? 0) + 1);
  }

  remove(lsn: Lsn): void {
    const count = this.#counts.get(lsn)!;
    if (count === 1) this.#counts.delete(lsn);
    else this.#counts.set(lsn, count - 1);
  }

  /** The oldest of them, or `newest` when there is none. */
  oldest(newest: Lsn): Lsn {
    let oldest = newest;
    for (const lsn of this.#counts.keys()) if (lsn < oldest) oldest = lsn;
    return oldest;
  }
}
