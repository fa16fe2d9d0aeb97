import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherBatch } from '../../columnar/copy-rows.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { GroupTable } from '../group-table.ts';
import { KeyHasher } from './key-hash.ts';
import { RowPartitions } from './row-partitions.ts';
import type { SpillFile } from './spill-file.ts';
import type { SpillSpace } from './spill-space.ts';

export interface OverflowOptions {
  /** Of the rows. */
  readonly types: readonly SqlType[];
  readonly keyTypes: readonly SqlType[];
  readonly space: SpillSpace;
  /** How many times the rows were parted before. */
  readonly level: number;
}

/**
 * What a hash table over groups does when it may not grow: rows of groups that it has stay with it, the others wait on
 * disk, parted by their keys, until the table is done with. Closed by who made it.
 */
export class Overflow {
  readonly #partitions: RowPartitions;
  readonly #hasher: KeyHasher;
  #hashes = new Int32Array(1024);
  #groups = new Int32Array(1024);
  #known = new Uint32Array(1024);
  #unknown = new Uint32Array(1024);

  constructor({ types, keyTypes, space, level }: OverflowOptions) {
    this.#partitions = new RowPartitions(types, space, level);
    this.#hasher = new KeyHasher(keyTypes.map((type) => type.definition));
  }

  /** Puts the rows of groups that `table`, which is closed, lacks aside; returns the others. */
  async take(batch: Batch, keys: readonly Column[], table: Pick<GroupTable, 'known'>): Promise<Batch> {
    const { rowCount } = batch;
    if (this.#hashes.length < rowCount) {
      this.#hashes = new Int32Array(rowCount);
      this.#groups = new Int32Array(rowCount);
      this.#known = new Uint32Array(rowCount);
      this.#unknown = new Uint32Array(rowCount);
    }
    table.known(keys, rowCount, this.#groups);
    let knownCount = 0;
    let unknownCount = 0;
    for (let row = 0; row < rowCount; row++) {
      if (this.#groups[row] < 0) this.#unknown[unknownCount++] = row;
      else this.#known[knownCount++] = row;
    }
    if (unknownCount === 0) return batch;
    this.#hasher.hash(keys, rowCount, this.#hashes);
    await this.#partitions.add(batch, this.#hashes, { rows: this.#unknown, count: unknownCount });
    return gatherBatch(batch, this.#known, knownCount);
  }

  /** The files with what was put aside: groups of one file stand in no other. */
  async finish(): Promise<readonly SpillFile[]> {
    await this.#partitions.finish();
    return this.#partitions.files.filter((file) => file !== undefined);
  }

  async close(): Promise<void> {
    await this.#partitions.close();
  }
}
