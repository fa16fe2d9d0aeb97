import { ByteWriter } from '../bytes/byte-writer.ts';
import type { TypeDefinition } from './type-definition.ts';
import type { Value } from './value.ts';

/** Bytes of a value in its binary form. */
export function binarySize(type: TypeDefinition, value: Value): number {
  const writer = new ByteWriter();
  type.writeBinary(value, writer);
  return writer.length;
}
