import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READ_BYTES = 1 << 20;
const PIECE_BYTES = 64 << 20;

/** A data set's rows are the path of a file or a function that gives chunks of bytes: either way, the chunks. */
export function chunksOf(source) {
  return typeof source === 'string' ? createReadStream(source, { highWaterMark: READ_BYTES }) : source();
}

/** For those who only read files: calls `load` with a path; rows of a generator come in pieces that are deleted again. */
export async function withFiles(source, load) {
  if (typeof source === 'string') return load(source);
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-piece-'));
  const path = join(directory, 'rows.csv');
  try {
    let chunks = [];
    let size = 0;
    const flush = async () => {
      if (size === 0) return;
      writeFileSync(path, Buffer.concat(chunks));
      await load(path);
      chunks = [];
      size = 0;
    };
    for await (const chunk of source()) {
      chunks.push(chunk);
      size += chunk.length;
      // Chunks of a generator end with a row.
      if (size >= PIECE_BYTES) await flush();
    }
    await flush();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
