/** What a manifest holds: the last checkpoint, and the edits since, oldest first. */
export interface MetaState {
  /** The number of edits ever committed. */
  readonly version: number;
  readonly checkpoint: Uint8Array | undefined;
  readonly edits: readonly Uint8Array[];
}

/**
 * The one mutable truth: a durable sequence of edits, compacted by checkpoints. It knows nothing of what they mean.
 * After a failed write other than a full disk, or a failed fsync, `failure` is set and every change rejects with
 * SqlError 58030; on a full disk a change rejects with 53100 and may be tried again.
 */
export interface MetaStore {
  readonly version: number;
  /** Bytes of edits since the last checkpoint: grounds for a new one. */
  readonly editBytes: number;
  readonly failure: Error | undefined;

  /** The state as it was found when the store was opened. */
  load(): Promise<MetaState>;

  /** Makes the edit durable; returns the version that it leads to. Edits take effect in the order of the calls. */
  commit(edit: Uint8Array): Promise<number>;

  /**
   * Replaces everything by a checkpoint, which must hold the effect of every edit passed to `commit` before. Atomic:
   * after a crash either the old edits are there or the checkpoint.
   */
  replace(checkpoint: Uint8Array): Promise<void>;

  close(): Promise<void>;
}
