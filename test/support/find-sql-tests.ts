import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Paths of the `.slt` files that are named or lie in the named folders; all of sql-tests/ when nothing is named. */
export async function findSqlTestFiles(named: readonly string[] = []): Promise<readonly string[]> {
  const starts = named.length > 0 ? named : [join(ROOT, 'sql-tests')];
  const found: string[] = [];
  for (const start of starts) {
    if (!(await stat(start)).isDirectory()) {
      found.push(start);
      continue;
    }
    for (const entry of await readdir(start, { recursive: true })) {
      if (entry.endsWith('.slt')) found.push(join(start, entry));
    }
  }
  return found.map((path) => relative(process.cwd(), path) || path).sort();
}
