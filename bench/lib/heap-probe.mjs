// Loaded into a server with `node --expose-gc --import`, which is started with a channel: whenever it is asked, it tells
// how many bytes are in use, garbage collected.
process.channel?.unref();
process.on('message', () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  process.send({ heapUsed, arrayBuffers });
});
