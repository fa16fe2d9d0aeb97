import { nextTurn } from '../../platform/next-turn.ts';
import type { CommitOperation } from '../commit/commit-operation.ts';
import { isDamage } from '../damage.ts';
import type { EngineState } from '../engine-state.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import type { StoredSegment } from '../stored-segment.ts';
import { findPartition } from '../versions/table-layers.ts';
import { locateRows } from './locate-rows.ts';

/** The names that a commit deletes from one table. */
export interface NamesToDelete {
  readonly tableOid: number;
  readonly blocks: readonly RowBlock[];
}

/**
 * Where the rows that a commit deletes stand in segments, which have to be read for it: looked up beforehand, and again
 * in segments that come until the commit is applied. Rows in memory are found when it is.
 */
export class DeleteResolution {
  readonly #deletes: readonly NamesToDelete[];
  readonly #positions = new Map<RowBlock, Map<StoredSegment, Int32Array>>();
  readonly #toleratesDamage: boolean;

  /** `toleratesDamage`: in a segment that cannot be read nothing is found, where it would otherwise be an error. */
  constructor(deletes: readonly NamesToDelete[], { toleratesDamage = false } = {}) {
    this.#deletes = deletes;
    this.#toleratesDamage = toleratesDamage;
  }

  static ofReplayed(operations: readonly CommitOperation[]): DeleteResolution {
    const deletes = operations.filter((operation) => operation.kind === 'delete');
    return new DeleteResolution(deletes, { toleratesDamage: true });
  }

  /** A promise while some segment of the newest layers is not searched yet; then it is to be asked again. */
  prepare(state: EngineState): Promise<void> | undefined {
    const missing: { block: RowBlock; segment: StoredSegment }[] = [];
    for (const { tableOid, blocks } of this.#deletes) {
      const table = state.layers.table(tableOid);
      if (table === undefined) continue;
      for (const block of blocks) {
        for (const segment of findPartition(table, block.partition)?.segments ?? []) {
          if (this.#positions.get(block)?.has(segment) !== true) missing.push({ block, segment });
        }
      }
    }
    if (missing.length === 0) return undefined;
    const version = state.layers.pin();
    const search = async (): Promise<void> => {
      for (const { block, segment } of missing) {
        const positions = this.#positions.get(block) ?? new Map<StoredSegment, Int32Array>();
        this.#positions.set(block, positions);
        positions.set(segment, await this.#locate(segment, block));
        // Units in memory are searched without a turn of the event loop.
        if (missing.length > 1) await nextTurn();
      }
    };
    return search().finally(() => state.layers.unpin(version));
  }

  /** Per row of the block its place in the segment, or -1. */
  positionsOf(block: RowBlock, segment: StoredSegment): Int32Array {
    return this.#positions.get(block)!.get(segment)!;
  }

  async #locate(segment: StoredSegment, block: RowBlock): Promise<Int32Array> {
    if (this.#toleratesDamage && segment.isDamaged) return new Int32Array(block.rowCount).fill(-1);
    try {
      return await locateRows(segment.reader, block);
    } catch (error) {
      if (!this.#toleratesDamage || !isDamage(error)) throw error;
      return new Int32Array(block.rowCount).fill(-1);
    }
  }
}
