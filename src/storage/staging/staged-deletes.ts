import { type RowNames, selectNames } from '../deletes/row-names.ts';
import { LOCAL_SERIES } from '../scan/output-columns.ts';
import { PLAIN_PARTITION, partitionOf } from '../table-identity.ts';
import type { TableWrites } from '../versions/write-set.ts';
import { placesIn, type StagedPlace } from './staged-keys.ts';

/**
 * Where the rows of the names stand among those that the transaction has staged. Names may be older than the staging: then
 * they have the ids that the rows had before.
 */
export async function locateStaged(writes: TableWrites, names: RowNames): Promise<StagedPlace[]> {
  const { staged } = writes;
  if (staged.isEmpty) return [];
  const { timeSeries } = writes.descriptor;
  const byPartition = new Map<number, number[]>();
  for (let name = 0; name < names.rowCount; name++) {
    if (
      names.rowIds === undefined ? isUnstaged(writes, names.seriesIds[name]) : !hasRowId(writes, names.rowIds[name])
    ) {
      continue;
    }
    const partition =
      timeSeries === undefined ? PLAIN_PARTITION : partitionOf(names.times[name], timeSeries.partitionMicros);
    const known = byPartition.get(partition);
    if (known === undefined) byPartition.set(partition, [name]);
    else known.push(name);
  }
  const places: StagedPlace[] = [];
  for (const [partition, list] of byPartition) {
    const segments = staged.ofPartition(partition);
    if (segments.length === 0) continue;
    const found = await placesIn(segments, asStaged(writes, selectNames(names, list)));
    for (const place of found) places.push({ ...place, name: list[place.name]! });
  }
  return places;
}

/** A series of the write set of which no row was staged: it has no id there that could be taken for another's. */
function isUnstaged({ staged }: TableWrites, seriesId: number): boolean {
  return seriesId >= LOCAL_SERIES && staged.seriesIdOf(seriesId - LOCAL_SERIES) < 0;
}

function hasRowId({ staged }: TableWrites, rowId: number): boolean {
  return staged.hasRowId(staged.rowIdOf(rowId));
}

/** The names with the ids that their rows have in staged segments. */
function asStaged({ staged, descriptor }: TableWrites, names: RowNames): RowNames {
  const seriesIds = names.seriesIds.map((id) =>
    id < LOCAL_SERIES ? id : Math.max(staged.seriesIdOf(id - LOCAL_SERIES), 0),
  );
  const rowIds = names.rowIds?.map((id) => staged.rowIdOf(id));
  const times = descriptor.timeSeries === undefined && rowIds !== undefined ? rowIds : names.times;
  return { ...names, seriesIds, rowIds, times };
}
