// npm run sqltest: the TypeScript beside this file, run through the loader that the tests use as well.
import { createViteServer } from 'vitest/node';

const loader = await createViteServer({
  configFile: false,
  root: new URL('../../', import.meta.url).pathname,
  logLevel: 'error',
  appType: 'custom',
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { middlewareMode: true, watch: null, ws: false, hmr: false },
});
try {
  const { sqltest } = await loader.ssrLoadModule('/test/support/sqltest.ts');
  process.exitCode = await sqltest(process.argv.slice(2));
} finally {
  await loader.close();
}
