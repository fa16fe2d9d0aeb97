import { totalmem } from 'node:os';

const GIB = 1024 ** 3;
const MAX_BYTES = 4 * GIB;

/** What the parts of a server may take unless they are told otherwise, in bytes. */
export interface MemoryShares {
  /** Decoded units of columns. */
  readonly cacheBytes: number;
  /** One statement. */
  readonly queryBytes: number;
  /** Indexes of plain tables. */
  readonly indexBytes: number;
}

/** Half of the machine's memory, or of what the process may take of it, and at most 4 GiB: a quarter of that for each part. */
export function memoryShares(machineBytes = machineMemory()): MemoryShares {
  const quarter = Math.floor(Math.min(machineBytes / 2, MAX_BYTES) / 4);
  return { cacheBytes: quarter, queryBytes: quarter, indexBytes: quarter };
}

/** In containers the limit of their group counts. */
function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
