// Modules from the folder that the workshop installed, which is the program's first argument.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.argv[2];
const fromFolder = createRequire(join(folder, 'package.json'));

/** The module `name`, or a part of it: `drizzle-orm/pg-core`. */
export async function load(name) {
  try {
    return await import(pathToFileURL(fromFolder.resolve(name)).href);
  } catch (error) {
    if (error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED' && error.code !== 'MODULE_NOT_FOUND') throw error;
    // A package for `import` alone.
    const description = describe(name);
    const main = description.exports?.['.'] ?? description.exports ?? description.module ?? description.main;
    const path = entry(main);
    return await import(pathToFileURL(join(folder, 'node_modules', name, path)).href);
  }
}

/** By `require`, where a package is loaded in another way then. */
export function need(name) {
  return fromFolder(name);
}

export function versionOf(name) {
  return describe(name).version;
}

function describe(name) {
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
}

function entry(conditions) {
  if (typeof conditions === 'string') return conditions;
  return entry(conditions.import ?? conditions.node ?? conditions.default);
}
