import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** A cursor of the session, as pg_cursors shows it. */
export interface CursorFact {
  readonly name: string;
  /** The statement that declared it. */
  readonly statement: string;
  readonly isHoldable: boolean;
  readonly isBinary: boolean;
  readonly isScrollable: boolean;
  /** µs since 2000-01-01 UTC. */
  readonly createdMicros: number;
}

export function* pgCursorsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const { name, statement, isHoldable, isBinary, isScrollable, createdMicros } of source.cursors()) {
    yield [name, statement, isHoldable, isBinary, isScrollable, createdMicros];
  }
}
