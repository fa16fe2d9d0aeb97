import type { Column } from '../../columnar/column.ts';
import { invariant } from '../../errors/invariant.ts';
import { leaveKernelMemory, useKernelMemory } from '../../kernels/numeric-kernels.ts';
import { KERNEL_SCRATCH_BYTES } from '../../kernels/wasm-kernels.ts';
import { type PinnedColumn, unsharedColumn } from './pinned-column.ts';
import { ReadWindows } from './read-windows.ts';
import { createSharedMemory, type SharedMemory } from './shared-memory.ts';
import { FRAME_BYTES, UnitFrame } from './unit-frame.ts';

const DEFAULT_SIZE_BYTES = 256 * 1024 * 1024;
const MIN_SIZE_BYTES = 64 * 1024;
/** Shares of the budget: units that are JS objects or bytes of text, and windows of encoded bytes; frames get the rest. */
const HEAP_SHARE = 3 / 16;
const WINDOW_SHARE = 1 / 16;

/** Control words of a frame. */
const CONTROL_WORDS = 2;
const PINS = 0;
const REFERENCED = 1;
/** The pin count while a frame is being emptied or filled: nobody else may touch it. */
const CLAIMED = -1;
const FRAME_ALIGNMENT = 64;

/** Threads that run kernels over one cache: each has a scratch space of its own behind the frames. */
export const MAX_KERNEL_THREADS = 32;
const SCRATCH_BYTES = MAX_KERNEL_THREADS * KERNEL_SCRATCH_BYTES;

/** The decoded units of one column of one open segment; made by `UnitCache.openColumn`. */
export class CachedColumn {
  /** By unit; managed by the cache. */
  readonly units: (CachedUnit | undefined)[];

  constructor(unitCount: number) {
    this.units = new Array<CachedUnit | undefined>(unitCount).fill(undefined);
  }
}

/** A decoded unit in the cache, with its pin count. */
class CachedUnit implements PinnedColumn {
  readonly column: Column;
  readonly owner: CachedColumn;
  readonly unit: number;
  /** Where it lies; undefined for units on the heap. */
  readonly frame: UnitFrame | undefined;
  /** What it counts on the heap; 0 for units in frames. */
  readonly heapBytes: number;
  readonly #control: Int32Array;
  readonly #controlIndex: number;

  constructor(
    owner: CachedColumn,
    unit: number,
    column: Column,
    place: { control: Int32Array; controlIndex: number; frame: UnitFrame | undefined; heapBytes: number },
  ) {
    this.owner = owner;
    this.unit = unit;
    this.column = column;
    this.frame = place.frame;
    this.heapBytes = place.heapBytes;
    this.#control = place.control;
    this.#controlIndex = place.controlIndex;
  }

  pin(): void {
    Atomics.add(this.#control, this.#controlIndex + PINS, 1);
    this.#control[this.#controlIndex + REFERENCED] = 1;
  }

  release(): void {
    const pins = Atomics.sub(this.#control, this.#controlIndex + PINS, 1);
    invariant(pins > 0, 'a unit is released once for every time it was pinned');
  }

  /** Takes the unit for eviction if nobody has it pinned. */
  claim(): boolean {
    return Atomics.compareExchange(this.#control, this.#controlIndex + PINS, 0, CLAIMED) === 0;
  }

  /** Clears the mark of recent use; true if it was set. */
  takeReferenced(): boolean {
    const index = this.#controlIndex + REFERENCED;
    const wasReferenced = this.#control[index] === 1;
    this.#control[index] = 0;
    return wasReferenced;
  }
}

/**
 * Decoded units of all open segments within one budget. Units of fixed size lie in frames of one shared WebAssembly
 * memory, where JS and WASM kernels and worker threads see them; text as bytes and JS values lie on the heap beside it.
 *
 *   memory = | per frame: pin count i32, referenced i32 | … | frame 0 | frame 1 | … | scratch space of kernels, by thread |
 *
 * The operating system commits the memory as frames are first used. A pinned unit stays; the others make room by clock
 * (second chance). When every frame is pinned, the reader decodes into buffers of its own.
 */
export class UnitCache {
  readonly memory: SharedMemory;
  readonly frameCount: number;
  /** Encoded bytes read ahead of need. */
  readonly windows: ReadWindows;
  readonly #control: Int32Array;
  readonly #framesStart: number;
  readonly #frames: UnitFrame[] = [];
  readonly #unitOfFrame: (CachedUnit | undefined)[] = [];
  readonly #freeFrames: UnitFrame[] = [];
  readonly #heapLimitBytes: number;
  /** In the order in which the clock's hand meets them. */
  readonly #heapUnits = new Set<CachedUnit>();
  #heapBytes = 0;
  #hand = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(options: { sizeBytes?: number } = {}) {
    const sizeBytes = Math.max(options.sizeBytes ?? DEFAULT_SIZE_BYTES, MIN_SIZE_BYTES);
    const frameBytes = sizeBytes * (1 - HEAP_SHARE - WINDOW_SHARE);
    this.memory = createSharedMemory(Math.max(frameBytes, MIN_SIZE_BYTES) + SCRATCH_BYTES);
    const memoryBytes = this.memory.buffer.byteLength - SCRATCH_BYTES;
    useKernelMemory(this.memory, kernelScratchAt(this.memory.buffer, 0));
    const bytesPerFrame = FRAME_BYTES + CONTROL_WORDS * 4;
    this.frameCount = Math.floor((memoryBytes - FRAME_ALIGNMENT) / bytesPerFrame);
    this.#control = new Int32Array(this.memory.buffer, 0, this.frameCount * CONTROL_WORDS);
    this.#framesStart = Math.ceil(this.#control.byteLength / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
    this.#heapLimitBytes = Math.floor(sizeBytes * HEAP_SHARE);
    this.windows = new ReadWindows(Math.floor(sizeBytes * WINDOW_SHARE));
  }

  /** Counts since the start, and what is in use now. Frames that were used once stay committed. */
  usage(): { hits: number; misses: number; evictions: number; usedFrames: number; heapBytes: number } {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      usedFrames: this.#frames.length - this.#freeFrames.length,
      heapBytes: this.#heapBytes,
    };
  }

  /** Lets kernels go of the memory. Units may still be read. */
  close(): void {
    leaveKernelMemory(this.memory);
  }

  openColumn(unitCount: number): CachedColumn {
    return new CachedColumn(unitCount);
  }

  /** Forgets all units of a column; those still pinned go when they are released and the clock passes. */
  closeColumn(column: CachedColumn): void {
    for (let unit = 0; unit < column.units.length; unit++) {
      const cached = column.units[unit];
      if (cached === undefined) continue;
      column.units[unit] = undefined;
      if (cached.frame === undefined) {
        this.#heapUnits.delete(cached);
        this.#heapBytes -= cached.heapBytes;
      } else if (cached.claim()) {
        this.#unitOfFrame[cached.frame.index] = undefined;
        this.#freeFrames.push(cached.frame);
      } else cached.takeReferenced();
    }
  }

  /** The unit, pinned, or undefined when it must be decoded. */
  find(column: CachedColumn, unit: number): PinnedColumn | undefined {
    const cached = column.units[unit];
    if (cached === undefined) {
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    cached.pin();
    return cached;
  }

  /** An empty frame to decode into, for `publish` or `discard`; undefined when all are pinned. */
  claimFrame(): UnitFrame | undefined {
    const free = this.#freeFrames.pop();
    if (free !== undefined) return free;
    if (this.#frames.length < this.frameCount) return this.#newFrame();
    // Two turns: the first may only clear the marks of recent use.
    for (let step = 0; step < this.frameCount * 2; step++) {
      const index = this.#hand;
      this.#hand = index + 1 === this.frameCount ? 0 : index + 1;
      const cached = this.#unitOfFrame[index];
      if (cached === undefined || cached.takeReferenced() || !cached.claim()) continue;
      forget(cached);
      this.#unitOfFrame[index] = undefined;
      this.#evictions++;
      return this.#frames[index];
    }
    return undefined;
  }

  /** Gives a claimed frame, now filled, its unit; the result is pinned. */
  publish(frame: UnitFrame, owner: CachedColumn, unit: number, column: Column): PinnedColumn {
    const controlIndex = frame.index * CONTROL_WORDS;
    const cached = new CachedUnit(owner, unit, column, { control: this.#control, controlIndex, frame, heapBytes: 0 });
    this.#unitOfFrame[frame.index] = cached;
    owner.units[unit] = cached;
    this.#control[controlIndex + REFERENCED] = 1;
    Atomics.store(this.#control, controlIndex + PINS, 1);
    return cached;
  }

  /** Gives a claimed frame back unfilled. */
  discard(frame: UnitFrame): void {
    this.#freeFrames.push(frame);
  }

  /**
   * Keeps a column that lies on the heap and takes about `sizeBytes`; the result is pinned. When it does not fit beside
   * the pinned ones it is handed back without being kept.
   */
  keep(owner: CachedColumn, unit: number, column: Column, sizeBytes: number): PinnedColumn {
    const heapBytes = Math.max(sizeBytes, 1);
    if (heapBytes > this.#heapLimitBytes || !this.#makeHeapRoom(heapBytes)) return unsharedColumn(column);
    const control = new Int32Array(CONTROL_WORDS);
    const cached = new CachedUnit(owner, unit, column, { control, controlIndex: 0, frame: undefined, heapBytes });
    cached.pin();
    this.#heapUnits.add(cached);
    this.#heapBytes += heapBytes;
    owner.units[unit] = cached;
    return cached;
  }

  #makeHeapRoom(neededBytes: number): boolean {
    let stepsLeft = this.#heapUnits.size * 2;
    for (const cached of this.#heapUnits) {
      if (this.#heapBytes + neededBytes <= this.#heapLimitBytes || stepsLeft-- === 0) break;
      this.#heapUnits.delete(cached);
      if (cached.takeReferenced() || !cached.claim()) {
        // To the end of the set: the loop meets it again on the next turn.
        this.#heapUnits.add(cached);
        continue;
      }
      this.#heapBytes -= cached.heapBytes;
      forget(cached);
      this.#evictions++;
    }
    return this.#heapBytes + neededBytes <= this.#heapLimitBytes;
  }

  #newFrame(): UnitFrame {
    const index = this.#frames.length;
    const frame = new UnitFrame(this.memory.buffer, this.#framesStart + index * FRAME_BYTES, index);
    this.#frames.push(frame);
    this.#unitOfFrame.push(undefined);
    Atomics.store(this.#control, index * CONTROL_WORDS + PINS, CLAIMED);
    return frame;
  }
}

/** Where the kernels of a thread have their scratch space in a cache's memory; 0 is the main thread. */
export function kernelScratchAt(memory: SharedArrayBuffer, thread: number): number {
  invariant(thread < MAX_KERNEL_THREADS, 'every thread has a scratch space');
  return memory.byteLength - SCRATCH_BYTES + thread * KERNEL_SCRATCH_BYTES;
}

/** The column may have been closed, or have another copy of the unit by now. */
function forget(cached: CachedUnit): void {
  if (cached.owner.units[cached.unit] === cached) cached.owner.units[cached.unit] = undefined;
}
