import { fixedLengthView } from './binary-form.ts';
import { parseInteger } from './integer-input.ts';
import { orderOfNumbers } from './number-type.ts';
import type { TypeDefinition } from './type-definition.ts';

export const INT4_MIN = -2_147_483_648;
export const INT4_MAX = 2_147_483_647;

export const int4: TypeDefinition = {
  oid: 23,
  name: 'int4',
  sqlName: 'integer',
  length: 4,
  category: 'N',
  isPreferred: false,
  arrayOid: 1007,
  elementOid: 0,
  representation: 'float64',
  ...orderOfNumbers,
  parse: (text) => parseInteger(text, 'integer', INT4_MIN, INT4_MAX),
  format: (value) => String(value),
  readBinary: (bytes) => fixedLengthView(bytes, 4).getInt32(0),
  writeBinary: (value, writer) => writer.int32(value as number),
};
