import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The module of DuckDB, installed into `bench/node_modules` when it is missing; undefined, with a word, when that fails. */
export async function duckdb() {
  const load = () => import('@duckdb/node-api').catch(() => undefined);
  const found = await load();
  if (found !== undefined) return found;
  console.log('installing DuckDB into bench/node_modules …');
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const installed = spawnSync('npm', ['install', ...flags], { cwd: BENCH, encoding: 'utf8' });
  const module = installed.status === 0 ? await load() : undefined;
  if (module === undefined) console.log(`DuckDB cannot be installed here, it is left out: ${installed.stderr ?? ''}`);
  return module;
}
