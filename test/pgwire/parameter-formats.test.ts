import { serialize } from 'pg-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { UTC } from '../../src/types/time-zone.ts';
import type { TypeContext } from '../../src/types/type-definition.ts';
import { typeByName } from '../../src/types/type-registry.ts';
import { WireClient } from './wire-client.ts';
import { type WireServer, wireServer } from './wire-server.ts';

let world: WireServer;
let client: WireClient;

beforeAll(async () => {
  world = await wireServer();
  client = await WireClient.login(world.port);
});
afterAll(async () => {
  await client.close();
  await world.server.stop({ graceMs: 0 });
});

const context: TypeContext = {
  timeZone: UTC,
  dateStyle: { format: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  transactionStart: 0,
};

/** Each type with texts that are their own output. */
const texts: Record<string, readonly string[]> = {
  bool: ['t', 'f'],
  int2: ['0', '-32768', '32767'],
  int4: ['0', '-2147483648', '2147483647'],
  int8: ['0', '9007199254740993', '-9223372036854775808', '9223372036854775807'],
  oid: ['0', '4294967295'],
  float4: ['1.5', '-0', 'NaN', 'Infinity', '1e+10'],
  float8: ['0.1', '-0', 'NaN', '-Infinity', '1e+20', '5e-324'],
  numeric: ['0', '1.50', '-123456789012345678901234567890.0001', 'NaN', 'Infinity'],
  text: ['', 'ü€😀', 'a\tb'],
  varchar: ['x'],
  bpchar: ['x  '],
  name: ['pg_class'],
  char: ['c'],
  bytea: ['\\x', '\\x00ff10'],
  date: ['2000-01-01', '1999-12-31', 'infinity', '0044-03-15 BC'],
  time: ['00:00:00', '23:59:59.999999', '24:00:00'],
  timestamp: ['2024-02-29 12:34:56.789', 'infinity', '-infinity', '0001-01-01 00:00:00'],
  timestamptz: ['2024-02-29 12:34:56.000001+00', '-infinity'],
  interval: ['00:00:00', '1 year 2 mons 3 days 04:05:06.7', '-00:00:01'],
  uuid: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  json: ['{"a" : 1}'],
  _int4: ['{}', '{1,NULL,3}', '{{1,2},{3,4}}'],
  _text: ['{"a b",NULL,"NULL","\\""}'],
};

function definition(name: string) {
  const found = typeByName(name);
  if (found === undefined) throw new Error(`no type ${name}`);
  return found;
}

function binaryForm(typeName: string, text: string): Buffer {
  const type = definition(typeName);
  const writer = new ByteWriter();
  type.writeBinary(type.parse(text, context, -1), writer);
  return Buffer.from(writer.copy());
}

/** Bind with one parameter and one result column, each in the given format. */
function bindMessage(value: Buffer, parameterFormat: 0 | 1, resultFormat: 0 | 1): Buffer {
  const head = Buffer.from([0, 0, 0, 1, 0, parameterFormat, 0, 1, 0, 0, 0, 0]);
  head.writeInt32BE(value.length, 8);
  const body = Buffer.concat([head, value, Buffer.from([0, 1, 0, resultFormat])]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from('B'), length, body]);
}

async function roundTrip(
  typeName: string,
  value: Buffer,
  parameterFormat: 0 | 1,
  resultFormat: 0 | 1,
): Promise<Buffer> {
  client.send(
    serialize.parse({ text: 'SELECT $1', types: [definition(typeName).oid] }),
    bindMessage(value, parameterFormat, resultFormat),
    serialize.execute({}),
    serialize.sync(),
  );
  while (client.received.at(-1)?.code !== 'Z') await new Promise((resolve) => setImmediate(resolve));
  const messages = client.received.splice(0);
  const row = messages.find((message) => message.code === 'D');
  if (row === undefined) throw new Error(messages.map((message) => message.summary).join(', '));
  return row.body.subarray(6);
}

describe('parameters and results', () => {
  for (const [typeName, values] of Object.entries(texts)) {
    test(`of type ${typeName} come back in each format, from each format`, async () => {
      for (const text of values) {
        const asText = Buffer.from(text);
        const asBinary = binaryForm(typeName, text);
        expect((await roundTrip(typeName, asText, 0, 0)).toString(), text).toBe(text);
        expect(await roundTrip(typeName, asText, 0, 1), text).toEqual(asBinary);
        expect((await roundTrip(typeName, asBinary, 1, 0)).toString(), text).toBe(text);
        expect(await roundTrip(typeName, asBinary, 1, 1), text).toEqual(asBinary);
      }
    });
  }

  const refused: Record<string, [typeName: string, value: Buffer, format: 0 | 1, code: string]> = {
    'an integer of three bytes': ['int4', Buffer.from([0, 0, 1]), 1, '08P01'],
    'text that is no UTF-8': ['text', Buffer.from([0xff]), 0, '22021'],
    'binary text that is no UTF-8': ['text', Buffer.from([0xff]), 1, '22021'],
    'text with a zero byte': ['text', Buffer.from([0x61, 0]), 0, '22021'],
    'an integer that is too large': ['int2', Buffer.from('40000'), 0, '22003'],
    'an array with a length that exceeds it': [
      '_int4',
      Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 127, 255, 255, 255, 0, 0, 0, 1]),
      1,
      '54000',
    ],
  };
  for (const [name, [typeName, value, format, code]] of Object.entries(refused)) {
    test(`refuse ${name} with ${code}`, async () => {
      await expect(roundTrip(typeName, value, format, 0)).rejects.toThrow(`ErrorResponse ERROR ${code}`);
    });
  }

  test('have formats that are 0 or 1', async () => {
    const message = bindMessage(Buffer.from('1'), 0, 0);
    message[message.indexOf(Buffer.from([0, 1, 0, 0, 0, 1])) + 3] = 7;
    client.send(serialize.parse({ text: 'SELECT $1::int' }), message, serialize.sync());
    expect((await client.untilReady()).slice(-2)).toEqual(['ErrorResponse ERROR 22023', 'ReadyForQuery I']);
  });
});
