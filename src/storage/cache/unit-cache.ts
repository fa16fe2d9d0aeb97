import type { Column } from '../../columnar/column.ts';
import type { Dictionary } from '../../columnar/dictionary.ts';
import { invariant } from '../../errors/invariant.ts';
import { leaveKernelMemory, useKernelMemory } from '../../kernels/numeric-kernels.ts';
import { KERNEL_SCRATCH_BYTES } from '../../kernels/wasm-kernels.ts';
import { type PinnedColumn, unsharedColumn } from './pinned-column.ts';
import { ReadWindows } from './read-windows.ts';
import { createSharedMemory, type SharedMemory } from './shared-memory.ts';
import { FRAME_BYTES, layoutOf, showFrame, UnitFrame } from './unit-frame.ts';

const DEFAULT_SIZE_BYTES = 256 * 1024 * 1024;
const MIN_SIZE_BYTES = 64 * 1024;
/** Shares of the budget: units that are JS objects or bytes of text, and windows of encoded bytes; frames get the rest. */
const HEAP_SHARE = 3 / 16;
const WINDOW_SHARE = 1 / 16;
/** What each further thread may keep of its own beside the frames, of what the first one may. */
const THREAD_HEAP_SHARE = 1 / 8;

/** Words before those of the frames. */
const FRAMES_IN_USE = 0;
const TURNS = 1;
const HEAD_WORDS = 2;
/** Control words of a frame. */
const CONTROL_WORDS = 5;
const PINS = 0;
const REFERENCED = 1;
/** Which unit it holds, and as what: see `UnitDirectory`. Written while it is claimed. */
const KEY = 2;
const UNIT = 3;
const LAYOUT = 4;
/**
 * Added to the pin count while a frame is being emptied or filled: nobody else may touch it. Who tries to pin it meanwhile
 * adds 1 and takes it back.
 */
const CLAIMED = -(2 ** 30);
const FRAME_ALIGNMENT = 64;

/** Threads that run kernels over one cache: each has a scratch space of its own behind the frames. */
export const MAX_KERNEL_THREADS = 32;
const SCRATCH_BYTES = MAX_KERNEL_THREADS * KERNEL_SCRATCH_BYTES;

/**
 * Where the units of a segment's columns lie, for all threads: column c, unit u at c · units + u the frame, counted from 1. A
 * frame may have been given to others since: its `KEY` (that of the first column + c) and `UNIT` say what it holds.
 */
export interface UnitDirectory {
  readonly firstKey: number;
  readonly frames: Int32Array;
}

/** What a thread needs to work on the cache of another: plain data, but for the memory, which can be posted. */
export interface SharedCache {
  readonly memory: SharedMemory;
  readonly sizeBytes: number;
}

/** The decoded units of one column of one open segment; made by `UnitCache.openColumn`. */
export class CachedColumn {
  /** By unit, as far as this thread has met them; managed by the cache. */
  readonly units: (CachedUnit | undefined)[];
  readonly key: number;
  readonly frames: Int32Array;

  constructor(unitCount: number, key: number, frames: Int32Array) {
    this.units = new Array<CachedUnit | undefined>(unitCount).fill(undefined);
    this.key = key;
    this.frames = frames;
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

  /** False when the frame holds something else by now. */
  pin(): boolean {
    return pin(this.#control, this.#controlIndex, this.owner.key, this.unit);
  }

  release(): void {
    const pins = Atomics.sub(this.#control, this.#controlIndex + PINS, 1);
    invariant(pins > 0, 'a unit is released once for every time it was pinned');
  }

  /** Takes the unit for eviction if nobody has it pinned. */
  claim(): boolean {
    return claim(this.#control, this.#controlIndex);
  }

  /** Clears the mark of recent use; true if it was set. */
  takeReferenced(): boolean {
    return takeReferenced(this.#control, this.#controlIndex);
  }
}

function pin(control: Int32Array, index: number, key: number, unit: number): boolean {
  if (Atomics.add(control, index + PINS, 1) >= 0 && control[index + KEY] === key && control[index + UNIT] === unit) {
    control[index + REFERENCED] = 1;
    return true;
  }
  Atomics.sub(control, index + PINS, 1);
  return false;
}

function claim(control: Int32Array, index: number): boolean {
  return Atomics.compareExchange(control, index + PINS, 0, CLAIMED) === 0;
}

function takeReferenced(control: Int32Array, index: number): boolean {
  const wasReferenced = control[index + REFERENCED] === 1;
  control[index + REFERENCED] = 0;
  return wasReferenced;
}

/**
 * Decoded units of all open segments within one budget. Units of fixed size lie in frames of one shared WebAssembly
 * memory, where JS and WASM kernels and worker threads see them; text as bytes and JS values lie on the heap beside it.
 *
 *   memory = | frames in use i32, turns i32 | per frame: pin count, referenced, key, unit, layout i32 | … | frame 0 | frame 1 | … |
 *            | scratch space of kernels, by thread |
 *
 * The operating system commits the memory as frames are first used. A pinned unit stays; the others make room by clock
 * (second chance), whose hand starts anywhere: a hand that goes round in order takes away, of scans of more than the cache
 * holds that come again and again, each unit just before it is asked for. When every frame is pinned, the reader decodes
 * into buffers of its own.
 *
 * Each thread has a cache object of its own over the same memory: what one has decoded, the others find by the segment's
 * directory. A frame is pinned first and looked at then, since a pinned one changes no more.
 */
export class UnitCache {
  readonly memory: SharedMemory;
  readonly frameCount: number;
  /** Encoded bytes read ahead of need. */
  readonly windows: ReadWindows;
  readonly #sizeBytes: number;
  readonly #control: Int32Array;
  readonly #framesStart: number;
  readonly #frames: (UnitFrame | undefined)[] = [];
  /** What this thread has last met in a frame. */
  readonly #unitOfFrame: (CachedUnit | undefined)[] = [];
  /** Claimed by this thread and empty. */
  readonly #freeFrames: UnitFrame[] = [];
  readonly #heapLimitBytes: number;
  /** In the order in which the clock's hand meets them. */
  readonly #heapUnits = new Set<CachedUnit>();
  #heapBytes = 0;
  #nextKey = 1;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /** `shared`: that of another thread, of which this is number `thread`; the first one is 0. */
  constructor(options: { sizeBytes?: number; shared?: SharedCache; thread?: number } = {}) {
    const { shared, thread = 0 } = options;
    const sizeBytes = shared?.sizeBytes ?? Math.max(options.sizeBytes ?? DEFAULT_SIZE_BYTES, MIN_SIZE_BYTES);
    const frameBytes = sizeBytes * (1 - HEAP_SHARE - WINDOW_SHARE);
    this.#sizeBytes = sizeBytes;
    this.memory = shared?.memory ?? createSharedMemory(Math.max(frameBytes, MIN_SIZE_BYTES) + SCRATCH_BYTES);
    const memoryBytes = this.memory.buffer.byteLength - SCRATCH_BYTES;
    useKernelMemory(this.memory, kernelScratchAt(this.memory.buffer, thread));
    const bytesPerFrame = FRAME_BYTES + CONTROL_WORDS * 4;
    this.frameCount = Math.floor((memoryBytes - FRAME_ALIGNMENT - HEAD_WORDS * 4) / bytesPerFrame);
    this.#control = new Int32Array(this.memory.buffer, 0, HEAD_WORDS + this.frameCount * CONTROL_WORDS);
    this.#framesStart = Math.ceil(this.#control.byteLength / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
    const own = sizeBytes * (shared === undefined ? 1 : THREAD_HEAP_SHARE);
    this.#heapLimitBytes = Math.floor(own * HEAP_SHARE);
    this.windows = new ReadWindows(Math.floor(own * WINDOW_SHARE));
  }

  /** For the caches of other threads. */
  get shared(): SharedCache {
    return { memory: this.memory, sizeBytes: this.#sizeBytes };
  }

  /** Counts since the start, and what is in use now. Frames that were used once stay committed. */
  usage(): { hits: number; misses: number; evictions: number; usedFrames: number; heapBytes: number } {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      usedFrames: Math.min(Atomics.load(this.#control, FRAMES_IN_USE), this.frameCount) - this.#freeFrames.length,
      heapBytes: this.#heapBytes,
    };
  }

  /** Lets kernels go of the memory. Units may still be read. */
  close(): void {
    leaveKernelMemory(this.memory);
  }

  /** For the columns of a segment. To be called in one thread alone: keys are told apart there. */
  newDirectory(columnCount: number, unitCount: number): UnitDirectory {
    const firstKey = this.#nextKey;
    this.#nextKey += columnCount;
    return { firstKey, frames: new Int32Array(new SharedArrayBuffer(columnCount * unitCount * 4)) };
  }

  /** Column `column` of a segment; without a directory, one that no other thread knows. */
  openColumn(unitCount: number, { firstKey, frames } = this.newDirectory(1, unitCount), column = 0): CachedColumn {
    const start = column * unitCount;
    return new CachedColumn(unitCount, firstKey + column, frames.subarray(start, start + unitCount));
  }

  /** Forgets all units of a column; those still pinned go when they are released and the clock passes. */
  closeColumn(column: CachedColumn): void {
    for (let unit = 0; unit < column.units.length; unit++) {
      const cached = column.units[unit];
      column.units[unit] = undefined;
      if (cached !== undefined && cached.frame === undefined) {
        this.#heapUnits.delete(cached);
        this.#heapBytes -= cached.heapBytes;
        continue;
      }
      const index = Atomics.exchange(column.frames, unit, 0) - 1;
      if (index < 0) continue;
      const at = controlIndexOf(index);
      const isOwn = (): boolean => this.#control[at + KEY] === column.key && this.#control[at + UNIT] === unit;
      if (!isOwn()) continue;
      if (!claim(this.#control, at)) takeReferenced(this.#control, at);
      else if (isOwn()) this.#free(index);
      // Another thread has given it to another unit meanwhile.
      else Atomics.sub(this.#control, at + PINS, CLAIMED);
    }
  }

  /** Only this thread: what a column has decoded stays for others. */
  leaveColumn(column: CachedColumn): void {
    for (const cached of column.units) {
      if (cached === undefined || cached.frame !== undefined) continue;
      this.#heapUnits.delete(cached);
      this.#heapBytes -= cached.heapBytes;
    }
    column.units.fill(undefined);
  }

  /** The unit, pinned, or undefined when it must be decoded. `dictionary`: what units of codes are of. */
  find(column: CachedColumn, unit: number, rowCount = 0, dictionary?: () => Dictionary): PinnedColumn | undefined {
    const cached = column.units[unit];
    if (cached?.pin() === true) {
      this.#hits++;
      return cached;
    }
    const index = Atomics.load(column.frames, unit) - 1;
    if (index < 0 || !pin(this.#control, controlIndexOf(index), column.key, unit)) {
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    const frame = this.#frame(index);
    const shown = showFrame(frame, this.#control[controlIndexOf(index) + LAYOUT], rowCount, dictionary);
    return this.#know(frame, column, unit, shown);
  }

  /** An empty frame to decode into, for `publish` or `discard`; undefined when all are pinned. */
  claimFrame(): UnitFrame | undefined {
    const free = this.#freeFrames.pop();
    if (free !== undefined) return free;
    if (Atomics.load(this.#control, FRAMES_IN_USE) < this.frameCount) {
      const index = Atomics.add(this.#control, FRAMES_IN_USE, 1);
      if (index < this.frameCount && claim(this.#control, controlIndexOf(index))) return this.#frame(index);
    }
    let index = scatter(Atomics.add(this.#control, TURNS, 1)) % this.frameCount;
    // Two turns: the first may only clear the marks of recent use.
    for (let step = 0; step < this.frameCount * 2; step++) {
      index = index + 1 < this.frameCount ? index + 1 : 0;
      const at = controlIndexOf(index);
      if (takeReferenced(this.#control, at) || !claim(this.#control, at)) continue;
      this.#forgetFrame(index);
      this.#evictions++;
      return this.#frame(index);
    }
    return undefined;
  }

  /** Gives a claimed frame, now filled, its unit; the result is pinned. */
  publish(frame: UnitFrame, owner: CachedColumn, unit: number, column: Column): PinnedColumn {
    const at = controlIndexOf(frame.index);
    const control = this.#control;
    control[at + KEY] = owner.key;
    control[at + UNIT] = unit;
    control[at + LAYOUT] = layoutOf(column);
    control[at + REFERENCED] = 1;
    const cached = this.#know(frame, owner, unit, column);
    Atomics.add(control, at + PINS, 1 - CLAIMED);
    Atomics.store(owner.frames, unit, frame.index + 1);
    return cached;
  }

  /** Gives a claimed frame back unfilled. */
  discard(frame: UnitFrame): void {
    this.#free(frame.index);
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
    control[KEY] = owner.key;
    control[UNIT] = unit;
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

  #know(frame: UnitFrame, owner: CachedColumn, unit: number, column: Column): CachedUnit {
    const controlIndex = controlIndexOf(frame.index);
    const cached = new CachedUnit(owner, unit, column, { control: this.#control, controlIndex, frame, heapBytes: 0 });
    this.#forgetFrame(frame.index);
    this.#unitOfFrame[frame.index] = cached;
    owner.units[unit] = cached;
    return cached;
  }

  #forgetFrame(index: number): void {
    const known = this.#unitOfFrame[index];
    if (known !== undefined) forget(known);
    this.#unitOfFrame[index] = undefined;
  }

  /** A claimed frame, whose content nobody wants any more. */
  #free(index: number): void {
    this.#forgetFrame(index);
    this.#control[controlIndexOf(index) + KEY] = 0;
    this.#freeFrames.push(this.#frame(index));
  }

  #frame(index: number): UnitFrame {
    let frame = this.#frames[index];
    if (frame === undefined) {
      frame = new UnitFrame(this.memory.buffer, this.#framesStart + index * FRAME_BYTES, index);
      this.#frames[index] = frame;
    }
    return frame;
  }
}

/** A whole number from 0 that looks like chance: the last mix of MurmurHash3. */
function scatter(number: number): number {
  let mixed = number ^ (number >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function controlIndexOf(frame: number): number {
  return HEAD_WORDS + frame * CONTROL_WORDS;
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
