import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const BENCH = fileURLToPath(new URL('..', import.meta.url));

const BUILT = fileURLToPath(new URL('../../dist', import.meta.url));

/**
 * The path of a built file, such as `main.js`: in the repository's `dist`, or in the folder that `run.mjs --dist` has put
 * into the environment.
 */
export function builtFile(path) {
  return resolve(process.env.TIDEWIRE_BENCH_DIST ?? BUILT, path);
}

/** Imports a built module, such as `storage/codec/gorilla.js`. */
export function importBuilt(path) {
  return import(pathToFileURL(builtFile(path)).href);
}
