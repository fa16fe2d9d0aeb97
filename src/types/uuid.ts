import { fixedLengthView } from './binary-form.ts';
import { invalidInput } from './integer-input.ts';
import { textForm } from './string-types.ts';
import type { TypeDefinition } from './type-definition.ts';

/** 32 hexadecimal digits, a hyphen allowed after every four, all in braces or not. */
const INPUT = /^(\{)?((?:[0-9a-f]{4}-?){7}[0-9a-f]{4})(\})?$/i;

/** Values are the canonical text, lower case with four hyphens, whose order is that of the bytes. */
function parseUuid(text: string): string {
  const match = INPUT.exec(text);
  if (match === null || (match[1] === undefined) !== (match[3] === undefined)) throw invalidInput('uuid', text);
  return hyphenated((match[2] ?? '').replaceAll('-', '').toLowerCase());
}

function hyphenated(digits: string): string {
  const pieces = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ];
  return pieces.join('-');
}

export const uuid: TypeDefinition = {
  ...textForm,
  oid: 2950,
  name: 'uuid',
  sqlName: 'uuid',
  length: 16,
  category: 'U',
  arrayOid: 2951,
  parse: parseUuid,
  readBinary: (bytes) => {
    fixedLengthView(bytes, 16);
    return hyphenated(Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex'));
  },
  writeBinary: (value, writer) => writer.bytes(Buffer.from((value as string).replaceAll('-', ''), 'hex')),
};
