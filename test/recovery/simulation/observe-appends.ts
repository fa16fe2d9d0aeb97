import { AsyncLocalStorage } from 'node:async_hooks';
import type { CommitOperation } from '../../../src/storage/commit/commit-operation.ts';
import { StorageEngine } from '../../../src/storage/storage-engine.ts';
import { LocalWriteLog } from '../../../src/storage/wal/local-write-log.ts';

/** Hears which place in the order of commits the log has given to a commit. */
export interface AppendListener {
  appended(lsn: number): void;
}

/** Operations of commits that go ahead of a client's own and change nothing that anybody sees. */
const UNSEEN: ReadonlySet<CommitOperation['kind']> = new Set(['new-series', 'count-sequence']);

const running = new AsyncLocalStorage<AppendListener>();
let isInstalled = false;
/** What the engine is about to append, in this very turn. */
let operations: readonly CommitOperation[] = [];

/**
 * Runs a client's write; the listener hears of its append in the very moment in which the log takes it. Nobody but the
 * log knows the order of commits that were never acknowledged.
 */
export function observeAppends<T>(listener: AppendListener, write: () => Promise<T>): Promise<T> {
  install();
  return running.run(listener, write);
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const { commit } = StorageEngine.prototype;
  StorageEngine.prototype.commit = function (this: StorageEngine, databaseOid, committed, ...rest) {
    operations = committed;
    return commit.call(this, databaseOid, committed, ...rest);
  };
  const { append } = LocalWriteLog.prototype;
  LocalWriteLog.prototype.append = function (this: LocalWriteLog, body, ...rest) {
    const result = append.call(this, body, ...rest);
    if (!operations.every(({ kind }) => UNSEEN.has(kind))) running.getStore()?.appended(result.lsn);
    return result;
  };
}
