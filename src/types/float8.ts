import { fixedLengthView } from './binary-form.ts';
import { formatFloat8 } from './format-float.ts';
import { orderOfNumbers } from './number-type.ts';
import { parseFloatingPoint } from './parse-float.ts';
import type { TypeDefinition } from './type-definition.ts';

export const float8: TypeDefinition = {
  oid: 701,
  name: 'float8',
  sqlName: 'double precision',
  length: 8,
  category: 'N',
  isPreferred: true,
  arrayOid: 1022,
  elementOid: 0,
  representation: 'float64',
  ...orderOfNumbers,
  parse: (text) => parseFloatingPoint(text, 'double precision', (value) => value),
  format: (value, context) => formatFloat8(value as number, context.extraFloatDigits),
  readBinary: (bytes) => fixedLengthView(bytes, 8).getFloat64(0),
  writeBinary: (value, writer) => writer.float64(value as number),
};
