import type { LiteralListSyntax, LiteralSyntax, SyntaxExpression } from './expression-ast.ts';

/** Shorter lists stay lists of expressions. */
export const MIN_LITERALS = 256;

/**
 * Many literals of one kind as one: whole numbers that a double holds, or strings; undefined where others are among them.
 * Made where the text is parsed, so that who binds it has nothing to do for each of them.
 */
export function literalList(items: readonly SyntaxExpression[]): LiteralListSyntax | undefined {
  if (items.length < MIN_LITERALS || items[0].kind !== 'literal') return undefined;
  const { type } = items[0];
  if (type !== 'integer' && type !== 'string') return undefined;
  const literals = items.filter((item) => item.kind === 'literal' && item.type === type) as readonly LiteralSyntax[];
  if (literals.length < items.length) return undefined;
  const positions = Uint32Array.from(literals, ({ position }) => position);
  if (type === 'string') {
    const texts = literals.map(({ value }) => value);
    return { kind: 'texts', texts, positions, slots: slotsOf(texts, hashText) };
  }
  const numbers = Float64Array.from(literals, ({ value }) => wholeNumber(value));
  if (numbers.includes(Number.NaN)) return undefined;
  return { kind: 'numbers', numbers, positions, slots: slotsOf(numbers, hashNumber) };
}

/** The literals as they were written. */
export function literalsOf(list: LiteralListSyntax): readonly LiteralSyntax[] {
  const { positions } = list;
  if (list.kind === 'texts') {
    return list.texts.map((value, at) => ({ kind: 'literal', type: 'string', value, position: positions[at] }));
  }
  return Array.from(list.numbers, (value, at) => ({
    kind: 'literal',
    type: 'integer',
    value: String(value),
    position: positions[at],
  }));
}

/** NaN for what a double does not hold. */
function wholeNumber(text: string): number {
  if (!/^-?\d{1,16}$/.test(text)) return Number.NaN;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value + 0 : Number.NaN;
}

/**
 * An open hash table over the values, at most half full: a slot holds the place of a value and one more, 0 is empty. Of
 * equal values the first one is in it.
 */
export function slotsOf<Value>(values: ArrayLike<Value>, hash: (value: Value) => number): Uint32Array {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(values.length, 1) * 2)));
  const mask = slots.length - 1;
  for (let at = 0; at < values.length; at++) {
    let slot = hash(values[at]) & mask;
    while (slots[slot] !== 0 && values[slots[slot] - 1] !== values[at]) slot = (slot + 1) & mask;
    if (slots[slot] === 0) slots[slot] = at + 1;
  }
  return slots;
}

/** Whether a value is among those of a table made by `slotsOf`. */
export function isAmong<Value>(
  value: Value,
  values: ArrayLike<Value>,
  slots: Uint32Array,
  hash: (value: Value) => number,
): boolean {
  const mask = slots.length - 1;
  for (let slot = hash(value) & mask; ; slot = (slot + 1) & mask) {
    const place = slots[slot];
    if (place === 0) return false;
    if (values[place - 1] === value) return true;
  }
}

export function hashNumber(value: number): number {
  // Both halves of what may pass 32 bits; a fraction is among no whole numbers wherever it is looked for.
  return finish((value | 0) ^ Math.imul(Math.floor(value / 4_294_967_296) | 0, 0x27d4eb2f));
}

export function hashText(value: string): number {
  let hash = value.length;
  for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193);
  return finish(hash);
}

/** Every bit of the result depends on every bit of the hash. */
function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
