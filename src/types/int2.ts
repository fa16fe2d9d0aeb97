import { fixedLengthView } from './binary-form.ts';
import { parseInteger } from './integer-input.ts';
import { orderOfNumbers } from './number-type.ts';
import type { TypeDefinition } from './type-definition.ts';

export const INT2_MIN = -32_768;
export const INT2_MAX = 32_767;

export const int2: TypeDefinition = {
  oid: 21,
  name: 'int2',
  sqlName: 'smallint',
  length: 2,
  category: 'N',
  isPreferred: false,
  arrayOid: 1005,
  elementOid: 0,
  representation: 'float64',
  ...orderOfNumbers,
  parse: (text) => parseInteger(text, 'smallint', INT2_MIN, INT2_MAX),
  format: (value) => String(value),
  readBinary: (bytes) => fixedLengthView(bytes, 2).getInt16(0),
  writeBinary: (value, writer) => writer.int16(value as number),
};
