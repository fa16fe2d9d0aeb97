import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

// A byte order mark is a character like any other here.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text from outside. Throws 22021 for what is no UTF-8, and for zero bytes, which no text value can hold. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.includes(0)) throw invalidBytes(bytes.subarray(bytes.indexOf(0), bytes.indexOf(0) + 1));
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalidBytes(firstInvalid(bytes));
  }
}

function invalidBytes(bytes: Uint8Array): SqlError {
  const shown = Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
  return new SqlError(SqlState.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": ${shown}`);
}

/** The first sequence that does not decode, as long as its first byte says that it is. */
function firstInvalid(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length) {
    const sequence = bytes.subarray(at, at + sequenceLength(bytes[at]!));
    try {
      decoder.decode(sequence);
    } catch {
      return sequence;
    }
    at += sequence.length;
  }
  return bytes.subarray(0, 1);
}

function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : first < 0xf8 ? 4 : 1;
}
