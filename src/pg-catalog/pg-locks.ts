import type { Value } from '../types/value.ts';
import type { CatalogSource } from './catalog-source.ts';

/** The columns between the locked thing's numbers and the mode are empty for what is no page, tuple or transaction. */
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
      kind !== 'advisory' && isGranted && mode !== 'AccessExclusiveLock',
      null,
    ];
  }
}
