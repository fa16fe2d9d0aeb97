import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MessageFramer } from '../../src/pgwire/message-framing.ts';
import { clientAction } from './client-message.ts';
import { findWireScripts } from './find-wire-scripts.ts';
import { parseWireScript } from './wire-script.ts';

const world = { user: 'postgres', database: 'postgres', key: () => Buffer.alloc(8) };

/** The messages of every script, in one stream for each script. */
const streams = (await findWireScripts()).flatMap((path) => {
  const { parts } = parseWireScript(path, readFileSync(path, 'utf8'));
  const lines = parts.flatMap((part) => (part.kind === 'exchange' ? part.sent : []));
  const isWhole = lines.every((line) => !/^(Startup|SSLRequest|GSSENCRequest|CancelRequest|Connect|Raw)\b/.test(line));
  const bytes = Buffer.concat(lines.map((line) => clientAction(line, world).bytes));
  return isWhole && bytes.length < 1_500 ? [{ path, bytes }] : [];
});

function framesOf(pieces: readonly Uint8Array[]): readonly string[] | string {
  const framer = new MessageFramer({ maxMessageBytes: 100_000 });
  framer.allowLargeMessages();
  const frames: string[] = [];
  try {
    for (const piece of pieces) {
      framer.push(piece);
      for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
        frames.push(`${frame.code} ${Buffer.from(frame.body).toString('hex')}`);
      }
    }
    return [...frames, `${framer.pendingBytes} bytes left`];
  } catch (error) {
    return [...frames, (error as Error).message];
  }
}

describe('messages are the same, wherever the network cuts them', () => {
  test('in most scripts', () => expect(streams.length).toBeGreaterThan(150));

  for (const { path, bytes } of streams) {
    test(path, () => {
      const whole = framesOf([bytes]);
      expect(framesOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
      for (let at = 1; at < bytes.length; at++) {
        expect(framesOf([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(whole);
      }
    });
  }
});
