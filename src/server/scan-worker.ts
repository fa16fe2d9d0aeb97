import { workerData } from 'node:worker_threads';
import { buffersOfGroups } from '../execution/workers/aggregate-share.ts';
import { ShareServer } from '../execution/workers/serve-share.ts';
import type { WorkerMessage } from '../execution/workers/share-task.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { UnitCache } from '../storage/cache/unit-cache.ts';
import { LocalSegmentStore } from '../storage/local-segment-store.ts';
import type { PortableShare } from '../storage/scan/scan-shares.ts';
import { SharedSegments, SharedTable } from '../storage/scan/shared-scan.ts';
import type { ScanWorkerData, ScanWorkerMessage } from './scan-workers.ts';

/** A thread that aggregates shares of scans: it reads segments by itself, through the cache of all. */
const { thread, storage, port } = workerData as ScanWorkerData;
const post = (message: ScanWorkerMessage, handedOver: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

const cache = new UnitCache({ shared: storage.cache, thread });
const store = LocalSegmentStore.readOnly({ fileSystem: nodeFileSystem, directory: storage.directory });
const segments = new SharedSegments(store, cache);
const server = new ShareServer(async (share, descriptor) => {
  const opened = await segments.openShare(share as PortableShare);
  return { table: new SharedTable(descriptor, opened), close: opened.close };
});

port.on('message', (message: WorkerMessage) => {
  void server.receive(message).then((answer) => {
    if (answer === undefined) return;
    const handedOver = answer.reply.kind === 'groups' ? answer.reply.groups.flatMap(buffersOfGroups) : [];
    post(answer, handedOver);
  });
});
post('ready');
