import { fixedLengthView } from './binary-form.ts';
import { invalidInput } from './integer-input.ts';
import { orderOfNumbers } from './number-type.ts';
import { OID_MAX } from './oid.ts';
import type { TypeDefinition } from './type-definition.ts';

/** A tid is one number: its block times this, and its offset. */
const OFFSETS = 65_536;
const UINT32_MODULUS = OID_MAX + 1;

/** Rows are counted from 1 within a block, as PostgreSQL counts them. */
const ROWS_PER_BLOCK = 32_768;

export function tidOf(block: number, offset: number): number {
  return block * OFFSETS + offset;
}

/** The tid that stands for a number from 1 to 2^47. */
export function tidOfNumber(number: number): number {
  const at = number - 1;
  const offset = at % ROWS_PER_BLOCK;
  return ((at - offset) / ROWS_PER_BLOCK) * OFFSETS + offset + 1;
}

/** The number that a tid stands for; -1 where it stands for none. */
export function numberOfTid(tid: number): number {
  const offset = tid % OFFSETS;
  if (offset === 0 || offset > ROWS_PER_BLOCK) return -1;
  return ((tid - offset) / OFFSETS) * ROWS_PER_BLOCK + offset;
}

/**
 * What PostgreSQL reads: the block behind the first parenthesis, the offset behind the comma, up to the closing one. Signs
 * and blanks before digits are taken, and a block of -1 is the last one.
 */
const TID = /^[^(,)]*\(\s*([+-]?\d+),\s*([+-]?\d+)\)/;

/** Where a row of a table is: `(block,offset)`. */
export const tid: TypeDefinition = {
  oid: 27,
  name: 'tid',
  sqlName: 'tid',
  length: 6,
  category: 'U',
  isPreferred: false,
  elementOid: 0,
  arrayOid: 1010,
  ...orderOfNumbers,
  representation: 'int64',
  parse: (text) => {
    const [, block = '', offset = ''] = TID.exec(text) ?? [];
    const number = Number(block);
    const place = Number(offset);
    const isBlock = block !== '' && number <= OID_MAX && number >= -(UINT32_MODULUS / 2);
    if (!isBlock || place < 0 || place >= OFFSETS) throw invalidInput('tid', text);
    return tidOf(number < 0 ? number + UINT32_MODULUS : number, place);
  },
  format: (value) => {
    const offset = (value as number) % OFFSETS;
    return `(${((value as number) - offset) / OFFSETS},${offset})`;
  },
  readBinary: (bytes) => {
    const view = fixedLengthView(bytes, 6);
    return tidOf(view.getUint32(0), view.getUint16(4));
  },
  writeBinary: (value, writer) => {
    const offset = (value as number) % OFFSETS;
    writer.uint32(((value as number) - offset) / OFFSETS);
    writer.int16(offset);
  },
};
