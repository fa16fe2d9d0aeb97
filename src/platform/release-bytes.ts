import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** Less is not worth it. */
const MIN_BYTES = 16_384;

let closed: MessagePort | undefined;

/**
 * Gives the memory of bytes back now, which are empty from then on. A stream of data leaves its chunks to the garbage
 * collector otherwise, which then looks through all objects of the process for every few megabytes that come. Only for who
 * knows that nobody else reads them; bytes that share their memory with others are left alone.
 */
export function releaseBytes(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (byteLength < MIN_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  closed ??= closedPort();
  // What is handed over on a closed port goes nowhere: it is gone when the call returns.
  closed.postMessage(undefined, [buffer]);
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return port1;
}
