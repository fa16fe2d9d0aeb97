/**
 * Unsigned integers of a fixed width in four interleaved lanes: value i goes to lane i mod 4, and the lanes' 32-bit words
 * alternate. Four neighbouring values so share word index and shift, which suits SIMD registers and saves JS the same
 * arithmetic three times out of four.
 *
 *   word      0       1       2       3       4       5     …
 *   lane      0       1       2       3       0       1
 *   values    0,4,8…  1,5,9…  2,6,…   3,7,…   (lane 0 goes on)
 *
 * Within a lane values follow each other from the lowest bit up and may straddle two words.
 */
export function packedWordCount(count: number, width: number): number {
  return 4 * Math.ceil((Math.ceil(count / 4) * width) / 32);
}

/**
 * Packs the first `count` of `values`, each below 2^width (1 ≤ width ≤ 32), to the front of `words`. `values` must have
 * room up to the next multiple of four; what stands there is packed too and never read.
 */
export function packBits(values: Uint32Array, count: number, width: number, words: Uint32Array): void {
  words.fill(0, 0, packedWordCount(count, width));
  const mask = width === 32 ? 0xffffffff : (1 << width) - 1;
  let bit = 0;
  for (let index = 0; index < count; index += 4) {
    const word = (bit >>> 5) << 2;
    const shift = bit & 31;
    for (let lane = 0; lane < 4; lane++) words[word + lane] |= (values[index + lane] & mask) << shift;
    if (shift + width > 32) {
      for (let lane = 0; lane < 4; lane++) words[word + 4 + lane] = (values[index + lane] & mask) >>> (32 - shift);
    }
    bit += width;
  }
}

/** The reverse of `packBits`; 1 ≤ width ≤ 32. */
export function unpackBits(words: Uint32Array, count: number, width: number, target: Uint32Array): void {
  const mask = width === 32 ? -1 : (1 << width) - 1;
  const quads = count & ~3;
  let bit = 0;
  for (let index = 0; index < quads; index += 4) {
    const word = (bit >>> 5) << 2;
    const shift = bit & 31;
    if (shift + width <= 32) {
      target[index] = (words[word] >>> shift) & mask;
      target[index + 1] = (words[word + 1] >>> shift) & mask;
      target[index + 2] = (words[word + 2] >>> shift) & mask;
      target[index + 3] = (words[word + 3] >>> shift) & mask;
    } else {
      const rest = 32 - shift;
      target[index] = ((words[word] >>> shift) | (words[word + 4] << rest)) & mask;
      target[index + 1] = ((words[word + 1] >>> shift) | (words[word + 5] << rest)) & mask;
      target[index + 2] = ((words[word + 2] >>> shift) | (words[word + 6] << rest)) & mask;
      target[index + 3] = ((words[word + 3] >>> shift) | (words[word + 7] << rest)) & mask;
    }
    bit += width;
  }
  const word = (bit >>> 5) << 2;
  const shift = bit & 31;
  for (let index = quads; index < count; index++) {
    const lane = word + index - quads;
    let value = words[lane] >>> shift;
    if (shift + width > 32) value |= words[lane + 4] << (32 - shift);
    target[index] = value & mask;
  }
}
