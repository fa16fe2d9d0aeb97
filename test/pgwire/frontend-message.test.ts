import { describe, expect, test } from 'vitest';
import { decodeFrontendMessage } from '../../src/pgwire/frontend-message.ts';
import { FrontendCode } from '../../src/pgwire/message-code.ts';

const { Bind, Close, CopyData, Describe, Execute, FunctionCall, Parse, Query, Sync } = FrontendCode;

/** Strings get their zero byte, numbers are int16, arrays are bytes. */
function body(...parts: readonly (string | number | readonly number[])[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`);
      if (typeof part !== 'number') return Buffer.from(part);
      const bytes = Buffer.alloc(2);
      bytes.writeInt16BE(part);
      return bytes;
    }),
  );
}

describe('frontend messages', () => {
  test('reads Bind with its three lists', () => {
    const bytes = body('p', 's', 1, 1, 3, [0, 0, 0, 2, 7, 8], [255, 255, 255, 255], [0, 0, 0, 0], 2, 0, 1);
    expect(decodeFrontendMessage({ code: Bind, body: bytes })).toEqual({
      kind: 'bind',
      portal: 'p',
      statement: 's',
      parameterFormats: [1],
      parameters: [Buffer.from([7, 8]), null, Buffer.alloc(0)],
      resultFormats: [0, 1],
    });
  });

  test('reads a row limit of zero or less as none', () => {
    const maxRows = (bytes: readonly number[]) => decodeFrontendMessage({ code: Execute, body: body('', bytes) });
    expect(maxRows([0, 0, 0, 0])).toMatchObject({ maxRows: Number.POSITIVE_INFINITY });
    expect(maxRows([255, 255, 255, 255])).toMatchObject({ maxRows: Number.POSITIVE_INFINITY });
    expect(maxRows([0, 0, 0, 3])).toMatchObject({ maxRows: 3 });
  });

  const violations: Record<string, [code: number, body: Uint8Array]> = {
    'a query without its zero byte': [Query, Buffer.from('SELECT 1')],
    'bytes after a query': [Query, body('SELECT 1', [1])],
    'bytes after Sync': [Sync, body([1])],
    'more parameter types than bytes': [Parse, body('', 'SELECT 1', 2, [0, 0, 0, 23])],
    'a count of 65,535 and nothing behind it': [Bind, body('', '', -1)],
    'a parameter longer than the message': [Bind, body('', '', 0, 1, [0, 0, 0, 9, 1], 0)],
    'a negative parameter length other than -1': [Bind, body('', '', 0, 1, [255, 255, 255, 254], 0)],
    'a parameter length of 2^31 - 1': [Bind, body('', '', 0, 1, [127, 255, 255, 255], 0)],
    'an Execute without a row limit': [Execute, body('')],
    'a Describe that is empty': [Describe, body()],
  };
  for (const [name, [code, bytes]] of Object.entries(violations)) {
    test(`refuses ${name}, and goes on behind it`, () => {
      expect(() => decodeFrontendMessage({ code, body: bytes })).toThrow(
        expect.objectContaining({ name: 'SqlError', code: '08P01' }),
      );
    });
  }

  test('refuses an unknown target of Describe and Close, and goes on', () => {
    for (const code of [Describe, Close]) {
      expect(() => decodeFrontendMessage({ code, body: body([0x51], 'x') })).toThrow(
        expect.objectContaining({ name: 'SqlError', code: '08P01' }),
      );
    }
  });

  test('names the bytes that are no UTF-8', () => {
    const query = (bytes: readonly number[]) =>
      decodeFrontendMessage({ code: Query, body: Buffer.from([...Buffer.from('SELECT '), ...bytes, 0]) });
    expect(() => query([0xff])).toThrow('invalid byte sequence for encoding "UTF8": 0xff');
    expect(() => query([0x27, 0xe2, 0x82, 0x27])).toThrow('invalid byte sequence for encoding "UTF8": 0xe2 0x82 0x27');
    expect(() => query([0xff])).toThrow(expect.objectContaining({ name: 'SqlError', code: '22021' }));
  });

  test('keeps a byte order mark as the character that it is', () => {
    const decoded = decodeFrontendMessage({ code: Query, body: Buffer.from('\ufeffSELECT\0') });
    expect(decoded).toEqual({ kind: 'query', text: '\ufeffSELECT' });
  });

  test('does not look into what it will refuse or ignore', () => {
    expect(decodeFrontendMessage({ code: FunctionCall, body: body([1, 2, 3]) })).toEqual({ kind: 'function-call' });
    expect(decodeFrontendMessage({ code: CopyData, body: body([1, 2, 3]) })).toEqual({ kind: 'copy' });
  });
});
