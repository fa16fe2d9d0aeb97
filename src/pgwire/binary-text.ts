import { ByteWriter } from '../bytes/byte-writer.ts';
import { notSupported } from '../errors/sql-error.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { typeByOid } from '../types/type-registry.ts';

type Convert = (bytes: Uint8Array) => Uint8Array;

/** Texts whose binary form is the text itself; that of jsonb has a byte in front, which is ASCII. */
const TEXTS = new Set(['text', 'varchar', 'bpchar', 'name', 'json', 'jsonb', 'unknown', 'cstring']);

/** What texts are in the binary form of a type's values: the whole, elements of an array, or nothing of it. */
export type TextPlace = 'whole' | 'elements' | 'nowhere';

/** Throws 0A000 for rows, whose binary form nobody takes apart here. */
export function textPlace(type: TypeDefinition): TextPlace {
  if (TEXTS.has(type.name) || type.category === 'E') return 'whole';
  if (type.category === 'C' || type.name === 'record') throw notSupported('binary rows in this client_encoding');
  if (type.category !== 'A') return 'nowhere';
  const element = typeByOid(type.elementOid);
  // Arrays over a type of a user's are over an enum.
  return element === undefined || textPlace(element) === 'whole' ? 'elements' : 'nowhere';
}

/** A value in the binary form with its texts converted. */
export function convertTexts(bytes: Uint8Array, place: TextPlace, convert: Convert): Uint8Array {
  if (place === 'nowhere') return bytes;
  return place === 'whole' ? convert(bytes) : convertElements(bytes, convert);
}

/** What does not have the form of an array is left to whoever reads it. */
function convertElements(bytes: Uint8Array, convert: Convert): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) return bytes;
  const headBytes = 12 + view.getInt32(0) * 8;
  if (headBytes < 12 || headBytes > bytes.length) return bytes;
  const writer = new ByteWriter(bytes.length + 64);
  writer.bytes(bytes.subarray(0, headBytes));
  for (let at = headBytes; at + 4 <= bytes.length; ) {
    const length = view.getInt32(at);
    at += 4;
    if (length > bytes.length - at) return bytes;
    if (length < 0) {
      writer.int32(-1);
      continue;
    }
    const element = convert(bytes.subarray(at, at + length));
    writer.int32(element.length);
    writer.bytes(element);
    at += length;
  }
  return writer.view();
}
