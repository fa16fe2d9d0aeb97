import { bytea } from './bytea.ts';
import type { TypeDefinition } from './type-definition.ts';
import { UddSketch } from './udd-sketch.ts';

/** What percentile_agg gives, to be stored and merged later: the bytes of a `UddSketch`, shown as bytea in its hex form. */
export const uddsketch: TypeDefinition = {
  ...bytea,
  oid: 9400,
  name: 'uddsketch',
  sqlName: 'uddsketch',
  arrayOid: 0,
  isComparable: false,
  parse: (text, context, typmod) => checked(bytea.parse(text, context, typmod) as Uint8Array),
  format: (value, context) => bytea.format(value, { ...context, byteaOutput: 'hex' }),
  readBinary: (bytes) => checked(bytes.slice()),
};

/** Throws 22P03. */
function checked(bytes: Uint8Array): Uint8Array {
  UddSketch.fromBytes(bytes);
  return bytes;
}
