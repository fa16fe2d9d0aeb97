import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Instance, SharedStorage } from '../database/instance.ts';
import type { WorkerReply } from '../execution/workers/share-task.ts';
import { WorkerPool } from '../execution/workers/worker-pool.ts';

/** The built script of the threads. */
const SCRIPT = new URL('./scan-worker.js', import.meta.url);

/** What a thread is told when it starts. */
export interface ScanWorkerData {
  /** Counted from 1. */
  readonly thread: number;
  readonly storage: SharedStorage;
}

/** From a thread: that it takes messages now, or a reply. */
export type ScanWorkerMessage = 'ready' | WorkerReply;

/**
 * Threads that help with large scans. undefined where there are to be none, and where the sources run as they are: then
 * there is no script for the threads.
 */
export function startScanWorkers(instance: Instance, count: number): WorkerPool | undefined {
  const storage = instance.sharedStorage;
  if (count === 0 || storage === undefined || !existsSync(SCRIPT)) return undefined;
  return new WorkerPool(count, (thread, events) => {
    const workerData: ScanWorkerData = { thread, storage };
    const worker = new Worker(SCRIPT, { workerData });
    // It keeps no process alive.
    worker.unref();
    let isEnding = false;
    worker.on('message', (message: ScanWorkerMessage) => {
      if (message === 'ready') events.isReady();
      else events.answered(message);
    });
    worker.on('error', (error) => events.died(error));
    worker.on('messageerror', (error) => events.died(error));
    worker.on('exit', (code) => {
      if (!isEnding) events.died(new Error(`status ${code}`));
    });
    return {
      post: (message) => worker.postMessage(message),
      async end() {
        isEnding = true;
        await worker.terminate();
      },
    };
  });
}
