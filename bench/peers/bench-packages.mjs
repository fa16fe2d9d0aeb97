import { spawnSync } from 'node:child_process';
import { BENCH } from '../lib/built.mjs';

const FLAGS = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];

/** A package of bench/package.json, which is installed into `bench/node_modules` when it is missing and may be. */
export async function importInstalled(name, { mayInstall }) {
  const found = await import(name).catch(() => undefined);
  if (found !== undefined) return found;
  if (!mayInstall) throw new Error('not installed here (npm install in bench/, or a full run does it)');
  console.log('installing what bench/package.json names into bench/node_modules …');
  const installed = spawnSync('npm', ['install', ...FLAGS], { cwd: BENCH, encoding: 'utf8' });
  if (installed.status !== 0) throw new Error(`npm install failed: ${installed.stderr}`);
  return import(name);
}
