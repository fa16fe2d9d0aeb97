/** Where a unit is decoded to: a frame of the cache, or buffers of its own. At most 1,024 rows. */
export interface UnitBuffers {
  numbers(count: number): Float64Array;
  high(count: number): Int32Array;
  low(count: number): Uint32Array;
  codes(count: number): Uint32Array;
  booleans(count: number): Uint8Array;
  validity(count: number): Uint8Array;
}

export const privateBuffers: UnitBuffers = {
  numbers: (count) => new Float64Array(count),
  high: (count) => new Int32Array(count),
  low: (count) => new Uint32Array(count),
  codes: (count) => new Uint32Array(count),
  booleans: (count) => new Uint8Array(count),
  validity: (count) => new Uint8Array(count),
};
