import fc from 'fast-check';
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

describe('a client that is ahead of who reads', () => {
  const bodyOf = (sizeBytes: number, seed: number): Buffer => Buffer.alloc(sizeBytes, seed % 251);
  const sent = fc.array(
    fc.record({
      isData: fc.boolean(),
      sizeBytes: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ max: 60_000, min: 0 })),
    }),
    { minLength: 1, maxLength: 12 },
  );
  const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 16_384, max: 70_000 })), {
    minLength: 1,
    maxLength: 8,
  });

  test('is read message by message, whatever its chunks and however late', () => {
    fc.assert(
      fc.property(sent, cuts, fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }), (plan, sizes, reads) => {
        const bytes = Buffer.concat(
          plan.map(({ isData, sizeBytes }, index) =>
            isData ? serialize.copyData(bodyOf(sizeBytes, index)) : serialize.query(`${index} `.repeat(sizeBytes)),
          ),
        );
        const framer = new MessageFramer({ maxMessageBytes: 1_000_000 });
        framer.allowLargeMessages();
        /** Those that stay valid are looked at in the end, data of COPY at once. */
        const found: { code: number; text: string | Uint8Array }[] = [];
        const read = (count: number): void => {
          for (let at = 0; at < count; at++) {
            const frame = framer.next();
            if (frame === undefined) return;
            const { code, body } = frame;
            // What comes meanwhile does not touch it.
            const next = found.length;
            if (code === 0x64)
              late.push(() => found.splice(next, 0, { code, text: Buffer.from(body).toString('latin1') }));
            else found.push({ code, text: body });
            while (late.length > 0) late.pop()!();
          }
        };
        const late: (() => void)[] = [];
        for (let from = 0, at = 0; from < bytes.length; at++) {
          const to = Math.min(from + sizes[at % sizes.length]!, bytes.length);
          framer.push(new Uint8Array(bytes.subarray(from, to)));
          read(reads[at % reads.length]!);
          from = to;
        }
        read(Number.POSITIVE_INFINITY);
        const texts = found.map(({ text }) => (typeof text === 'string' ? text : Buffer.from(text).toString('latin1')));
        const expected = plan.map(({ isData, sizeBytes }, index) =>
          isData ? bodyOf(sizeBytes, index).toString('latin1') : `${`${index} `.repeat(sizeBytes)}\0`,
        );
        expect(texts).toEqual(expected);
        expect(framer.pendingBytes).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('has data of COPY stay as it is until the next message is asked for', () => {
    const framer = new MessageFramer({ maxMessageBytes: 1_000_000 });
    framer.allowLargeMessages();
    const [first, second] = [serialize.copyData(bodyOf(9000, 1)), serialize.copyData(bodyOf(9000, 2))];
    // Both straddle a chunk of their own.
    framer.push(new Uint8Array(first.subarray(0, 6000)));
    framer.push(new Uint8Array([...first.subarray(6000), ...second.subarray(0, 7000)]));
    const body = framer.next()!.body;
    framer.push(new Uint8Array([...second.subarray(7000), ...first.subarray(0, 20)]));
    expect(Buffer.from(body).equals(bodyOf(9000, 1))).toBe(true);
    expect(Buffer.from(framer.next()!.body).equals(bodyOf(9000, 2))).toBe(true);
  });

  test('leaves no chunk of data of COPY to the garbage collector, and every other one', () => {
    const framer = new MessageFramer({ maxMessageBytes: 1_000_000 });
    framer.allowLargeMessages();
    const data = Uint8Array.from(serialize.copyData(bodyOf(20_000, 1)));
    const mixed = Uint8Array.from(
      Buffer.concat([serialize.query('x'.repeat(20_000)), serialize.copyData(bodyOf(9, 1))]),
    );
    const last = Uint8Array.from(data);
    for (const chunk of [data, mixed, last]) {
      framer.push(chunk);
      while (framer.next() !== undefined);
    }
    framer.push(Uint8Array.from(serialize.sync()));
    framer.next();
    expect([data.length, mixed.length > 0, last.length]).toEqual([0, true, 0]);
  });
});
