import { parentPort } from 'node:worker_threads';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import type { EncodeMessage } from '../storage/encoding/encode-message.ts';
import { SegmentEncoder } from '../storage/encoding/segment-encoder.ts';
import { LocalSegmentStore } from '../storage/local-segment-store.ts';
import type { EncodeWorkerMessage } from './segment-encoders.ts';

/** A thread that encodes and merges segments: rows or the names of files in, bytes out. It writes no files. */
const port = parentPort;
if (port === null) throw new Error('encode-worker runs as a worker thread');
const post = (message: EncodeWorkerMessage, handedOver: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

const encoder = new SegmentEncoder(post, (directory) =>
  LocalSegmentStore.readOnly({ fileSystem: nodeFileSystem, directory }),
);
port.on('message', (message: EncodeMessage) => encoder.receive(message));
post('ready');
