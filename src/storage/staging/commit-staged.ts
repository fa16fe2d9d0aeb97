import { DeleteVector } from '../deletes/delete-vector.ts';
import { type DeletesEntry, writeDeletesObject } from '../deletes/deletes-object.ts';
import type { EngineState } from '../engine-state.ts';
import { flushError } from '../flush-error.ts';
import { OwnFiles } from '../packs/object-target.ts';
import type { StorageParts } from '../storage-parts.ts';
import type { StoredSegment } from '../stored-segment.ts';
import type { TableWrites, WriteSet } from '../versions/write-set.ts';
import type { StagedSegments } from './apply-staged.ts';
import type { StagedEntry, StagedRows } from './staged-record.ts';
import { liveRows } from './staged-table.ts';

/** What a commit record is to say of staged rows, and how its application gets at them. */
export interface StagedCommit {
  readonly operations: ReadonlyMap<number, StagedRows>;
  readonly segments: StagedSegments;
  /** Staged segments of which no row is left. */
  readonly unused: readonly StoredSegment[];
  /** Objects that were made for this commit. */
  readonly written: readonly DeletesEntry[];
}

/**
 * Makes all that the transaction has staged ready to be named by one record: what it has deleted of its own rows is
 * written beside them. Rows that a reader of the commit never saw are deleted since LSN 0. Rejects with 53100 and 58030.
 */
export async function prepareStagedCommit(
  writeSet: WriteSet,
  { state, parts, databaseOid }: { state: EngineState; parts: StorageParts; databaseOid: number },
): Promise<StagedCommit> {
  const operations = new Map<number, StagedRows>();
  const segments = new Map<StagedEntry, (lsn: number) => StoredSegment>();
  const unused: StoredSegment[] = [];
  const written: DeletesEntry[] = [];
  const target = new OwnFiles(parts.segments);
  const tableOperation = async (writes: TableWrites): Promise<void> => {
    const entries: StagedEntry[] = [];
    for (const { partition, segment } of writes.staged.segments) {
      if (liveRows(segment) === 0) {
        unused.push(segment);
        continue;
      }
      const deletes = sinceEver(segment.deletes);
      const newName = () => state.objectNames.newObject({ databaseOid, oid: writes.tableOid }, 'deletes');
      let stored: DeletesEntry | undefined;
      if (deletes.count > 0) {
        const segmentRows = segment.entry.rowCount;
        stored = await writeDeletesObject(target, newName, { deletes, upTo: 0, segmentRows });
        written.push(stored);
      }
      const { minLsn: _min, maxLsn: _max, deletes: _none, ...rest } = segment.entry;
      const entry: StagedEntry = { partition, ...rest, ...(stored === undefined ? {} : { deletes: stored }) };
      entries.push(entry);
      const { partition: _partition, ...committed } = entry;
      segments.set(entry, (lsn) => segment.committed({ ...committed, minLsn: lsn, maxLsn: lsn }, deletes));
    }
    if (entries.length === 0) return;
    operations.set(writes.tableOid, {
      kind: 'staged',
      tableOid: writes.tableOid,
      schemaVersion: writes.descriptor.schemaVersion,
      nextRowId: writes.staged.nextRowId,
      segments: entries,
    });
  };
  try {
    for (const writes of writeSet.tables()) if (!writes.staged.isEmpty) await tableOperation(writes);
  } catch (error) {
    // What cannot be removed goes at the next start.
    for (const { name } of written) await parts.segments.remove(name).catch(() => {});
    throw flushError(error as Error);
  }
  return { operations, segments, unused, written };
}

function sinceEver(own: DeleteVector): DeleteVector {
  const deletes = new DeleteVector();
  for (const row of own.deadAt(Number.POSITIVE_INFINITY).rows) deletes.add(row, 0);
  return deletes;
}
