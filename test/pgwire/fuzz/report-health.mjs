// Loaded into the server under test by --import: tells its parent how it is, when asked. Needs --expose-gc.
process.channel?.unref();
process.on('message', (question) => {
  if (question !== 'health') return;
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  process.send?.({ heapUsed, external, rss, sockets });
});
