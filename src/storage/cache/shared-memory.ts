const PAGE_BYTES = 65536;
const MAX_PAGES = 65536;

/** The part of `WebAssembly.Memory` that we use; the type library for servers leaves WebAssembly out. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

interface WebAssemblyNamespace {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
}

/**
 * Memory of fixed size that JS, WASM kernels and worker threads share: `sizeBytes` rounded down to whole pages of
 * 64 KiB, at least one and at most 4 GiB. It never grows: growable buffers are read many times slower.
 */
export function createSharedMemory(sizeBytes: number): SharedMemory {
  const pages = Math.min(Math.max(Math.floor(sizeBytes / PAGE_BYTES), 1), MAX_PAGES);
  const { Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace }).WebAssembly;
  return new Memory({ initial: pages, maximum: pages, shared: true });
}
