import { fixedLengthView } from './binary-form.ts';
import { invalidInput } from './integer-input.ts';
import type { TypeDefinition } from './type-definition.ts';

/** Any unambiguous beginning of these words counts, in any case. */
const WORDS: readonly (readonly [word: string, shortest: number, value: boolean])[] = [
  ['true', 1, true],
  ['false', 1, false],
  ['yes', 1, true],
  ['no', 1, false],
  ['on', 2, true],
  ['off', 2, false],
  ['1', 1, true],
  ['0', 1, false],
];

function parseBool(text: string): boolean {
  if (text === 't') return true;
  if (text === 'f') return false;
  const given = text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '').toLowerCase();
  for (const [word, shortest, value] of WORDS) {
    if (given.length >= shortest && word.startsWith(given)) return value;
  }
  throw invalidInput('boolean', text);
}

export const bool: TypeDefinition = {
  oid: 16,
  name: 'bool',
  sqlName: 'boolean',
  length: 1,
  category: 'B',
  isPreferred: true,
  arrayOid: 1000,
  elementOid: 0,
  representation: 'boolean',
  isComparable: true,
  parse: parseBool,
  format: (value) => (value === true ? 't' : 'f'),
  readBinary: (bytes) => fixedLengthView(bytes, 1).getUint8(0) !== 0,
  writeBinary: (value, writer) => writer.uint8(value === true ? 1 : 0),
  compare: (left, right) => Number(left) - Number(right),
  hashKey: (value) => value as boolean,
};
