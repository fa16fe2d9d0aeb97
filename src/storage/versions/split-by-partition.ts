import { partitionOf } from '../table-identity.ts';

/** Rows that fall into one partition; `rows` undefined means all. */
export interface PartitionRows {
  readonly partition: number;
  readonly rows: Uint32Array | undefined;
}

/** Which partition each row falls into. Most batches lie in one, and then nothing has to be copied. */
export function splitByPartition(times: Float64Array, partitionMicros: number): readonly PartitionRows[] {
  if (times.length === 0) return [];
  let min = times[0];
  let max = times[0];
  for (let row = 1; row < times.length; row++) {
    const time = times[row];
    if (time < min) min = time;
    else if (time > max) max = time;
  }
  const first = partitionOf(min, partitionMicros);
  if (first === partitionOf(max, partitionMicros)) return [{ partition: first, rows: undefined }];
  const counts = new Map<number, number>();
  const partitions = new Float64Array(times.length);
  for (let row = 0; row < times.length; row++) {
    const partition = partitionOf(times[row], partitionMicros);
    partitions[row] = partition;
    counts.set(partition, (counts.get(partition) ?? 0) + 1);
  }
  const lists = new Map<number, { rows: Uint32Array; length: number }>();
  for (const [partition, count] of counts) lists.set(partition, { rows: new Uint32Array(count), length: 0 });
  for (let row = 0; row < times.length; row++) {
    const list = lists.get(partitions[row])!;
    list.rows[list.length++] = row;
  }
  return [...lists].map(([partition, { rows }]) => ({ partition, rows }));
}
