import { serialize } from 'pg-protocol';
import { describe, expect, test } from 'vitest';
import { decodeFrontendMessage } from '../../src/pgwire/frontend-message.ts';
import { MessageFramer } from '../../src/pgwire/message-framing.ts';

const messages = [
  serialize.query('SELECT 1'),
  serialize.parse({ name: 's', text: 'SELECT $1', types: [23] }),
  serialize.bind({ portal: 'p', statement: 's', values: ['7', null, Buffer.from([1, 2])] }),
  serialize.describe({ type: 'S', name: 's' }),
  serialize.execute({ portal: 'p', rows: 5 }),
  serialize.close({ type: 'P', name: 'p' }),
  serialize.flush(),
  serialize.sync(),
];
const stream = Buffer.concat(messages);

function decodeAll(chunks: readonly Uint8Array[]) {
  const framer = new MessageFramer({ maxMessageBytes: 1_000_000 });
  const decoded = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      decoded.push(decodeFrontendMessage(frame));
    }
  }
  return { decoded, pending: framer.pendingBytes };
}

describe('message framing', () => {
  const whole = decodeAll([stream]);

  test('finds every message of a stream', () => {
    expect(whole.pending).toBe(0);
    expect(whole.decoded.map((message) => message.kind)).toEqual([
      'query',
      'parse',
      'bind',
      'describe',
      'execute',
      'close',
      'flush',
      'sync',
    ]);
    expect(whole.decoded[1]).toEqual({ kind: 'parse', name: 's', text: 'SELECT $1', parameterTypeOids: [23] });
    expect(whole.decoded[4]).toEqual({ kind: 'execute', portal: 'p', maxRows: 5 });
  });

  test('gives the same messages wherever the stream is cut in two', () => {
    for (let cut = 1; cut < stream.length; cut++) {
      expect(decodeAll([stream.subarray(0, cut), stream.subarray(cut)]), `cut at ${cut}`).toEqual(whole);
    }
  });

  test('gives the same messages byte by byte', () => {
    expect(decodeAll(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  test('leaves messages that it gave out alone while more bytes arrive', () => {
    const framer = new MessageFramer({ maxMessageBytes: 1_000_000 });
    const first = serialize.query('first');
    framer.push(first.subarray(0, 3));
    framer.push(Buffer.concat([first.subarray(3), serialize.query('second').subarray(0, 4)]));
    const frame = framer.next();
    framer.push(serialize.query('second').subarray(4));
    framer.push(Buffer.alloc(10_000, 0x58));
    expect(frame && decodeFrontendMessage(frame)).toEqual({ kind: 'query', text: 'first' });
  });

  const header = (code: string, length: number) => {
    const bytes = Buffer.alloc(5);
    bytes.write(code);
    bytes.writeInt32BE(length, 1);
    return bytes;
  };

  for (const length of [0, 3, -1, -2147483648, 2147483647, 10_001]) {
    test(`refuses a message of length ${length} before login`, () => {
      const framer = new MessageFramer({ maxMessageBytes: 1_000_000 });
      framer.push(header('Q', length));
      expect(() => framer.next()).toThrow(expect.objectContaining({ code: '08P01' }));
    });
  }

  test('takes large queries after login, but no large Sync', () => {
    const framer = new MessageFramer({ maxMessageBytes: 50_000 });
    framer.allowLargeMessages();
    framer.push(header('Q', 50_000));
    expect(framer.next()).toBeUndefined();
    const other = new MessageFramer({ maxMessageBytes: 50_000 });
    other.allowLargeMessages();
    other.push(header('S', 10_001));
    expect(() => other.next()).toThrow('invalid message length');
    const third = new MessageFramer({ maxMessageBytes: 50_000 });
    third.allowLargeMessages();
    third.push(header('Q', 50_001));
    expect(() => third.next()).toThrow('invalid message length');
  });

  test('refuses an unknown message type by its first byte', () => {
    const framer = new MessageFramer({ maxMessageBytes: 50_000 });
    framer.push(Buffer.from('G'));
    expect(() => framer.next()).toThrow('invalid frontend message type 71');
  });

  for (const length of [0, 4, 7, -1, 10_001, 0x47455420]) {
    test(`refuses a startup packet of length ${length}`, () => {
      const framer = new MessageFramer({ maxMessageBytes: 50_000 });
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(length);
      framer.push(bytes);
      expect(() => framer.nextStartupPacket()).toThrow('invalid length of startup packet');
    });
  }
});
