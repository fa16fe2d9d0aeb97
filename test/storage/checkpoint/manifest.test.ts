import { describe, expect, test } from 'vitest';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { SqlState } from '../../../src/errors/sql-state.ts';
import { Manifest } from '../../../src/storage/checkpoint/manifest.ts';
import {
  contentFromBytes,
  FORMAT_VERSION,
  type ManifestContent,
  type ManifestEdit,
} from '../../../src/storage/checkpoint/manifest-content.ts';
import type { MetaStore } from '../../../src/storage/seams/meta-store.ts';

const empty: ManifestContent = {
  format: FORMAT_VERSION,
  systemIdentifier: '1',
  databases: [],
  roles: [],
  nextOid: 1,
  catalogLsn: 0,
  replayFrom: 1,
  tables: [],
};

/** A store in memory, which has many bytes of edits and may refuse. */
class FakeStore implements MetaStore {
  edits = 0;
  checkpoints: ManifestContent[] = [];
  commitError: Error | undefined;
  replaceError: Error | undefined;
  failure: SqlError | undefined;
  readonly editBytes = 1 << 30;

  get version(): number {
    return this.edits;
  }

  async load() {
    return { version: 0, checkpoint: undefined, edits: [] };
  }

  async commit(): Promise<number> {
    if (this.commitError !== undefined) throw this.commitError;
    return ++this.edits;
  }

  async replace(bytes: Uint8Array): Promise<void> {
    if (this.replaceError !== undefined) throw this.replaceError;
    this.checkpoints.push(contentFromBytes(bytes));
  }

  async close(): Promise<void> {}
}

async function openManifest() {
  const store = new FakeStore();
  return { store, manifest: await Manifest.open(store, () => empty) };
}

function edit(manifest: Manifest, nextOid: number): () => Promise<ManifestEdit> {
  const { content } = manifest;
  return async () =>
    ({ ...content, nextOid, puts: [], drops: [], series: [], flushes: [], compactions: [] }) as ManifestEdit;
}

describe('a change of the manifest', () => {
  test('that is durable stands, though a full disk keeps the edits from becoming a checkpoint', async () => {
    const { store, manifest } = await openManifest();
    store.replaceError = new SqlError(SqlState.DiskFull, 'could not extend the manifest');
    await expect(manifest.change(edit(manifest, 7))).resolves.toMatchObject({ nextOid: 7 });
    expect(manifest.content.nextOid).toBe(7);
    store.replaceError = undefined;
    await manifest.change(edit(manifest, 8));
    expect(store.checkpoints.map(({ nextOid }) => nextOid)).toEqual([1, 8]);
  });

  test('that is durable stands, though the store fails for good behind it', async () => {
    const { store, manifest } = await openManifest();
    store.replaceError = new SqlError(SqlState.IoError, 'could not write to the manifest');
    store.failure = store.replaceError as SqlError;
    await expect(manifest.change(edit(manifest, 7))).resolves.toMatchObject({ nextOid: 7 });
    expect(manifest.failure).toBe(store.failure);
  });

  test('that the store refuses leaves the content as it was', async () => {
    const { store, manifest } = await openManifest();
    store.commitError = new SqlError(SqlState.DiskFull, 'could not extend the manifest');
    await expect(manifest.change(edit(manifest, 7))).rejects.toBe(store.commitError);
    expect(manifest.content.nextOid).toBe(1);
  });
});
