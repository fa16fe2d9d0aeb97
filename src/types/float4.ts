import { fixedLengthView } from './binary-form.ts';
import { formatFloat4 } from './format-float.ts';
import { orderOfNumbers } from './number-type.ts';
import { parseFloatingPoint } from './parse-float.ts';
import type { TypeDefinition } from './type-definition.ts';

/** Values are doubles that a float32 holds exactly: who computes one rounds it with Math.fround. */
export const float4: TypeDefinition = {
  oid: 700,
  name: 'float4',
  sqlName: 'real',
  length: 4,
  category: 'N',
  isPreferred: false,
  arrayOid: 1021,
  elementOid: 0,
  representation: 'float64',
  ...orderOfNumbers,
  parse: (text) => parseFloatingPoint(text, 'real', Math.fround),
  format: (value, context) => formatFloat4(value as number, context.extraFloatDigits),
  readBinary: (bytes) => fixedLengthView(bytes, 4).getFloat32(0),
  writeBinary: (value, writer) => writer.float32(value as number),
};
