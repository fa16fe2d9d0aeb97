import { parentPort } from 'node:worker_threads';
import type { EncodeMessage } from '../storage/encoding/encode-message.ts';
import { SegmentEncoder } from '../storage/encoding/segment-encoder.ts';
import type { EncodeWorkerMessage } from './segment-encoders.ts';

/** A thread that encodes segments: rows in, bytes out. It knows no files. */
const port = parentPort;
if (port === null) throw new Error('encode-worker runs as a worker thread');
const post = (message: EncodeWorkerMessage, handedOver: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

const encoder = new SegmentEncoder(post);
port.on('message', (message: EncodeMessage) => encoder.receive(message));
post('ready');
