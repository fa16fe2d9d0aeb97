import type { PartitionEntry, SegmentEntry } from '../checkpoint/manifest-content.ts';
import { isDamage } from '../damage.ts';
import { readDeletesObject } from '../deletes/deletes-object.ts';
import { fileOf } from '../packs/pack-place.ts';
import type { SegmentStore } from '../seams/segment-store.ts';
import type { Findings } from './findings.ts';

/** The deleted rows of a segment: each is one of its rows, deleted by a commit that the partition has applied. */
export async function checkDeletes(
  { segments, path }: { readonly segments: SegmentStore; readonly path: (name: string) => string },
  { deletes, rowCount }: SegmentEntry,
  { appliedLsn }: PartitionEntry,
  findings: Findings,
): Promise<void> {
  if (deletes === undefined) return;
  const file = path(fileOf(deletes));
  try {
    await findings.countObject(segments, deletes);
    const vector = await readDeletesObject(segments, deletes, rowCount);
    for (let index = 0; index < vector.count; index++) {
      const lsn = vector.stampAt(index);
      if (lsn <= appliedLsn) continue;
      findings.problem(
        file,
        undefined,
        `a row was deleted by commit ${lsn}, the partition is applied up to ${appliedLsn}`,
      );
      return;
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    findings.problem(file, undefined, error.message);
  }
}
