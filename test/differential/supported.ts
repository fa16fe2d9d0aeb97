import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Supported } from './generator/catalogue.ts';

interface HasOid {
  readonly oid: number;
}

/** What the registries of a built server list; `main` is its main.js. */
export async function supportedBy(main: string): Promise<Supported> {
  const module = async (path: string) =>
    (await import(/* @vite-ignore */ pathToFileURL(join(dirname(main), path)).href)) as Record<
      string,
      () => readonly HasOid[]
    >;
  const functions = await module('functions/function-registry.js');
  const operators = await module('functions/operator-registry.js');
  const types = await module('types/type-registry.js');
  const oids = (entries: readonly HasOid[]) => new Set(entries.map(({ oid }) => oid));
  return {
    functions: oids(functions.allFunctions()),
    operators: oids(operators.allOperators()),
    types: oids(types.allTypes()),
  };
}
