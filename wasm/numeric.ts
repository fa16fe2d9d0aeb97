// AssemblyScript, compiled by `npm run build` to dist/kernels/numeric.wasm.
//
// The kernels of src/kernels/numeric-kernels.ts over the shared memory of the unit cache, which is imported: every
// argument that ends in At is a byte offset into it. They allocate nothing, have no data of their own and call nothing;
// the caller has checked that all rows lie within their arrays. What each computes, and in which order sums are added,
// stands at the interface; src/kernels/javascript-kernels.ts is the same in JS.

/** -0 is the sum of nothing: -0 + x is x, for 0 and -0 too. */
function noSum(): v128 {
  return f64x2.splat(-0.0);
}

/** Eight lanes, added pairwise. */
function fold(lanes01: v128, lanes23: v128, lanes45: v128, lanes67: v128): f64 {
  const sums = f64x2.add(f64x2.add(lanes01, lanes23), f64x2.add(lanes45, lanes67));
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

export function sum(valuesAt: usize, count: i32): f64 {
  let lanes01 = noSum();
  let lanes23 = noSum();
  let lanes45 = noSum();
  let lanes67 = noSum();
  let at = valuesAt;
  const blocksEnd = valuesAt + ((<usize>(count & ~7)) << 3);
  for (; at < blocksEnd; at += 64) {
    lanes01 = f64x2.add(lanes01, v128.load(at));
    lanes23 = f64x2.add(lanes23, v128.load(at, 16));
    lanes45 = f64x2.add(lanes45, v128.load(at, 32));
    lanes67 = f64x2.add(lanes67, v128.load(at, 48));
  }
  let total = fold(lanes01, lanes23, lanes45, lanes67);
  const end = valuesAt + ((<usize>count) << 3);
  for (; at < end; at += 8) total += load<f64>(at);
  return total;
}

/** `pmin` and `pmax` pass NaN over when it is their second argument, and keep the first of 0 and -0. */
function foldLeast(lanes01: v128, lanes23: v128, lanes45: v128, lanes67: v128): f64 {
  const lanes = f64x2.pmin(f64x2.pmin(lanes01, lanes23), f64x2.pmin(lanes45, lanes67));
  return min(f64x2.extract_lane(lanes, 0), f64x2.extract_lane(lanes, 1));
}

function foldGreatest(lanes01: v128, lanes23: v128, lanes45: v128, lanes67: v128): f64 {
  const lanes = f64x2.pmax(f64x2.pmax(lanes01, lanes23), f64x2.pmax(lanes45, lanes67));
  return max(f64x2.extract_lane(lanes, 0), f64x2.extract_lane(lanes, 1));
}

/** Infinity when no value is less; NaN is passed over, and a 0 may be a -0. */
export function least(valuesAt: usize, count: i32): f64 {
  let lanes01 = f64x2.splat(Infinity);
  let lanes23 = lanes01;
  let lanes45 = lanes01;
  let lanes67 = lanes01;
  let at = valuesAt;
  const blocksEnd = valuesAt + ((<usize>(count & ~7)) << 3);
  for (; at < blocksEnd; at += 64) {
    lanes01 = f64x2.pmin(lanes01, v128.load(at));
    lanes23 = f64x2.pmin(lanes23, v128.load(at, 16));
    lanes45 = f64x2.pmin(lanes45, v128.load(at, 32));
    lanes67 = f64x2.pmin(lanes67, v128.load(at, 48));
  }
  let result = foldLeast(lanes01, lanes23, lanes45, lanes67);
  const end = valuesAt + ((<usize>count) << 3);
  for (; at < end; at += 8) {
    const value = load<f64>(at);
    if (value < result) result = value;
  }
  return result;
}

/** -Infinity when no value is greater; NaN if any value is; a 0 may be a -0. */
export function greatest(valuesAt: usize, count: i32): f64 {
  let lanes01 = f64x2.splat(-Infinity);
  let lanes23 = lanes01;
  let lanes45 = lanes01;
  let lanes67 = lanes01;
  let strange = i64x2.splat(0);
  let at = valuesAt;
  const blocksEnd = valuesAt + ((<usize>(count & ~7)) << 3);
  for (; at < blocksEnd; at += 64) {
    const values01 = v128.load(at);
    const values23 = v128.load(at, 16);
    const values45 = v128.load(at, 32);
    const values67 = v128.load(at, 48);
    lanes01 = f64x2.pmax(lanes01, values01);
    lanes23 = f64x2.pmax(lanes23, values23);
    lanes45 = f64x2.pmax(lanes45, values45);
    lanes67 = f64x2.pmax(lanes67, values67);
    // A comparison of two values that is true for NaN in either would be one operation more.
    strange = v128.or(strange, v128.or(f64x2.ne(values01, values01), f64x2.ne(values23, values23)));
    strange = v128.or(strange, v128.or(f64x2.ne(values45, values45), f64x2.ne(values67, values67)));
  }
  if (v128.any_true(strange)) return NaN;
  let result = foldGreatest(lanes01, lanes23, lanes45, lanes67);
  const end = valuesAt + ((<usize>count) << 3);
  for (; at < end; at += 8) {
    const value = load<f64>(at);
    if (Number.isNaN(value)) return NaN;
    if (value > result) result = value;
  }
  return result;
}

/** Eight mask bytes as sixteen-bit words of all ones or none. */
function maskWords(maskAt: usize): v128 {
  return i16x8.extend_low_i8x16_s(i8x16.neg(v128.load64_zero(maskAt)));
}

export function sumSelected(valuesAt: usize, maskAt: usize, count: i32): f64 {
  const nothing = noSum();
  let lanes01 = nothing;
  let lanes23 = nothing;
  let lanes45 = nothing;
  let lanes67 = nothing;
  let at = valuesAt;
  let byteAt = maskAt;
  const blocksEnd = valuesAt + ((<usize>(count & ~7)) << 3);
  for (; at < blocksEnd; at += 64, byteAt += 8) {
    const words = maskWords(byteAt);
    const low = i32x4.extend_low_i16x8_s(words);
    const high = i32x4.extend_high_i16x8_s(words);
    lanes01 = f64x2.add(lanes01, v128.bitselect(v128.load(at), nothing, i64x2.extend_low_i32x4_s(low)));
    lanes23 = f64x2.add(lanes23, v128.bitselect(v128.load(at, 16), nothing, i64x2.extend_high_i32x4_s(low)));
    lanes45 = f64x2.add(lanes45, v128.bitselect(v128.load(at, 32), nothing, i64x2.extend_low_i32x4_s(high)));
    lanes67 = f64x2.add(lanes67, v128.bitselect(v128.load(at, 48), nothing, i64x2.extend_high_i32x4_s(high)));
  }
  let total = fold(lanes01, lanes23, lanes45, lanes67);
  const end = valuesAt + ((<usize>count) << 3);
  for (; at < end; at += 8, byteAt++) total += selected(at, byteAt);
  return total;
}

/** The value, or -0 where the mask has 0. By bits, since random masks would make a branch slow. */
function selected(valueAt: usize, maskAt: usize): f64 {
  const bits = -(<i64>load<u8>(maskAt));
  return reinterpret<f64>((load<i64>(valueAt) & bits) | (i64.MIN_VALUE & ~bits));
}

/** As `least`, of the selected values. */
export function leastSelected(valuesAt: usize, maskAt: usize, count: i32): f64 {
  const nothing = f64x2.splat(Infinity);
  let lanes01 = nothing;
  let lanes23 = nothing;
  let lanes45 = nothing;
  let lanes67 = nothing;
  let at = valuesAt;
  let byteAt = maskAt;
  const blocksEnd = valuesAt + ((<usize>(count & ~7)) << 3);
  for (; at < blocksEnd; at += 64, byteAt += 8) {
    const words = maskWords(byteAt);
    const low = i32x4.extend_low_i16x8_s(words);
    const high = i32x4.extend_high_i16x8_s(words);
    lanes01 = f64x2.pmin(lanes01, v128.bitselect(v128.load(at), nothing, i64x2.extend_low_i32x4_s(low)));
    lanes23 = f64x2.pmin(lanes23, v128.bitselect(v128.load(at, 16), nothing, i64x2.extend_high_i32x4_s(low)));
    lanes45 = f64x2.pmin(lanes45, v128.bitselect(v128.load(at, 32), nothing, i64x2.extend_low_i32x4_s(high)));
    lanes67 = f64x2.pmin(lanes67, v128.bitselect(v128.load(at, 48), nothing, i64x2.extend_high_i32x4_s(high)));
  }
  let result = foldLeast(lanes01, lanes23, lanes45, lanes67);
  const end = valuesAt + ((<usize>count) << 3);
  for (; at < end; at += 8, byteAt++) {
    const value = load<f64>(at);
    if (load<u8>(byteAt) !== 0 && value < result) result = value;
  }
  return result;
}

/** As `greatest`, of the selected values. */
export function greatestSelected(valuesAt: usize, maskAt: usize, count: i32): f64 {
  const nothing = f64x2.splat(-Infinity);
  let lanes01 = nothing;
  let lanes23 = nothing;
  let lanes45 = nothing;
  let lanes67 = nothing;
  let strange = i64x2.splat(0);
  let at = valuesAt;
  let byteAt = maskAt;
  const blocksEnd = valuesAt + ((<usize>(count & ~7)) << 3);
  for (; at < blocksEnd; at += 64, byteAt += 8) {
    const words = maskWords(byteAt);
    const low = i32x4.extend_low_i16x8_s(words);
    const high = i32x4.extend_high_i16x8_s(words);
    const values01 = v128.bitselect(v128.load(at), nothing, i64x2.extend_low_i32x4_s(low));
    const values23 = v128.bitselect(v128.load(at, 16), nothing, i64x2.extend_high_i32x4_s(low));
    const values45 = v128.bitselect(v128.load(at, 32), nothing, i64x2.extend_low_i32x4_s(high));
    const values67 = v128.bitselect(v128.load(at, 48), nothing, i64x2.extend_high_i32x4_s(high));
    lanes01 = f64x2.pmax(lanes01, values01);
    lanes23 = f64x2.pmax(lanes23, values23);
    lanes45 = f64x2.pmax(lanes45, values45);
    lanes67 = f64x2.pmax(lanes67, values67);
    strange = v128.or(strange, v128.or(f64x2.ne(values01, values01), f64x2.ne(values23, values23)));
    strange = v128.or(strange, v128.or(f64x2.ne(values45, values45), f64x2.ne(values67, values67)));
  }
  if (v128.any_true(strange)) return NaN;
  let result = foldGreatest(lanes01, lanes23, lanes45, lanes67);
  const end = valuesAt + ((<usize>count) << 3);
  for (; at < end; at += 8, byteAt++) {
    if (load<u8>(byteAt) === 0) continue;
    const value = load<f64>(at);
    if (Number.isNaN(value)) return NaN;
    if (value > result) result = value;
  }
  return result;
}

export function holdsMinusZero(valuesAt: usize, count: i32): i32 {
  const minusZero = noSum();
  let found = i64x2.splat(0);
  let at = valuesAt;
  const pairsEnd = valuesAt + ((<usize>(count & ~1)) << 3);
  for (; at < pairsEnd; at += 16) found = v128.or(found, i64x2.eq(v128.load(at), minusZero));
  if (v128.any_true(found)) return 1;
  return (count & 1) !== 0 && load<i64>(at) === i64.MIN_VALUE ? 1 : 0;
}

/** The four words that tell of four pairs of all ones or none. */
function narrowPairs(pair01: v128, pair23: v128): v128 {
  return i8x16.shuffle(pair01, pair23, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

function lessThan(at: usize, constant: v128): v128 {
  const words0 = narrowPairs(f64x2.lt(v128.load(at), constant), f64x2.lt(v128.load(at, 16), constant));
  const words1 = narrowPairs(f64x2.lt(v128.load(at, 32), constant), f64x2.lt(v128.load(at, 48), constant));
  const words2 = narrowPairs(f64x2.lt(v128.load(at, 64), constant), f64x2.lt(v128.load(at, 80), constant));
  const words3 = narrowPairs(f64x2.lt(v128.load(at, 96), constant), f64x2.lt(v128.load(at, 112), constant));
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(words0, words1), i16x8.narrow_i32x4_s(words2, words3));
}

function atMost(at: usize, constant: v128): v128 {
  const words0 = narrowPairs(f64x2.le(v128.load(at), constant), f64x2.le(v128.load(at, 16), constant));
  const words1 = narrowPairs(f64x2.le(v128.load(at, 32), constant), f64x2.le(v128.load(at, 48), constant));
  const words2 = narrowPairs(f64x2.le(v128.load(at, 64), constant), f64x2.le(v128.load(at, 80), constant));
  const words3 = narrowPairs(f64x2.le(v128.load(at, 96), constant), f64x2.le(v128.load(at, 112), constant));
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(words0, words1), i16x8.narrow_i32x4_s(words2, words3));
}

function equalTo(at: usize, constant: v128): v128 {
  const words0 = narrowPairs(f64x2.eq(v128.load(at), constant), f64x2.eq(v128.load(at, 16), constant));
  const words1 = narrowPairs(f64x2.eq(v128.load(at, 32), constant), f64x2.eq(v128.load(at, 48), constant));
  const words2 = narrowPairs(f64x2.eq(v128.load(at, 64), constant), f64x2.eq(v128.load(at, 80), constant));
  const words3 = narrowPairs(f64x2.eq(v128.load(at, 96), constant), f64x2.eq(v128.load(at, 112), constant));
  return i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(words0, words1), i16x8.narrow_i32x4_s(words2, words3));
}

/** `ifTrue` is 1 for the comparison itself and 0 for its opposite; the constant is no NaN. */
export function compareLess(valuesAt: usize, constant: f64, ifTrue: i32, maskAt: usize, count: i32): void {
  const constants = f64x2.splat(constant);
  const flip = i8x16.splat(<i8>(1 - ifTrue));
  const one = i8x16.splat(1);
  let row = 0;
  for (; row + 16 <= count; row += 16) {
    const bits = v128.and(lessThan(valuesAt + ((<usize>row) << 3), constants), one);
    v128.store(maskAt + <usize>row, v128.xor(bits, flip));
  }
  for (; row < count; row++) {
    const isLess = <i32>(load<f64>(valuesAt + ((<usize>row) << 3)) < constant);
    store<u8>(maskAt + <usize>row, isLess === ifTrue ? 1 : 0);
  }
}

export function compareAtMost(valuesAt: usize, constant: f64, ifTrue: i32, maskAt: usize, count: i32): void {
  const constants = f64x2.splat(constant);
  const flip = i8x16.splat(<i8>(1 - ifTrue));
  const one = i8x16.splat(1);
  let row = 0;
  for (; row + 16 <= count; row += 16) {
    const bits = v128.and(atMost(valuesAt + ((<usize>row) << 3), constants), one);
    v128.store(maskAt + <usize>row, v128.xor(bits, flip));
  }
  for (; row < count; row++) {
    const isAtMost = <i32>(load<f64>(valuesAt + ((<usize>row) << 3)) <= constant);
    store<u8>(maskAt + <usize>row, isAtMost === ifTrue ? 1 : 0);
  }
}

export function compareEqual(valuesAt: usize, constant: f64, ifTrue: i32, maskAt: usize, count: i32): void {
  const constants = f64x2.splat(constant);
  const flip = i8x16.splat(<i8>(1 - ifTrue));
  const one = i8x16.splat(1);
  let row = 0;
  for (; row + 16 <= count; row += 16) {
    const bits = v128.and(equalTo(valuesAt + ((<usize>row) << 3), constants), one);
    v128.store(maskAt + <usize>row, v128.xor(bits, flip));
  }
  for (; row < count; row++) {
    const isEqual = <i32>(load<f64>(valuesAt + ((<usize>row) << 3)) === constant);
    store<u8>(maskAt + <usize>row, isEqual === ifTrue ? 1 : 0);
  }
}

/** The same, and what was 0 in the mask stays 0. */
export function narrowLess(valuesAt: usize, constant: f64, ifTrue: i32, maskAt: usize, count: i32): void {
  const constants = f64x2.splat(constant);
  const flip = i8x16.splat(<i8>(1 - ifTrue));
  let row = 0;
  for (; row + 16 <= count; row += 16) {
    const at = maskAt + <usize>row;
    const bits = v128.xor(lessThan(valuesAt + ((<usize>row) << 3), constants), flip);
    v128.store(at, v128.and(v128.load(at), bits));
  }
  for (; row < count; row++) {
    const isLess = <i32>(load<f64>(valuesAt + ((<usize>row) << 3)) < constant);
    if (isLess !== ifTrue) store<u8>(maskAt + <usize>row, 0);
  }
}

export function narrowAtMost(valuesAt: usize, constant: f64, ifTrue: i32, maskAt: usize, count: i32): void {
  const constants = f64x2.splat(constant);
  const flip = i8x16.splat(<i8>(1 - ifTrue));
  let row = 0;
  for (; row + 16 <= count; row += 16) {
    const at = maskAt + <usize>row;
    const bits = v128.xor(atMost(valuesAt + ((<usize>row) << 3), constants), flip);
    v128.store(at, v128.and(v128.load(at), bits));
  }
  for (; row < count; row++) {
    const isAtMost = <i32>(load<f64>(valuesAt + ((<usize>row) << 3)) <= constant);
    if (isAtMost !== ifTrue) store<u8>(maskAt + <usize>row, 0);
  }
}

export function narrowEqual(valuesAt: usize, constant: f64, ifTrue: i32, maskAt: usize, count: i32): void {
  const constants = f64x2.splat(constant);
  const flip = i8x16.splat(<i8>(1 - ifTrue));
  let row = 0;
  for (; row + 16 <= count; row += 16) {
    const at = maskAt + <usize>row;
    const bits = v128.xor(equalTo(valuesAt + ((<usize>row) << 3), constants), flip);
    v128.store(at, v128.and(v128.load(at), bits));
  }
  for (; row < count; row++) {
    const isEqual = <i32>(load<f64>(valuesAt + ((<usize>row) << 3)) === constant);
    if (isEqual !== ifTrue) store<u8>(maskAt + <usize>row, 0);
  }
}

export function and(maskAt: usize, otherAt: usize, count: i32): void {
  let row: usize = 0;
  const blocksEnd = <usize>(count & ~15);
  for (; row < blocksEnd; row += 16) {
    v128.store(maskAt + row, v128.and(v128.load(maskAt + row), v128.load(otherAt + row)));
  }
  for (; row < <usize>count; row++) store<u8>(maskAt + row, load<u8>(maskAt + row) & load<u8>(otherAt + row));
}

export function or(maskAt: usize, otherAt: usize, count: i32): void {
  let row: usize = 0;
  const blocksEnd = <usize>(count & ~15);
  for (; row < blocksEnd; row += 16) {
    v128.store(maskAt + row, v128.or(v128.load(maskAt + row), v128.load(otherAt + row)));
  }
  for (; row < <usize>count; row++) store<u8>(maskAt + row, load<u8>(maskAt + row) | load<u8>(otherAt + row));
}

export function countSelected(maskAt: usize, count: i32): i32 {
  let lanes = i32x4.splat(0);
  let row: usize = 0;
  const blocksEnd = <usize>(count & ~15);
  for (; row < blocksEnd; row += 16) {
    const pairs = i16x8.extadd_pairwise_i8x16_u(v128.load(maskAt + row));
    lanes = i32x4.add(lanes, i32x4.extadd_pairwise_i16x8_u(pairs));
  }
  let result =
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3);
  for (; row < <usize>count; row++) result += load<u8>(maskAt + row);
  return result;
}

function add(cellAt: usize, value: f64): void {
  store<f64>(cellAt, load<f64>(cellAt) + value);
}

/** `firstLane`: the lane of the first row. */
export function groupSums(valuesAt: usize, codesAt: usize, sumsAt: usize, firstLane: i32, count: i32): void {
  let row = 0;
  const lane0: usize = sumsAt + ((<usize>(firstLane & 3)) << 3);
  const lane1: usize = sumsAt + ((<usize>((firstLane + 1) & 3)) << 3);
  const lane2: usize = sumsAt + ((<usize>((firstLane + 2) & 3)) << 3);
  const lane3: usize = sumsAt + ((<usize>((firstLane + 3) & 3)) << 3);
  let at = valuesAt;
  let codeAt = codesAt;
  for (; row + 4 <= count; row += 4, at += 32, codeAt += 16) {
    add(lane0 + ((<usize>load<u32>(codeAt)) << 5), load<f64>(at));
    add(lane1 + ((<usize>load<u32>(codeAt, 4)) << 5), load<f64>(at, 8));
    add(lane2 + ((<usize>load<u32>(codeAt, 8)) << 5), load<f64>(at, 16));
    add(lane3 + ((<usize>load<u32>(codeAt, 12)) << 5), load<f64>(at, 24));
  }
  for (; row < count; row++, at += 8, codeAt += 4) {
    add(sumsAt + ((<usize>load<u32>(codeAt)) << 5) + ((<usize>((firstLane + row) & 3)) << 3), load<f64>(at));
  }
}

export function groupSumsSelected(
  valuesAt: usize,
  codesAt: usize,
  maskAt: usize,
  sumsAt: usize,
  firstLane: i32,
  count: i32,
): void {
  for (let row = 0; row < count; row++) {
    const value = selected(valuesAt + ((<usize>row) << 3), maskAt + <usize>row);
    const code = <usize>load<u32>(codesAt + ((<usize>row) << 2));
    add(sumsAt + (code << 5) + ((<usize>((firstLane + row) & 3)) << 3), value);
  }
}

/**
 * (base + packed · step) / divisor of integers in four interleaved lanes of 32-bit words (src/storage/codec/bit-packing.ts),
 * 1 ≤ width ≤ 31. Four words past the last packed one are read and not used. The target takes four values at a time:
 * `count` is a multiple of four.
 */
export function unpack(
  wordsAt: usize,
  width: i32,
  base: f64,
  step: f64,
  divisor: f64,
  targetAt: usize,
  count: i32,
): void {
  const mask = i32x4.splat((1 << width) - 1);
  const bases = f64x2.splat(base);
  const steps = f64x2.splat(step);
  const divisors = f64x2.splat(divisor);
  const isWhole = divisor === 1;
  let bit = 0;
  let at = targetAt;
  const end = targetAt + ((<usize>count) << 3);
  for (; at < end; at += 32) {
    const wordAt = wordsAt + ((<usize>(bit >>> 5)) << 4);
    const shift = bit & 31;
    let packed = i32x4.shr_u(v128.load(wordAt), shift);
    if (shift + width > 32) packed = v128.or(packed, i32x4.shl(v128.load(wordAt, 16), 32 - shift));
    packed = v128.and(packed, mask);
    let low = f64x2.add(bases, f64x2.mul(f64x2.convert_low_i32x4_s(packed), steps));
    const upper = i8x16.shuffle(packed, packed, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
    let high = f64x2.add(bases, f64x2.mul(f64x2.convert_low_i32x4_s(upper), steps));
    if (!isWhole) {
      low = f64x2.div(low, divisors);
      high = f64x2.div(high, divisors);
    }
    v128.store(at, low);
    v128.store(at, high, 16);
    bit += width;
  }
}
