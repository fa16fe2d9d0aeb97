import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputBuffer } from '../../src/cells/output-buffer.ts';
import type { Batch } from '../../src/columnar/batch.ts';
import { columnOf } from '../../src/columnar/column-builder.ts';
import { BinaryCopyReader } from '../../src/copy/binary-copy-reader.ts';
import { CopyEncoder } from '../../src/copy/copy-encoder.ts';
import type { CopyFormat } from '../../src/copy/copy-format.ts';
import type { CopyReader } from '../../src/copy/copy-reader.ts';
import { TextCopyReader } from '../../src/copy/text-copy-reader.ts';
import { neutralContext } from '../../src/types/neutral-context.ts';
import type { Value } from '../../src/types/value.ts';
import { copyColumnsOf, copyFormat, readAll } from './copy-samples.ts';

const pace = { yieldIfDue: () => undefined };

/** The messages of a COPY TO, without their frames. */
async function encode(format: CopyFormat, types: readonly string[], batches: readonly Value[][][]): Promise<Buffer[]> {
  const buffer = new OutputBuffer();
  const taken: Buffer[] = [];
  const sink = {
    buffer,
    flush() {
      taken.push(Buffer.from(buffer.take().bytes));
      return undefined;
    },
  };
  const columns = copyColumnsOf(...types);
  const encoder = new CopyEncoder({ format, columns, typeContext: neutralContext, sink, pace });
  encoder.begin();
  for (const rows of batches) {
    const batch: Batch = {
      rowCount: rows.length,
      columns: columns.map(({ type }, at) =>
        columnOf(
          type.definition.representation,
          rows.map((row) => row[at]),
        ),
      ),
    };
    await encoder.write(batch);
  }
  encoder.end();
  sink.flush();
  return messagesOf(Buffer.concat(taken));
}

function messagesOf(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    expect(bytes[at]).toBe(0x64);
    const end = at + 1 + bytes.readInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

async function lines(options: Record<string, string>, types: readonly string[], rows: Value[][]): Promise<string[]> {
  return (await encode(copyFormat(options, false), types, [rows])).map(String);
}

describe('text and csv', () => {
  test('a message is a row', async () => {
    expect(
      await lines(
        {},
        ['int4', 'text'],
        [
          [1, 'a'],
          [2, null],
        ],
      ),
    ).toEqual(['1\ta\n', '2\t\\N\n']);
  });

  test('what would be mistaken is escaped, and nothing else', async () => {
    expect(await lines({}, ['text'], [['a\\b\tc\nd\re\bf\vg\fh\u0001é']])).toEqual([
      'a\\\\b\\tc\\nd\\re\\bf\\vg\\fh\u0001é\n',
    ]);
    expect(await lines({ delimiter: '|' }, ['text'], [['a|b\tc']])).toEqual(['a\\|b\\tc\n']);
  });

  test('csv quotes what it must', async () => {
    const csv = { format: 'csv' };
    const rows = [['a,b"c'], ['x\ny'], ['x\ry'], [''], [null], ['\\.'], ['plain text']];
    expect(await lines(csv, ['text'], rows)).toEqual([
      '"a,b""c"\n',
      '"x\ny"\n',
      '"x\ry"\n',
      '""\n',
      '\n',
      '"\\."\n',
      'plain text\n',
    ]);
    expect(await lines({ ...csv, escape: '\\' }, ['text'], [['a"b\\c,']])).toEqual(['"a\\"b\\\\c,"\n']);
    expect(
      await lines(
        { ...csv, force_quote: '(a)' },
        ['int4', 'int4'],
        [
          [1, 2],
          [null, 3],
        ],
      ),
    ).toEqual(['"1",2\n', ',3\n']);
    expect(
      await lines(
        { ...csv, null: '7' },
        ['int4', 'text'],
        [
          [7, '7'],
          [null, null],
        ],
      ),
    ).toEqual(['"7","7"\n', '7,7\n']);
  });

  test('a delimiter that numbers have is escaped in them', async () => {
    expect(await lines({ delimiter: '-' }, ['int4', 'date'], [[-1, 0]])).toEqual(['\\-1-2000\\-01\\-01\n']);
    expect(await lines({ format: 'csv', delimiter: '1' }, ['int4', 'int4'], [[11, 2]])).toEqual(['"11"12\n']);
  });

  test('a header names the columns, quoted where it must be', async () => {
    expect(await lines({ format: 'csv', header: 'true', delimiter: 'a' }, ['int4', 'int4'], [])).toEqual(['"a"ab\n']);
    expect(await lines({ header: 'true' }, ['int4', 'int4'], [])).toEqual(['a\tb\n']);
  });

  test('LATIN1 is written byte by byte, and nothing else fits in', async () => {
    const [row] = await encode(copyFormat({ encoding: 'latin1' }, false), ['text'], [[['café']]]);
    expect(row).toEqual(Buffer.from('café\n', 'latin1'));
    await expect(encode(copyFormat({ encoding: 'latin1' }, false), ['text'], [[['€']]])).rejects.toThrow(
      'character with byte sequence 0xe2 0x82 0xac in encoding "UTF8" has no equivalent in encoding "LATIN1"',
    );
  });
});

describe('binary', () => {
  test('the first message begins with the header, and the last one is the mark of the end', async () => {
    const header = '5047434f50590aff0d0a000000000000000000';
    const some = await encode(copyFormat({ format: 'binary' }, false), ['int4'], [[[1], [null]]]);
    expect(some.map((message) => message.toString('hex'))).toEqual([
      `${header}00010000000400000001`,
      '0001ffffffff',
      'ffff',
    ]);
    const none = await encode(copyFormat({ format: 'binary' }, false), ['int4'], []);
    expect(none.map((message) => message.toString('hex'))).toEqual([`${header}ffff`]);
  });

  const read = (bytes: Buffer, ...types: string[]): unknown =>
    readAll(
      new BinaryCopyReader({ columns: copyColumnsOf(...types), tableName: 't', typeContext: neutralContext }),
      bytes,
    );
  const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
  const cases: Record<string, [bytes: Buffer, message: string]> = {
    'another signature': [Buffer.from('PGCOPX\n\xff\r\n\0', 'latin1'), 'COPY file signature not recognized'],
    'no flags': [header.subarray(0, 13), 'invalid COPY file header (missing flags)'],
    'flags of tomorrow': [
      Buffer.concat([header.subarray(0, 11), Buffer.from([0, 2, 0, 0, 0, 0, 0, 0])]),
      'unrecognized critical flags in COPY file header',
    ],
    'a row of another width': [Buffer.concat([header, Buffer.from([0, 2])]), 'row field count is 2, expected 1'],
    'half a row': [Buffer.concat([header, Buffer.from([0, 1, 0, 0, 0, 4, 0])]), 'unexpected EOF in COPY data'],
    'a length that is none': [Buffer.concat([header, Buffer.from([0, 1, 255, 255, 255, 254])]), 'invalid field size'],
    'rows behind the end': [Buffer.concat([header, Buffer.from([255, 255, 0])]), 'received copy data after EOF marker'],
  };
  for (const [name, [bytes, message]] of Object.entries(cases)) {
    test(`refuses ${name}`, () => expect(read(bytes, 'int4')).toContain(`22P04 ${message}`));
  }

  test('a value that does not fit its type is told with its column', () => {
    const bytes = Buffer.concat([header, Buffer.from([0, 1, 0, 0, 0, 2, 0, 1])]);
    expect(read(bytes, 'int4')).toMatch(/^08P01 .*COPY t, line 1, column a$/);
  });
});

describe('what goes out comes back', () => {
  const types = ['int4', 'int8', 'float8', 'text', 'bool', 'timestamptz'];
  const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 5 });
  const row = fc.tuple(
    optional(fc.integer({ min: -2147483648, max: 2147483647 })),
    optional(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => canonical(value))),
    optional(fc.double()),
    optional(fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', ''))),
    optional(fc.boolean()),
    optional(fc.integer({ min: -9e15, max: 8e15 })),
  );
  const formats: Record<string, Record<string, string>> = {
    text: {},
    'text with a delimiter of numbers': { delimiter: '-', null: 'null' },
    csv: { format: 'csv' },
    'csv with other marks': { format: 'csv', delimiter: ';', quote: "'", escape: '\\', null: '0' },
    binary: { format: 'binary' },
  };
  for (const [name, options] of Object.entries(formats)) {
    test(`in ${name}, cut anywhere`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), async (rows, step) => {
          const messages = await encode(copyFormat(options, false), types, [rows as Value[][]]);
          const common = { columns: copyColumnsOf(...types), tableName: 't', typeContext: neutralContext };
          const reader: CopyReader =
            options.format === 'binary'
              ? new BinaryCopyReader(common)
              : new TextCopyReader({ ...common, format: copyFormat(options) });
          expect(readAll(reader, Buffer.concat(messages), step)).toEqual(rows);
        }),
        { numRuns: 60 },
      );
    });
  }

  function canonical(value: bigint): number | bigint {
    return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
  }
});
