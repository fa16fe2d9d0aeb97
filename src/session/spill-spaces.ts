import { dataDirectory } from '../database/data-directory.ts';
import { SpillSpace } from '../execution/spill/spill-space.ts';
import { TemporaryFiles } from '../execution/spill/temporary-files.ts';
import type { FileSystem } from '../platform/file-system.ts';

/**
 * Makes the room that each statement has on disk beside memory, in the data directory, which is this process's own by
 * now; undefined when `limitBytes` is 0.
 */
export async function spillSpaces(
  fileSystem: FileSystem,
  directory: string,
  limitBytes: number,
): Promise<(() => SpillSpace) | undefined> {
  const files = await TemporaryFiles.open(fileSystem, `${directory}/${dataDirectory.temporary}`);
  return limitBytes === 0 ? undefined : () => new SpillSpace(files, limitBytes);
}
