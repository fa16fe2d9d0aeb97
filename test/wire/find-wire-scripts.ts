import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPTS = join(ROOT, 'test/pgwire/scripts');

/** The `.wire` files below these places, all of test/pgwire/scripts by default; paths are relative to the working directory. */
export async function findWireScripts(places: readonly string[] = []): Promise<readonly string[]> {
  const found: string[] = [];
  for (const place of places.length === 0 ? [SCRIPTS] : places) {
    if ((await stat(place)).isFile()) {
      found.push(place);
      continue;
    }
    for (const name of await readdir(place, { recursive: true })) {
      if (name.endsWith('.wire')) found.push(join(place, name));
    }
  }
  return found.map((path) => relative(process.cwd(), path) || path).sort();
}
