import { SqlArray } from '../types/sql-array.ts';
import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** A prepared statement of the session, as pg_prepared_statements shows it. */
export interface PreparedFact {
  readonly name: string;
  /** The text that prepared it. */
  readonly text: string;
  /** µs since 2000-01-01 UTC. */
  readonly preparedMicros: number;
  readonly parameterTypeOids: readonly number[];
  /** By PREPARE, not by a message of the protocol. */
  readonly isFromSql: boolean;
  readonly useCount: number;
}

/** A plan of ours serves all values of its parameters: it is a generic one. */
export function* pgPreparedStatementsRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const { name, text, preparedMicros, parameterTypeOids, isFromSql, useCount } of source.preparedStatements()) {
    yield [name, text, preparedMicros, new SqlArray([...parameterTypeOids]), isFromSql, useCount, 0];
  }
}
