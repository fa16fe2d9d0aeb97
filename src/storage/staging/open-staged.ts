import type { Lsn } from '../../catalog/table.ts';
import type { ReplayFilter } from '../apply-commit.ts';
import type { CommitRecord } from '../commit/commit-record.ts';
import type { EngineState } from '../engine-state.ts';
import { fileOf } from '../packs/pack-place.ts';
import type { StorageParts } from '../storage-parts.ts';
import { StoredSegment } from '../stored-segment.ts';
import type { StagedSegments } from './apply-staged.ts';
import type { StagedEntry } from './staged-record.ts';

/** The staged segments of a commit that is being replayed, less those that the manifest has or has done with. */
export async function openStagedSegments(
  { operations }: CommitRecord,
  lsn: Lsn,
  { state, parts, filter }: { state: EngineState; parts: StorageParts; filter: ReplayFilter },
): Promise<StagedSegments> {
  const segments = new Map<StagedEntry, (lsn: Lsn) => StoredSegment>();
  for (const operation of operations) {
    if (operation.kind !== 'staged') continue;
    const { tableOid } = operation;
    if (filter.hasCatalog(lsn) && !state.tables.has(tableOid)) continue;
    for (const entry of operation.segments) {
      const { partition, ...rest } = entry;
      if (filter.hasRows(lsn, tableOid, partition)) continue;
      const segment = await StoredSegment.open(
        parts,
        { ...rest, minLsn: lsn, maxLsn: lsn },
        { tableOid, seriesCount: Number.POSITIVE_INFINITY },
      );
      segment.isNamed = false;
      segments.set(entry, () => segment);
    }
  }
  return segments;
}

/** The files that the commit names for them. */
export function stagedFiles(segments: StagedSegments): string[] {
  return Array.from(segments.keys()).flatMap((entry) =>
    entry.deletes === undefined ? [fileOf(entry)] : [fileOf(entry), fileOf(entry.deletes)],
  );
}
