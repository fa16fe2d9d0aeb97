import { fileNames, type ManifestContent } from '../checkpoint/manifest-content.ts';
import type { EngineState } from '../engine-state.ts';
import { fileOf } from '../packs/pack-place.ts';
import type { StorageParts } from '../storage-parts.ts';

/** What is found at start. */
export interface FoundObjects {
  /** Files that the manifest does not name: some commit of the log may. */
  readonly unnamed: readonly string[];
  /** Above the numbers of all that are there. */
  readonly nextNumber: number;
}

export async function findObjects(parts: StorageParts, content: ManifestContent): Promise<FoundObjects> {
  const named = new Set<string>();
  for (const table of content.tables) for (const name of fileNames(table)) named.add(name);
  const unnamed: string[] = [];
  let last = 0;
  for (const name of await parts.segments.list('')) {
    last = Math.max(last, Number(/(\d+)\.\w+$/.exec(name)?.[1] ?? 0));
    if (!named.has(name)) unnamed.push(name);
  }
  return { unnamed, nextNumber: last + 1 };
}

/**
 * Removes what neither the manifest nor the log names: traces of a crash between a file and its mention. `inLog`: the files
 * that commits have named which were replayed, be it for a table that a later one drops: the next start may replay them
 * again, and the drop removes them when it stands in the manifest.
 */
export async function removeOrphans(
  parts: StorageParts,
  state: EngineState,
  { unnamed, inLog }: { readonly unnamed: readonly string[]; readonly inLog: ReadonlySet<string> },
): Promise<void> {
  if (unnamed.length === 0) return;
  const named = new Set(inLog);
  for (const table of parts.manifest.content.tables) for (const name of fileNames(table)) named.add(name);
  for (const { partitions } of state.layers.tables()) {
    for (const { segments } of partitions) {
      for (const { entry } of segments) {
        named.add(fileOf(entry));
        if (entry.deletes !== undefined) named.add(fileOf(entry.deletes));
      }
    }
  }
  for (const name of unnamed) if (!named.has(name)) await parts.segments.remove(name);
}
