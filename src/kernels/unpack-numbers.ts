import type { UnpackScale } from './numeric-kernels.ts';

/**
 * Unrolled loops for `unpackNumbers`: 128 values at a time, which take exactly 4 · width words, so that every shift and
 * mask is a constant. They are generated, once per width, since writing out 62 of them is no reading; the text is made
 * of numbers alone. Against a loop over shifts they decode decimals more than twice as fast.
 */
type UnpackLoop = (words: Uint32Array, base: number, step: number, divisor: number, target: Float64Array) => void;

/** Values that a loop decodes together; what is left over is not its business. */
const LOOP_VALUES = 128;

const LANES = 4;
const WORD_BITS = 32;

const multiplying: (UnpackLoop | undefined)[] = [];
const dividing: (UnpackLoop | undefined)[] = [];

/**
 * Integers of a fixed width in four interleaved lanes (`storage/codec/bit-packing.ts`) as doubles, with value v becoming
 * (base + v · step) / divisor on the way; 1 ≤ width ≤ 31, so that the packed integers are non-negative as int32 and
 * convert in one instruction. The first `done` values, a multiple of four, are left alone; `done` is 0 or close to the end.
 */
export function unpackNumbers(
  words: Uint32Array,
  width: number,
  { base, step, divisor }: UnpackScale,
  target: Float64Array,
  done: number,
): void {
  const count = target.length;
  let index = done;
  if (done === 0 && count >= LOOP_VALUES) {
    const loop = divisor === 1 ? multiplyingLoop(width) : dividingLoop(width);
    loop(words, base, step, divisor, target);
    index = count - (count % LOOP_VALUES);
  }
  const mask = 2 ** width - 1;
  for (; index < count; index++) {
    const bit = (index >>> 2) * width;
    const word = ((bit >>> 5) << 2) + (index & 3);
    const shift = bit & 31;
    let value = words[word] >>> shift;
    if (shift + width > WORD_BITS) value |= words[word + LANES] << (WORD_BITS - shift);
    target[index] = (base + (value & mask) * step) / divisor;
  }
}

function multiplyingLoop(width: number): UnpackLoop {
  multiplying[width] ??= generate(width, (value) => `base + (${value}) * step`);
  return multiplying[width];
}

function dividingLoop(width: number): UnpackLoop {
  dividing[width] ??= generate(width, (value) => `(base + (${value}) * step) / divisor`);
  return dividing[width];
}

function generate(width: number, expressionOf: (packed: string) => string): UnpackLoop {
  const lines: string[] = [];
  for (let row = 0; row < LOOP_VALUES; row++) {
    const bit = Math.floor(row / LANES) * width;
    const word = Math.floor(bit / WORD_BITS) * LANES + (row % LANES);
    lines.push(`target[row + ${row}] = ${expressionOf(packedValue(word, bit % WORD_BITS, width))};`);
  }
  const body = `
    for (let row = 0, word = 0; row + ${LOOP_VALUES} <= target.length; row += ${LOOP_VALUES}, word += ${LANES * width}) {
      ${lines.join('\n')}
    }`;
  return new Function('words', 'base', 'step', 'divisor', 'target', body) as UnpackLoop;
}

function packedValue(word: number, shift: number, width: number): string {
  const mask = 2 ** width - 1;
  const end = shift + width;
  if (end < WORD_BITS) return `words[word + ${word}] >>> ${shift} & ${mask}`;
  if (end === WORD_BITS) return `words[word + ${word}] >>> ${shift}`;
  const low = `words[word + ${word}] >>> ${shift}`;
  return `(${low} | words[word + ${word + LANES}] << ${WORD_BITS - shift}) & ${mask}`;
}
