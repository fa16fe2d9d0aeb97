import type { ByteReader } from '../../bytes/byte-reader.ts';
import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Dictionary } from '../../columnar/dictionary.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';

/**
 * The dictionary of a text column, in the footer; code i is the i-th string.
 *
 *   | string count varint | length varint, UTF-8 | length varint, UTF-8 | …
 */
export function writeStringDictionary(strings: Iterable<string>, count: number, writer: ByteWriter): void {
  writer.varint(count);
  for (const string of strings) writer.lengthPrefixedString(string);
}

export function readStringDictionary(reader: ByteReader): Dictionary {
  const count = reader.varint();
  const dictionary = new Dictionary();
  for (let code = 0; code < count; code++) {
    if (dictionary.codeOf(reader.lengthPrefixedString()) !== code) {
      throw new CorruptionError(`string ${code} of a dictionary stands there twice`);
    }
  }
  return dictionary;
}
