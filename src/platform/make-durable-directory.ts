import { type FileSystem, parentDirectory } from './file-system.ts';

/** Makes the directory and its missing parents so that they last: a file is as lasting as the directories above it. */
export async function makeDurableDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  const parent = parentDirectory(path);
  if (!(await fileSystem.exists(path))) {
    if (parent !== path && parent !== '.') await makeDurableDirectory(fileSystem, parent);
    await fileSystem.makeDirectory(path);
  }
  // Also where it exists: whoever made it may have been killed before this.
  if (parent !== path) await fileSystem.syncDirectory(parent);
}
