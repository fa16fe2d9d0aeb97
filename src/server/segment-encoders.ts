import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { EncodeReply } from '../storage/encoding/encode-message.ts';
import { EncoderThread } from '../storage/encoding/encoder-thread.ts';

/** The built script of the thread. */
const SCRIPT = new URL('./encode-worker.js', import.meta.url);

/** From the thread: that it takes messages now, or a reply. */
export type EncodeWorkerMessage = 'ready' | EncodeReply;

/**
 * A thread that encodes and merges segments. undefined where there are to be no threads, and where the sources run as they are: then
 * there is no script for it.
 */
export function segmentEncoders(workerThreads: number): EncoderThread | undefined {
  if (workerThreads === 0 || !existsSync(SCRIPT)) return undefined;
  return new EncoderThread((events) => {
    const worker = new Worker(SCRIPT);
    let isEnding = false;
    worker.on('message', (message: EncodeWorkerMessage) => {
      if (message === 'ready') events.isReady();
      else events.answered(message);
    });
    worker.on('messageerror', (error) => events.died(error));
    worker.on('error', (error) => events.died(error));
    worker.on('exit', (code) => {
      if (!isEnding) events.died(new Error(`status ${code}`));
    });
    // It keeps no process alive.
    worker.unref();
    return {
      post: (message, handedOver) => worker.postMessage(message, handedOver),
      async end() {
        isEnding = true;
        await worker.terminate();
      },
    };
  });
}
