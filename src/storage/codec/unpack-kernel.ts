/**
 * Unrolled loops for `unpackNumbers`: 128 values at a time, which take exactly 4 · width words, so that every shift and
 * mask is a constant. They are generated, once per width, since writing out 62 of them is no reading; the text is made
 * of numbers alone. Against a loop over shifts they decode decimals more than twice as fast.
 */
export type UnpackKernel = (
  words: Uint32Array,
  base: number,
  step: number,
  divisor: number,
  target: Float64Array,
) => void;

/** Values that a kernel decodes together; what is left over is not its business. */
export const KERNEL_VALUES = 128;

const LANES = 4;
const WORD_BITS = 32;

const multiplying: (UnpackKernel | undefined)[] = [];
const dividing: (UnpackKernel | undefined)[] = [];

/** target[i] = base + value · step; 1 ≤ width ≤ 31. */
export function multiplyingKernel(width: number): UnpackKernel {
  multiplying[width] ??= generate(width, (value) => `base + (${value}) * step`);
  return multiplying[width];
}

/** target[i] = (base + value · step) / divisor; 1 ≤ width ≤ 31. */
export function dividingKernel(width: number): UnpackKernel {
  dividing[width] ??= generate(width, (value) => `(base + (${value}) * step) / divisor`);
  return dividing[width];
}

function generate(width: number, expressionOf: (packed: string) => string): UnpackKernel {
  const lines: string[] = [];
  for (let row = 0; row < KERNEL_VALUES; row++) {
    const bit = Math.floor(row / LANES) * width;
    const word = Math.floor(bit / WORD_BITS) * LANES + (row % LANES);
    lines.push(`target[row + ${row}] = ${expressionOf(packedValue(word, bit % WORD_BITS, width))};`);
  }
  const body = `
    for (let row = 0, word = 0; row + ${KERNEL_VALUES} <= target.length; row += ${KERNEL_VALUES}, word += ${LANES * width}) {
      ${lines.join('\n')}
    }`;
  return new Function('words', 'base', 'step', 'divisor', 'target', body) as UnpackKernel;
}

function packedValue(word: number, shift: number, width: number): string {
  const mask = 2 ** width - 1;
  const end = shift + width;
  if (end < WORD_BITS) return `words[word + ${word}] >>> ${shift} & ${mask}`;
  if (end === WORD_BITS) return `words[word + ${word}] >>> ${shift}`;
  const low = `words[word + ${word}] >>> ${shift}`;
  return `(${low} | words[word + ${word + LANES}] << ${WORD_BITS - shift}) & ${mask}`;
}
