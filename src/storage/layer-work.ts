import { CheckpointWriter } from './checkpoint/checkpoint-writer.ts';
import type { EngineState } from './engine-state.ts';
import { Exclusive } from './exclusive.ts';
import { ObjectFiles } from './object-files.ts';
import type { StorageParts } from './storage-parts.ts';

/** What those who replace layers share: flushes, which bring segments, and merges, which replace them. */
export interface LayerWork {
  readonly state: EngineState;
  readonly parts: StorageParts;
  readonly checkpoints: CheckpointWriter;
  readonly files: ObjectFiles;
  /**
   * From what the layers are to what takes their place: the deletes of a segment are written under the name that the
   * manifest has for it, so that name must not change meanwhile.
   */
  readonly changes: Exclusive;
  /** Why nothing can be written any more. */
  readonly failure: () => Error | undefined;
  /** A promise while a commit is being applied in several turns: until then a layer must not take another's place. */
  readonly whenApplied: () => Promise<void> | undefined;
}

export function layerWork(
  state: EngineState,
  parts: StorageParts,
  { failure, whenApplied }: Pick<LayerWork, 'failure' | 'whenApplied'>,
): LayerWork {
  return {
    state,
    parts,
    checkpoints: new CheckpointWriter(state, parts),
    files: new ObjectFiles(parts, state.packs),
    changes: new Exclusive(),
    failure,
    whenApplied,
  };
}
