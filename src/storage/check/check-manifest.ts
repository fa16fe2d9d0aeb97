import { CorruptionError } from '../../errors/corruption-error.ts';
import { SqlError } from '../../errors/sql-error.ts';
import type { FileSystem } from '../../platform/file-system.ts';
import { applyEdit, contentFromBytes, editFromBytes, type ManifestContent } from '../checkpoint/manifest-content.ts';
import { listManifestGenerations, type ManifestGeneration } from '../manifest/local-meta-store.ts';
import { type ManifestContent as GenerationContent, readManifestFile } from '../manifest/manifest-file.ts';
import type { Findings } from './findings.ts';

/** What the manifest says, and what is wrong with its files. Undefined where a server would not start from it. */
export async function checkManifest(
  fileSystem: FileSystem,
  directory: string,
  findings: Findings,
): Promise<ManifestContent | undefined> {
  const generations = await listManifestGenerations(fileSystem, directory);
  await noteTraces(fileSystem, directory, findings);
  const newest = generations.at(-1);
  if (newest === undefined) {
    findings.problem(directory, undefined, 'there is no generation of the manifest');
    return undefined;
  }
  const read = new Map<ManifestGeneration, GenerationContent>();
  for (const generation of generations) {
    const content = await checkGeneration(fileSystem, generation, { findings, isNewest: generation === newest });
    if (content !== undefined) read.set(generation, content);
  }
  const newestContent = read.get(newest);
  if (newestContent === undefined) return undefined;
  const older = generations.at(-2);
  const whole = withCheckpoint(newestContent, older && read.get(older));
  if (whole === undefined) {
    findings.problem(newest.path, undefined, 'its checkpoint is lost, and no older generation reaches it');
    return undefined;
  }
  return decode(newest, whole, findings);
}

/** The traces of crashes and repairs beside the generations. */
async function noteTraces(fileSystem: FileSystem, directory: string, findings: Findings): Promise<void> {
  for (const name of await fileSystem.list(directory)) {
    if (name.endsWith('.tmp')) findings.trace(`${directory}/${name}`, 'a generation that was never finished');
    if (name.endsWith('.damaged')) findings.trace(`${directory}/${name}`, 'replaced by a repair');
  }
}

async function checkGeneration(
  fileSystem: FileSystem,
  { number, path }: ManifestGeneration,
  { findings, isNewest }: { findings: Findings; isNewest: boolean },
): Promise<GenerationContent | undefined> {
  const handle = await fileSystem.open(path, 'read');
  try {
    const sizeBytes = await handle.size();
    findings.countFile(sizeBytes);
    const content = await readManifestFile(handle, { path, generation: number });
    if (content.isDamaged) {
      const whatNext = isNewest ? 'the next start writes it anew' : 'it is the spare of the newest generation';
      findings.problem(path, 0, `damaged before its first seal; nothing is lost, ${whatNext}`);
    }
    if (sizeBytes > content.end.offset) {
      findings.trace(path, `${sizeBytes - content.end.offset} bytes of an edit that was never acknowledged`);
    }
    return content;
  } catch (error) {
    findings.problem(path, error instanceof CorruptionError ? error.offset : undefined, (error as Error).message);
    return undefined;
  } finally {
    await handle.close();
  }
}

type Whole = Pick<GenerationContent, 'checkpoint' | 'edits'>;

function withCheckpoint(newest: GenerationContent, older: GenerationContent | undefined): Whole | undefined {
  if (!newest.isCheckpointLost) return newest;
  if (older === undefined || older.isCheckpointLost || older.end.lsn !== newest.baseVersion) return undefined;
  return { checkpoint: older.checkpoint, edits: [...older.edits, ...newest.edits] };
}

function decode({ path }: ManifestGeneration, { checkpoint, edits }: Whole, findings: Findings) {
  if (checkpoint === undefined) {
    if (edits.length > 0) findings.problem(path, undefined, 'it has edits and no checkpoint');
    return undefined;
  }
  try {
    return manifestContent(checkpoint, edits);
  } catch (error) {
    if (!(error instanceof CorruptionError || error instanceof SqlError || error instanceof TypeError)) throw error;
    findings.problem(path, undefined, error.message);
    return undefined;
  }
}

/** A checkpoint with its edits applied. Throws CorruptionError where they cannot be read. */
export function manifestContent(checkpoint: Uint8Array, edits: readonly Uint8Array[]): ManifestContent {
  let content = contentFromBytes(checkpoint);
  for (const edit of edits) content = applyEdit(content, editFromBytes(edit));
  return content;
}
