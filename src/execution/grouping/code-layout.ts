import type { Int64 } from '../../types/value.ts';

/** The code of NULL; values have codes from 1 on. */
export const NULL_CODE = 0;
/** Of a value without a code, where none may be added. */
export const UNKNOWN_CODE = -1;

/** Codes have room for so many values at least. */
export const MIN_SPAN = 16;

/** How codes stand for values. */
export interface CodeLayout {
  /** Code c from 1 to `span` is the value `(base + c - 1) / scale` … */
  readonly base: number;
  readonly scale: number;
  readonly span: number;
  /** … and those above are these, in the order in which they came, as far as they do not lie within the span. */
  readonly strays: readonly Int64[];
}

/** Gives codes of one layout those of another one, which has all their values. */
export function recode(codes: Int32Array, count: number, from: CodeLayout, to: CodeLayout): void {
  const factor = to.scale / from.scale;
  for (let index = 0; index < count; index++) {
    const code = codes[index];
    if (code === NULL_CODE) continue;
    if (code <= from.span) codes[index] = (from.base + code - 1) * factor - to.base + 1;
    else codes[index] = codeOfStray(code - from.span - 1, to);
  }
}

/** The span may have grown around it. */
function codeOfStray(place: number, layout: CodeLayout): number {
  const value = layout.strays[place];
  const code = typeof value === 'number' ? codeWithin(value, layout) : NULL_CODE;
  return code === NULL_CODE ? layout.span + 1 + place : code;
}

/** NULL_CODE where it is no value of the span. */
export function codeWithin(value: number, { base, scale, span }: CodeLayout): number {
  const whole = wholeOf(value, scale);
  const distance = whole - base;
  return whole / scale === value && distance >= 0 && distance < span ? distance + 1 : NULL_CODE;
}

/** The integer nearest to a value times `scale`; some other one where it has more than 32 bits. */
export function wholeOf(value: number, scale: number): number {
  const scaled = value * scale;
  return (scaled < 0 ? scaled - 0.5 : scaled + 0.5) | 0;
}
