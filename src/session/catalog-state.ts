import type { SharedCatalog } from '../catalog/access/shared-catalog.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';

/** PostgreSQL's first transaction of its own; smaller numbers mean something else. */
const FIRST_TRANSACTION_ID = 3;

/** A version of a catalog together with what else its system tables show. */
export interface CatalogState {
  /** Later states of a server have higher ones. */
  readonly transactionId: number;
}

interface Known extends CatalogState {
  readonly statisticsVersion: number;
  readonly shared: SharedCatalog;
}

const states = new WeakMap<CatalogReader, Known>();
let lastTransactionId = FIRST_TRANSACTION_ID;

/** The number of the newest state that anybody has looked at: what counts as the number of a transaction here. */
export function newestTransactionId(): number {
  return lastTransactionId;
}

/** The same object as long as catalog, statistics, roles and databases are the same, whoever asks. */
export function catalogState(catalog: CatalogReader, statisticsVersion: number, shared: SharedCatalog): CatalogState {
  const known = states.get(catalog);
  if (known?.statisticsVersion === statisticsVersion && known.shared === shared) return known;
  lastTransactionId += 1;
  const state: Known = { transactionId: lastTransactionId, statisticsVersion, shared };
  states.set(catalog, state);
  return state;
}
