import { serialize } from 'pg-protocol';
import { describe, expect, test } from 'vitest';
import { decodeStartupPacket, readStartupRequest, type StartupMessage } from '../../src/pgwire/startup.ts';

/** What the framer hands over: everything after the length word. */
const packet = (bytes: Uint8Array) => decodeStartupPacket(Uint8Array.from(bytes.subarray(4)));

function startup(parameters: Record<string, string>, minor = 0): StartupMessage {
  return { kind: 'startup', minor, parameters: new Map(Object.entries(parameters)) };
}

describe('startup packets', () => {
  test('tell requests for encryption, cancellation and sessions apart', () => {
    expect(packet(serialize.requestSsl())).toEqual({ kind: 'ssl-request' });
    expect(packet(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]))).toEqual({ kind: 'gss-request' });
    expect(packet(serialize.cancel(7, 99))).toEqual({
      kind: 'cancel',
      processId: 7,
      key: new Uint8Array([0, 0, 0, 99]),
    });
    const message = packet(serialize.startup({ user: 'ada', database: 'db' }));
    expect(message).toMatchObject({ kind: 'startup', minor: 0 });
    expect(readStartupRequest(message as StartupMessage)).toMatchObject({ userName: 'ada', databaseName: 'db' });
  });

  test('of another major version are recognised, so that they can be refused', () => {
    expect(decodeStartupPacket(Uint8Array.of(0, 2, 0, 0))).toEqual({ kind: 'unsupported', major: 2, minor: 0 });
    expect(decodeStartupPacket(Uint8Array.of(0x16, 3, 1, 2))).toMatchObject({ kind: 'unsupported' });
  });

  const layouts: Record<string, string> = {
    'without the last zero byte': 'user\0ada\0',
    'with a name and no value': 'user\0',
    'with bytes after the end': 'user\0ada\0\0x',
  };
  for (const [name, text] of Object.entries(layouts)) {
    test(`${name} are refused`, () => {
      const bytes = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(text)]);
      expect(() => decodeStartupPacket(bytes)).toThrow(expect.objectContaining({ code: '08P01' }));
    });
  }
});

describe('startup requests', () => {
  test('take settings from options and parameters, in this order', () => {
    const request = readStartupRequest(
      startup({
        user: 'ada',
        TimeZone: 'UTC',
        options: '-c statement_timeout=5s --extra-float-digits=2 -cDateStyle=ISO\\,\\ DMY',
      }),
    );
    expect(request.settings).toEqual([
      ['statement_timeout', '5s'],
      ['extra_float_digits', '2'],
      ['DateStyle', 'ISO, DMY'],
      ['TimeZone', 'UTC'],
    ]);
  });

  test('need a user', () => {
    expect(() => readStartupRequest(startup({}))).toThrow(expect.objectContaining({ code: '28000' }));
  });

  test('cannot ask for replication', () => {
    expect(() => readStartupRequest(startup({ user: 'a', replication: 'database' }))).toThrow(
      expect.objectContaining({ code: '0A000' }),
    );
    expect(() => readStartupRequest(startup({ user: 'a', replication: 'off' }))).not.toThrow();
  });

  test('cannot bring options that are no settings', () => {
    for (const options of ['-x', '-c', '-c =1', 'word']) {
      expect(() => readStartupRequest(startup({ user: 'a', options })), options).toThrow(
        expect.objectContaining({ code: '42601' }),
      );
    }
  });

  test('negotiate newer minor versions and unknown protocol options', () => {
    expect(readStartupRequest(startup({ user: 'a' }, 2))).toMatchObject({ minor: 2, mustNegotiate: false });
    expect(readStartupRequest(startup({ user: 'a' }, 9999))).toMatchObject({ minor: 2, mustNegotiate: true });
    expect(readStartupRequest(startup({ user: 'a', '_pq_.magic': '1' }))).toMatchObject({
      minor: 0,
      mustNegotiate: true,
      unknownOptions: ['_pq_.magic'],
      settings: [],
    });
  });
});
