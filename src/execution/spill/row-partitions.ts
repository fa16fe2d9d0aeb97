import type { Batch } from '../../columnar/batch.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { SpillFile } from './spill-file.ts';
import type { SpillSpace } from './spill-space.ts';

const PARTITION_BITS = 5;
const PARTITIONS = 1 << PARTITION_BITS;
/** Partitions of partitions: past them the hash has no bits left. */
export const MAX_LEVEL = 5;
/** Rows that are gathered for a partition before they are written. */
const PIECE_ROWS = 1024;

/** Rows in 32 temporary files by five bits of their hashes, in each file in the order in which they came. */
export class RowPartitions {
  readonly #types: readonly SqlType[];
  readonly #shift: number;
  readonly #space: SpillSpace;
  readonly #files: (SpillFile | undefined)[] = new Array(PARTITIONS).fill(undefined);
  readonly #builders: (readonly ColumnBuilder[] | undefined)[] = new Array(PARTITIONS).fill(undefined);
  readonly #counts = new Uint32Array(PARTITIONS);

  /** `level`: how many times the rows were parted before, 0 for the first. */
  constructor(types: readonly SqlType[], space: SpillSpace, level: number) {
    this.#types = types;
    this.#space = space;
    this.#shift = level * PARTITION_BITS;
  }

  /** Copies the rows of the batch, or those that `selection` names. */
  async add(
    batch: Batch,
    hashes: Int32Array,
    selection?: { readonly rows: Uint32Array; readonly count: number },
  ): Promise<void> {
    const count = selection?.count ?? batch.rowCount;
    for (let index = 0; index < count; index++) {
      const row = selection === undefined ? index : selection.rows[index];
      const partition = (hashes[row] >>> this.#shift) & (PARTITIONS - 1);
      const builders = this.#buildersOf(partition);
      for (let column = 0; column < builders.length; column++) builders[column].pushFrom(batch.columns[column], row);
      this.#counts[partition] += 1;
      if (this.#counts[partition] === PIECE_ROWS) await this.#write(partition);
    }
  }

  /** Writes what is left. Nothing can be added afterwards. */
  async finish(): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      if (this.#counts[partition] > 0) await this.#write(partition);
      await this.#files[partition]?.finish();
    }
  }

  /** By partition; undefined where there are no rows. */
  get files(): readonly (SpillFile | undefined)[] {
    return this.#files;
  }

  get sizeBytes(): number {
    return this.#files.reduce((size, file) => size + (file?.sizeBytes ?? 0), 0);
  }

  async close(): Promise<void> {
    for (const file of this.#files.splice(0)) await file?.close();
  }

  #buildersOf(partition: number): readonly ColumnBuilder[] {
    let builders = this.#builders[partition];
    if (builders === undefined) {
      builders = this.#types.map(
        ({ definition }) => new ColumnBuilder(definition.representation, { text: 'dictionary' }),
      );
      this.#builders[partition] = builders;
    }
    return builders;
  }

  async #write(partition: number): Promise<void> {
    const rowCount = this.#counts[partition];
    const columns = this.#buildersOf(partition).map((builder) => builder.finish());
    this.#builders[partition] = undefined;
    this.#counts[partition] = 0;
    let file = this.#files[partition];
    if (file === undefined) {
      file = await this.#space.create(this.#types);
      this.#files[partition] = file;
    }
    const written = file.append({ rowCount, columns });
    if (written !== undefined) await written;
  }
}
