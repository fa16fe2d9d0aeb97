import type { FileHandle, FileSystem } from '../../../src/platform/file-system.ts';
import { AppliedCommit } from '../../../src/storage/apply-commit.ts';
import { Manifest } from '../../../src/storage/checkpoint/manifest.ts';
import type { ManifestEdit } from '../../../src/storage/checkpoint/manifest-content.ts';
import type { CommitOperation } from '../../../src/storage/commit/commit-operation.ts';
import { LateDeletes } from '../../../src/storage/compaction/late-deletes.ts';
import { DeletedNames } from '../../../src/storage/deletes/deleted-names.ts';
import { VersionMerger } from '../../../src/storage/scan/merge-stretches.ts';
import type { LogEntry } from '../../../src/storage/seams/write-log.ts';
import { StorageEngine } from '../../../src/storage/storage-engine.ts';
import { LocalWriteLog } from '../../../src/storage/wal/local-write-log.ts';
import type { HistoryOptions } from './history.ts';

/** A mistake that somebody could make in the engine, for as long as it is planted. */
export interface PlantedBug {
  readonly name: string;
  /** Of the histories in which it is looked for. */
  readonly options?: HistoryOptions;
  /** Plants it; returns how to pull it out again. */
  plant(): () => void;
}

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'a commit is acknowledged before the log was synced',
    options: {
      wrapFileSystem: (disk) => withHandles(disk, '/wal/', (handle) => ({ ...handle, sync: async () => {} })),
    },
    plant: nothing,
  },
  {
    name: 'a commit is published before it is durable',
    plant: () =>
      patch(LocalWriteLog.prototype, 'append', (append) => {
        return function (this: LocalWriteLog, body) {
          const { lsn } = append.call(this, body);
          return { lsn, durable: Promise.resolve() };
        };
      }),
  },
  {
    name: 'a failed fsync is taken for a success',
    options: {
      wrapFileSystem: (disk) =>
        withHandles(disk, '/wal/', (handle) => ({ ...handle, sync: () => handle.sync().catch(() => {}) })),
    },
    plant: nothing,
  },
  {
    name: 'replay applies commits out of order',
    plant: () =>
      patch(LocalWriteLog.prototype, 'read', (read) => {
        return function (this: LocalWriteLog, from) {
          return swapped(read.call(this, from));
        };
      }),
  },
  {
    name: 'replay brings rows again that segments hold already',
    plant: () =>
      patch(StorageEngine.prototype, 'replay', (replay) => {
        return function (this: StorageEngine, record, lsn, filter) {
          return replay.call(this, record, lsn, { hasCatalog: (of) => filter.hasCatalog(of), hasRows: () => false });
        };
      }),
  },
  {
    name: 'the log is trimmed up to its end',
    plant: () =>
      patch(LocalWriteLog.prototype, 'trim', (trim) => {
        return function (this: LocalWriteLog) {
          return trim.call(this, this.durableLsn);
        };
      }),
  },
  {
    name: 'the directory is not synced after a segment was renamed into it',
    options: {
      wrapFileSystem: (disk) =>
        overriding(disk, {
          syncDirectory: (path) => (path.includes('/db/') ? Promise.resolve() : disk.syncDirectory(path)),
        }),
    },
    plant: nothing,
  },
  {
    name: 'the first write of a field wins',
    plant: () =>
      patch(VersionMerger.prototype, 'addRun', (addRun) => {
        return function (this: VersionMerger, seriesId, pieces) {
          return addRun.call(this, seriesId, [...pieces].reverse());
        };
      }),
  },
  {
    name: 'replay drops the nanoseconds',
    plant: () =>
      replayWith((operation) =>
        operation.kind !== 'rows'
          ? operation
          : { ...operation, blocks: operation.blocks.map((block) => ({ ...block, fractions: undefined })) },
      ),
  },
  {
    name: 'a dropped table comes back with its rows',
    plant: () => replayWith((operation) => (operation.kind === 'drop-table' ? undefined : operation)),
  },
  {
    name: 'the row id counter is forgotten at a flush',
    plant: () =>
      editManifestWith((edit) => ({ ...edit, flushes: edit.flushes.map((flush) => ({ ...flush, nextRowId: 1 })) })),
  },
  {
    name: 'new series are left out of the checkpoint',
    plant: () => editManifestWith((edit) => ({ ...edit, series: [] })),
  },
  {
    name: 'a commit that a full disk rejected is not taken back',
    plant: () => patch(AppliedCommit.prototype, 'revert', () => () => {}),
  },
  {
    name: 'replay forgets what was deleted',
    plant: () => replayWith((operation) => (operation.kind === 'delete' ? undefined : operation)),
  },
  {
    name: 'replay forgets that a table was truncated',
    plant: () => replayWith((operation) => (operation.kind === 'truncate' ? undefined : operation)),
  },
  {
    name: 'deletes of older segments are left out of the manifest',
    plant: () =>
      editManifestWith((edit) => ({ ...edit, flushes: edit.flushes.map((flush) => ({ ...flush, deletes: [] })) })),
  },
  {
    name: 'ROLLBACK TO does not bring deleted rows back',
    plant: () => patch(DeletedNames.prototype, 'truncate', () => () => {}),
  },
  {
    name: 'rows that are deleted during a merge come back',
    plant: () => patch(LateDeletes.prototype, 'addTo', () => () => {}),
  },
  {
    name: 'replay forgets how far a sequence has counted',
    plant: () => replayWith((operation) => (operation.kind === 'count-sequence' ? undefined : operation)),
  },
  {
    name: 'replay forgets that a table was altered',
    plant: () => replayWith((operation) => (operation.kind === 'alter-table' ? undefined : operation)),
  },
  {
    name: 'the manifest gets ahead of the log in the relaxed modes',
    options: { durability: 'os_default' },
    plant: () => patch(LocalWriteLog.prototype, 'sync', () => async () => {}),
  },
];

function nothing(): () => void {
  return () => {};
}

/** Replaces a method by one that is made of it. */
function patch<T extends object, Name extends keyof T>(
  target: T,
  name: Name,
  make: (original: T[Name]) => T[Name],
): () => void {
  const original = target[name];
  target[name] = make(original);
  return () => {
    target[name] = original;
  };
}

function replayWith(change: (operation: CommitOperation) => CommitOperation | undefined): () => void {
  return patch(StorageEngine.prototype, 'replay', (replay) => {
    return function (this: StorageEngine, record, lsn, filter) {
      const operations = record.operations.flatMap((operation) => change(operation) ?? []);
      return replay.call(this, { ...record, operations }, lsn, filter);
    };
  });
}

function editManifestWith(change: (edit: ManifestEdit) => ManifestEdit): () => void {
  return patch(Manifest.prototype, 'change', (original) => {
    return function (this: Manifest, prepare) {
      return original.call(this, async () => {
        const edit = await prepare();
        return edit === undefined ? undefined : change(edit);
      });
    };
  });
}

/** Every second entry before the one that it follows. */
async function* swapped(entries: AsyncIterable<LogEntry>): AsyncGenerator<LogEntry> {
  let held: LogEntry | undefined;
  for await (const entry of entries) {
    if (held === undefined) held = entry;
    else {
      yield entry;
      yield held;
      held = undefined;
    }
  }
  if (held !== undefined) yield held;
}

/** A file system whose files below `path` are opened as `change` makes them. */
function withHandles(disk: FileSystem, path: string, change: (handle: FileHandle) => FileHandle): FileSystem {
  return overriding(disk, {
    open: async (name, mode) => {
      const handle = await disk.open(name, mode);
      return name.includes(path) ? change(boundHandle(handle)) : handle;
    },
  });
}

function boundHandle(handle: FileHandle): FileHandle {
  return {
    read: (buffer, bufferOffset, length, position) => handle.read(buffer, bufferOffset, length, position),
    write: (buffer, bufferOffset, length, position) => handle.write(buffer, bufferOffset, length, position),
    sync: () => handle.sync(),
    truncate: (size) => handle.truncate(size),
    size: () => handle.size(),
    close: () => handle.close(),
  };
}

function overriding(disk: FileSystem, changed: Partial<FileSystem>): FileSystem {
  return {
    open: (path, mode) => disk.open(path, mode),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    list: (directory) => disk.list(directory),
    makeDirectory: (path) => disk.makeDirectory(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    exists: (path) => disk.exists(path),
    ...changed,
  };
}
