import { fixedLengthView, readInt64, writeInt64 } from './binary-form.ts';
import { compareInt64 } from './int64.ts';
import { parseInt64 } from './integer-input.ts';
import type { TypeDefinition } from './type-definition.ts';
import type { Int64 } from './value.ts';

export const int8: TypeDefinition = {
  oid: 20,
  name: 'int8',
  sqlName: 'bigint',
  length: 8,
  category: 'N',
  isPreferred: false,
  arrayOid: 1016,
  elementOid: 0,
  representation: 'int64',
  isComparable: true,
  parse: (text) => parseInt64(text),
  format: (value) => String(value),
  readBinary: (bytes) => readInt64(fixedLengthView(bytes, 8)),
  writeBinary: (value, writer) => writeInt64(value as Int64, writer),
  compare: (left, right) => compareInt64(left as Int64, right as Int64),
  hashKey: (value) => value as Int64,
};
