import type { TableStatistics } from '../catalog/table-statistics.ts';

/** Statistics of more tables would only help those that nobody asks about any more. */
const MAX_TABLES = 10_000;

/**
 * What ANALYZE has found out, by table. It lives as long as the process: after a start the planner goes by row counts,
 * which the tables know themselves, until ANALYZE runs again.
 */
export class StatisticsStore {
  readonly #tables = new Map<number, TableStatistics>();
  #version = 0;

  /** Grows whenever something becomes known. */
  get version(): number {
    return this.#version;
  }

  get(tableOid: number): TableStatistics | undefined {
    return this.#tables.get(tableOid);
  }

  /** Columns that were not looked at this time keep what was known of them. */
  put(tableOid: number, statistics: TableStatistics): void {
    const columns = new Map([...(this.#tables.get(tableOid)?.columns ?? []), ...statistics.columns]);
    this.#version += 1;
    this.#tables.delete(tableOid);
    this.#tables.set(tableOid, { ...statistics, columns });
    if (this.#tables.size <= MAX_TABLES) return;
    for (const oldest of this.#tables.keys()) {
      this.#tables.delete(oldest);
      return;
    }
  }
}
