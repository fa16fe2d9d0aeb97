import { AsyncLocalStorage } from 'node:async_hooks';
import { LocalWriteLog } from '../../../src/storage/wal/local-write-log.ts';

/** Hears which place in the order of commits the log has given to a commit. */
export interface AppendListener {
  appended(lsn: number): void;
}

const running = new AsyncLocalStorage<AppendListener>();
let isInstalled = false;

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
  const { append } = LocalWriteLog.prototype;
  LocalWriteLog.prototype.append = function (this: LocalWriteLog, body) {
    const result = append.call(this, body);
    running.getStore()?.appended(result.lsn);
    return result;
  };
}
