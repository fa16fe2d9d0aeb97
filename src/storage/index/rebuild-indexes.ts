import type { EngineState } from '../engine-state.ts';
import type { TableStore } from '../table-store.ts';
import { buildIndexes } from './build-indexes.ts';

/** Others get a turn when the work has taken so long. */
const TURN_MS = 5;

/**
 * Builds the indexes of all plain tables from their rows, when the engine starts. `noteDamage` is told of a table whose
 * rows cannot be read, or throws.
 */
export async function rebuildIndexes(
  state: EngineState,
  noteDamage: (store: TableStore, error: unknown) => void,
): Promise<void> {
  let turnStart = performance.now();
  const pause = (): Promise<void> | undefined => {
    if (performance.now() - turnStart < TURN_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        turnStart = performance.now();
        resolve();
      }),
    );
  };
  for (const store of state.tables.values()) {
    const { plain, newest } = store;
    if (plain === undefined || newest.indexes.length === 0) continue;
    const version = state.layers.pin();
    const { publishedLsn, indexMemory } = state;
    try {
      const rows = {
        layers: version.tables.get(store.oid),
        lsn: publishedLsn,
        staged: [],
        isDeleted: () => false,
      };
      const options = { memory: indexMemory, sinceLsn: publishedLsn, checksKeys: false, pause };
      const built = await buildIndexes(newest, newest.indexes, rows, options);
      plain.setIndexes(
        newest,
        publishedLsn,
        indexMemory,
        new Map(built.map((index) => [index.encoder.descriptor.oid, index])),
      );
    } catch (error) {
      noteDamage(store, error);
      plain.setIndexes(newest, publishedLsn, indexMemory);
    } finally {
      state.layers.unpin(version);
    }
  }
}
