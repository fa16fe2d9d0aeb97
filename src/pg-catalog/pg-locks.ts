import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** Pages, tuples and transaction ids are not locked here, nothing goes past the lock table, and nobody notes when a wait began. */
export function* pgLocksRows(source: CatalogSource): Iterable<readonly Value[]> {
  for (const { kind, databaseOid, relationOid, advisory, processId, mode, isGranted } of source.locks()) {
    const virtualId = `${processId}/1`;
    yield [
      kind,
      databaseOid ?? null,
      relationOid ?? null,
      null,
      null,
      kind === 'virtualxid' ? virtualId : null,
      null,
      advisory?.classId ?? null,
      advisory?.objectId ?? null,
      advisory?.subId ?? null,
      virtualId,
      processId,
      mode,
      isGranted,
      false,
      null,
    ];
  }
}
