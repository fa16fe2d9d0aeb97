import type { SlabBuffers } from './slab-buffers.ts';

/** Rows of a full slab. Fixed, so that row → (slab, offset) is a shift and a mask. */
export const SLAB_ROWS = 16_384;
export const SLAB_SHIFT = 14;
export const SLAB_MASK = SLAB_ROWS - 1;

/** `shared` where worker threads read it, `private` for a transaction's own rows, which may bring their own buffers. */
export type BufferKind = 'shared' | 'private' | SlabBuffers;

/** Zeros; `isFilled`: or anything else, since nobody reads what was not written. */
export function newBuffer(kind: BufferKind, sizeBytes: number, isFilled = false): ArrayBuffer | SharedArrayBuffer {
  if (typeof kind === 'object') return kind.take(sizeBytes, isFilled);
  return kind === 'shared' ? new SharedArrayBuffer(sizeBytes) : new ArrayBuffer(sizeBytes);
}

/**
 * How many rows to make room for: the first slab grows step by step up to `SLAB_ROWS`, so that many small tables and
 * partitions stay small; every later slab has its full size from the start.
 */
export function slabCapacity(slabIndex: number, rowsWanted: number, rowsNow: number): number {
  if (slabIndex > 0) return SLAB_ROWS;
  if (rowsWanted <= rowsNow) return rowsNow;
  let capacity = Math.max(rowsNow, 64);
  while (capacity < rowsWanted) capacity *= 4;
  return Math.min(capacity, SLAB_ROWS);
}
