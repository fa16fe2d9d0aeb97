import { existsSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
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
  /** Where it takes messages and answers them. */
  readonly port: MessagePort;
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
    // A channel of our own: what has come can be taken from it between two parts, before the event loop comes round.
    const { port1: port, port2: theirs } = new MessageChannel();
    const workerData: ScanWorkerData = { thread, storage, port: theirs };
    const worker = new Worker(SCRIPT, { workerData, transferList: [theirs] });
    let isEnding = false;
    const take = (message: ScanWorkerMessage): void => {
      if (message === 'ready') events.isReady();
      else events.answered(message);
    };
    port.on('message', take);
    port.on('messageerror', (error) => events.died(error));
    worker.on('error', (error) => events.died(error));
    worker.on('exit', (code) => {
      port.close();
      if (!isEnding) events.died(new Error(`status ${code}`));
    });
    // They keep no process alive.
    worker.unref();
    port.unref();
    return {
      post: (message) => port.postMessage(message),
      receive() {
        for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
          take(next.message as ScanWorkerMessage);
        }
      },
      async end() {
        isEnding = true;
        await worker.terminate();
      },
    };
  });
}
