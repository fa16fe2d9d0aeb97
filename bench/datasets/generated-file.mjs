import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BENCH } from '../lib/built.mjs';

/** The path of a file or folder below `bench/data`; `generators/PROGRAM PATH …args` makes it once, and it is kept. */
export function generatedFile(name, program, args, { isFolder = false } = {}) {
  const path = join(BENCH, 'data', name);
  if (existsSync(path)) return path;
  const unfinished = `${path}.unfinished`;
  mkdirSync(isFolder ? unfinished : dirname(unfinished), { recursive: true });
  console.log(`generating ${name} …`);
  execFileSync(process.execPath, [join(BENCH, 'generators', program), unfinished, ...args], { stdio: 'inherit' });
  renameSync(unfinished, path);
  return path;
}
