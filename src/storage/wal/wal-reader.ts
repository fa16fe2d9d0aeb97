import type { Lsn } from '../../catalog/table.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import type { FileSystem } from '../../platform/file-system.ts';
import type { LogEntry } from '../seams/write-log.ts';
import { RecordKind } from './log-record.ts';
import { RecordReader } from './record-reader.ts';
import { readWalFileHeader } from './wal-file.ts';
import { firstPosition } from './wal-recovery.ts';

/** A stretch of the log that is known to have been written: from the start of the first file to a place in the last. */
export interface WalExtent {
  readonly files: readonly { readonly number: number; readonly path: string; readonly previousLsn: Lsn }[];
  /** Offset in the last file. */
  readonly endOffset: number;
}

/**
 * The commit records with an LSN of at least `from`, in order. Every record on the way is verified, those that are
 * skipped too; as all of them were written, one that does not fit is damage.
 */
export async function* readWal(fileSystem: FileSystem, { files, endOffset }: WalExtent, from: Lsn) {
  const oldest = files[0];
  if (oldest === undefined) return;
  if (oldest.previousLsn >= from) {
    throw new CorruptionError(
      `write-ahead log file "${oldest.path}" begins after record ${oldest.previousLsn}, but records from ${from} on are needed`,
      { file: oldest.path, offset: 0 },
    );
  }
  const startIndex = files.findLastIndex((file) => file.previousLsn < from);
  for (let index = startIndex; index < files.length; index++) {
    const file = files[index]!;
    const next = files[index + 1];
    yield* readFile(fileSystem, file, next ? { lsn: next.previousLsn } : { offset: endOffset }, from);
  }
}

/** Reads to the end given as an offset, or, where another file follows, as the LSN before that file. */
async function* readFile(
  fileSystem: FileSystem,
  file: { readonly number: number; readonly path: string },
  end: { readonly offset?: number; readonly lsn?: Lsn },
  from: Lsn,
): AsyncGenerator<LogEntry> {
  const handle = await fileSystem.open(file.path, 'read');
  try {
    const header = await readWalFileHeader(handle, file);
    if (header === undefined) {
      throw new CorruptionError(`write-ahead log file "${file.path}" has a damaged header`, {
        file: file.path,
        offset: 0,
      });
    }
    const reader = new RecordReader(handle, header.fileId);
    const position = firstPosition(header);
    while (end.offset !== undefined ? position.offset < end.offset : position.lsn < end.lsn!) {
      const record = await reader.next(position);
      if (record === undefined) {
        throw new CorruptionError(
          `write-ahead log file "${file.path}" is damaged at offset ${position.offset}, after record ${position.lsn}`,
          { file: file.path, offset: position.offset },
        );
      }
      if (record.header.kind === RecordKind.Commit && record.header.lsn >= from) {
        yield { lsn: record.header.lsn, body: record.body };
      }
    }
  } finally {
    await handle.close();
  }
}
