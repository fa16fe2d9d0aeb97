// Loaded into the server under test by --import: tells its parent how it is, when asked. Needs --expose-gc.
import { getHeapCodeStatistics, getHeapStatistics } from 'node:v8';

process.channel?.unref();
process.on('message', (question) => {
  if (question !== 'health') return;
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, heapTotal, external, arrayBuffers, rss } = process.memoryUsage();
  const { malloced_memory: mallocedMemory } = getHeapStatistics();
  const { code_and_metadata_size: code } = getHeapCodeStatistics();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  process.send?.({ heapUsed, heapTotal, external, arrayBuffers, mallocedMemory, code, rss, sockets });
});
