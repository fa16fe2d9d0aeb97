import { CorruptionError } from '../../errors/corruption-error.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { MetaStore } from '../seams/meta-store.ts';
import type { ManifestContent, ManifestEdit } from './manifest-content.ts';
import { applyEdit, contentFromBytes, editFromBytes, FORMAT_VERSION, toBytes } from './manifest-content.ts';

const MIN_EDIT_BYTES = 1 << 20;

/** The manifest as storage means it: its content after the last durable edit, and the one way to change it. */
export class Manifest {
  readonly #store: MetaStore;
  #content: ManifestContent;
  #checkpointBytes: number;
  #lane: Promise<unknown> = Promise.resolve();

  private constructor(store: MetaStore, content: ManifestContent, checkpointBytes: number) {
    this.#store = store;
    this.#content = content;
    this.#checkpointBytes = checkpointBytes;
  }

  /** Makes `initial` the content of a store that is new. Refuses a format that a later version wrote. */
  static async open(store: MetaStore, initial: () => ManifestContent): Promise<Manifest> {
    const { checkpoint, edits } = await store.load();
    if (checkpoint === undefined) {
      if (edits.length > 0) throw new CorruptionError('the manifest has edits and no checkpoint');
      const content = initial();
      const bytes = toBytes(content);
      await store.replace(bytes);
      return new Manifest(store, content, bytes.length);
    }
    let content = contentFromBytes(checkpoint);
    if (content.format > FORMAT_VERSION) {
      throw new SqlError(
        SqlState.FeatureNotSupported,
        `the data directory has format ${content.format}, and this version of Tidewire reads up to ${FORMAT_VERSION}`,
        { hint: 'Start it with the version of Tidewire that wrote it, or a newer one.' },
      );
    }
    for (const edit of edits) content = applyEdit(content, editFromBytes(edit));
    return new Manifest(store, content, checkpoint.length);
  }

  get content(): ManifestContent {
    return this.#content;
  }

  get failure(): Error | undefined {
    return this.#store.failure;
  }

  /**
   * Changes the content, durably. `prepare` runs when no other change is under way, may write the objects that its edit
   * names, and gives undefined when there is nothing to change. After a rejection the edit is certainly not there, unless
   * there is a `failure` now.
   */
  change(prepare: () => Promise<ManifestEdit | undefined>): Promise<ManifestEdit | undefined> {
    const result = this.#lane.then(async () => {
      const edit = await prepare();
      if (edit === undefined) return undefined;
      await this.#store.commit(toBytes(edit));
      this.#content = applyEdit(this.#content, edit);
      if (this.#store.editBytes > Math.max(MIN_EDIT_BYTES, this.#checkpointBytes)) await this.#shorten();
      return edit;
    });
    this.#lane = result.catch(() => {});
    return result;
  }

  /**
   * Puts a checkpoint into the place of the edits. The last of them is durable by now, so a failure here must not pass for
   * one of its own: whoever made it would take back what the manifest names. A full disk lets the next change try again,
   * anything else is the store's `failure`.
   */
  async #shorten(): Promise<void> {
    const bytes = toBytes(this.#content);
    try {
      await this.#store.replace(bytes);
      this.#checkpointBytes = bytes.length;
    } catch (error) {
      const isRefused = error instanceof SqlError && error.code === SqlState.DiskFull;
      if (!isRefused && this.#store.failure === undefined) throw error;
    }
  }

  close(): Promise<void> {
    return this.#lane.then(() => this.#store.close());
  }
}
