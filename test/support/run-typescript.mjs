// Runs an exported `(args) => Promise<exit code>` of a TypeScript module through the loader that the tests use as well.
//
//   node test/support/run-typescript.mjs test/support/sqltest.ts sqltest ARGUMENT …
import { createViteServer } from 'vitest/node';

const [module, name, ...args] = process.argv.slice(2);
const loader = await createViteServer({
  configFile: false,
  root: new URL('../../', import.meta.url).pathname,
  logLevel: 'error',
  appType: 'custom',
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { middlewareMode: true, watch: null, ws: false, hmr: false },
});
try {
  const exported = await loader.ssrLoadModule(`/${module}`);
  process.exitCode = await exported[name](args);
} finally {
  await loader.close();
}
