import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../../../src/columnar/column.ts';
import { LineError } from '../../../src/http/line-protocol/line-error.ts';
import { parseBody, parseLargeBody } from '../../../src/http/line-protocol/parse-body.ts';
import type { Precision } from '../../../src/http/line-protocol/timestamp.ts';

const DEFAULT_MICROS = 123_456;
const UNIX_TO_2000_MICROS = 946_684_800_000_000;

function parse(text: string | Buffer, precision: Precision = 'ns') {
  const body = typeof text === 'string' ? Buffer.from(text) : text;
  return parseBody(body, { precision, defaultMicros: DEFAULT_MICROS }).map((table) => table.finish());
}

/** All points of a body as plain objects: what a reader of line protocol would say the lines mean. */
function points(text: string, precision: Precision = 'ns') {
  return parse(text, precision).flatMap((batch) =>
    Array.from({ length: batch.rowCount }, (_, row) => {
      const tags = batch.series[batch.seriesOfRow[row]].map((value, index) => [batch.tagNames[index], value] as const);
      const fields = batch.fields
        .map((field) => [field.name, valueAt(field.column, row)] as const)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, typeof value === 'object' ? String(value) : value]);
      return {
        table: batch.tableName,
        tags: Object.fromEntries(tags.filter(([, value]) => value !== null)),
        fields: Object.fromEntries(fields),
        micros: batch.times[row],
        nanos: batch.remainders?.[row] ?? 0,
      };
    }),
  );
}

function failure(text: string, precision: Precision = 'ns'): LineError {
  try {
    parse(text, precision);
  } catch (error) {
    if (error instanceof LineError) return error;
    throw error;
  }
  throw new Error(`parsed without an error: ${text}`);
}

describe('values', () => {
  const cases: Record<string, unknown> = {
    '1': 1,
    '1.5': 1.5,
    '-0.25': -0.25,
    '+3': 3,
    '.5': 0.5,
    '1.': 1,
    '1e3': 1000,
    '-1.2E-5': -1.2e-5,
    '0.1': 0.1,
    '123456789012345678': 123456789012345680,
    '3.141592653589793238': Math.PI,
    '-0': -0,
    '7i': 7,
    '-7i': -7,
    '9007199254740993i': 9007199254740993n,
    '9223372036854775807i': 9223372036854775807n,
    '-9223372036854775808i': -9223372036854775808n,
    '18446744073709551615u': '18446744073709551615',
    '0u': '0',
    t: true,
    T: true,
    true: true,
    True: true,
    TRUE: true,
    f: false,
    F: false,
    false: false,
    False: false,
    FALSE: false,
    '"text"': 'text',
    '""': '',
    '"a \\"quoted\\" word"': 'a "quoted" word',
    '"back\\\\slash"': 'back\\slash',
    '"c:\\dir"': 'c:\\dir',
    '"a, b = c #d"': 'a, b = c #d',
    '"Zürich 🌊"': 'Zürich 🌊',
  };
  for (const [text, value] of Object.entries(cases)) {
    test(`reads ${text}`, () => expect(points(`m v=${text} 0`)[0]?.fields).toEqual({ v: value }));
  }

  test('every double comes back as JavaScript reads it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = Object.is(value, -0) ? '-0' : `${value}`;
        expect(points(`m v=${text} 0`)[0]?.fields.v).toBe(value);
      }),
    );
  });
});

describe('names', () => {
  test('measurement, tags and fields with escapes', () => {
    expect(points('a\\,b\\ c,t\\=1=x\\,y\\ z,q=p\\=q f\\ 1=1,f\\=2=2i 0')).toEqual([
      {
        table: 'a,b c',
        tags: { 't=1': 'x,y z', q: 'p=q' },
        fields: { 'f 1': 1, 'f=2': 2 },
        micros: -UNIX_TO_2000_MICROS,
        nanos: 0,
      },
    ]);
  });

  test('a backslash before any other character stands for itself', () => {
    expect(points('m,path=c:\\temp v=1 0')[0]?.tags).toEqual({ path: 'c:\\temp' });
  });

  test('lines of one table may bring different tags and fields', () => {
    const [first, second, third] = points('m,a=1 x=1 0\nm,b=2 y=2i 0\nm z="s" 0');
    expect([first?.tags, second?.tags, third?.tags]).toEqual([{ a: '1' }, { b: '2' }, {}]);
    expect([first?.fields, second?.fields, third?.fields]).toEqual([{ x: 1 }, { y: 2 }, { z: 's' }]);
  });

  test('tags in another order are the same tags', () => {
    const [batch] = parse('m,a=1,b=2 v=1 0\nm,b=2,a=1 v=2 0');
    expect(batch?.series).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });

  test('fields in changing order find their columns', () => {
    expect(points('m a=1,b=2 0\nm b=3,a=4 1\nm a=5 2\nm c=1,a=6,b=7 3').map((point) => point.fields)).toEqual([
      { a: 1, b: 2 },
      { b: 3, a: 4 },
      { a: 5 },
      { c: 1, a: 6, b: 7 },
    ]);
  });

  test('a field given twice keeps the later value', () => {
    expect(points('m a=1,a=2 0')[0]?.fields).toEqual({ a: 2 });
  });

  test('the names of Object.prototype are names like others', () => {
    expect(points('__proto__,constructor=a toString=1 0')[0]).toMatchObject({
      table: '__proto__',
      fields: { toString: 1 },
    });
  });
});

describe('lines', () => {
  test('comments, blank lines, leading blanks and carriage returns', () => {
    const text = '# a comment\n\n  \r\nm v=1 1000\r\n   m v=2 2000\n#m v=3 3000\nm v=4 4000';
    expect(points(text).map((point) => point.fields.v)).toEqual([1, 2, 4]);
  });

  test('an empty body has no points', () => expect(points('')).toEqual([]));

  test('a newline inside a string belongs to it, and lines are counted on', () => {
    expect(points('m v="two\nlines" 0')[0]?.fields).toEqual({ v: 'two\nlines' });
    expect(failure('m v="two\nlines" 0\nm v=').line).toBe(3);
  });

  test('many lines grow every buffer', () => {
    const text = Array.from({ length: 5000 }, (_, at) => `m,h=${at % 7} v=${at},s="${at % 3}" ${at * 1000}`).join('\n');
    const rows = points(text);
    expect(rows.length).toBe(5000);
    expect(rows[4321]).toMatchObject({ tags: { h: `${4321 % 7}` }, fields: { v: 4321, s: `${4321 % 3}` } });
  });
});

describe('timestamps', () => {
  const cases: [string, Precision, number, number][] = [
    ['1704067200123456789', 'ns', 1704067200123456, 789],
    ['-1', 'ns', -1, 999],
    ['-1000', 'ns', -1, 0],
    ['7', 'ns', 0, 7],
    ['1704067200123456', 'us', 1704067200123456, 0],
    ['1704067200123', 'ms', 1704067200123000, 0],
    ['1704067200', 's', 1704067200000000, 0],
    ['28401120', 'm', 1704067200000000, 0],
    ['473352', 'h', 1704067200000000, 0],
    ['-1', 's', -1000000, 0],
  ];
  for (const [text, precision, unixMicros, nanos] of cases) {
    test(`${text} in ${precision}`, () => {
      expect(points(`m v=1 ${text}`, precision)[0]).toMatchObject({ micros: unixMicros - UNIX_TO_2000_MICROS, nanos });
    });
  }

  test('the last microseconds of the range are exact', () => {
    expect(points('m v=1 9223372036854775807')[0]).toMatchObject({
      micros: Number(9_223_372_036_854_775n - BigInt(UNIX_TO_2000_MICROS)),
      nanos: 807,
    });
    expect(points('m v=1 9223372036854773', 'us')[0]?.micros).toBe(
      Number(9_223_372_036_854_773n - BigInt(UNIX_TO_2000_MICROS)),
    );
  });

  test('a time before 1715 is refused', () => {
    expect(failure('m v=1 -8060514454740993001').message).toMatch(/bad timestamp/);
    expect(points('m v=1 -8060514454740991000')[0]?.micros).toBe(Number.MIN_SAFE_INTEGER);
  });

  test('a missing timestamp is the time of the request', () => {
    expect(points('m v=1')[0]).toMatchObject({ micros: DEFAULT_MICROS, nanos: 0 });
  });
});

describe('bad lines are refused with number, reason and text', () => {
  const cases: Record<string, RegExp> = {
    cpu: /missing fields/,
    'cpu ': /missing fields/,
    'cpu,host=a': /missing fields/,
    'cpu v': /missing "="/,
    'cpu v=': /missing value of field "v"/,
    'cpu =1': /missing field key/,
    'cpu v=1,': /missing/,
    'cpu v=1,,w=2': /missing/,
    'cpu v=abc': /invalid value of field "v"/,
    'cpu v=1x': /invalid value of field "v"/,
    'cpu v=1.2.3': /invalid value/,
    'cpu v=--1': /invalid value/,
    'cpu v=1e': /invalid value/,
    'cpu v=1e999': /out of range/,
    'cpu v=NaN': /invalid value/,
    'cpu v=Inf': /invalid value/,
    'cpu v=1.5i': /invalid value/,
    'cpu v=9223372036854775808i': /out of range/,
    'cpu v=-1u': /out of range/,
    'cpu v=18446744073709551616u': /out of range/,
    'cpu v="open': /unterminated string/,
    'cpu v="a"b': /missing ","/,
    'cpu v=1 abc': /bad timestamp/,
    'cpu v=1 1.5': /bad timestamp/,
    'cpu v=1 99999999999999999999': /bad timestamp/,
    'cpu v=1 1 2': /text after the timestamp/,
    'cpu,host v=1': /missing value of tag "host"/,
    'cpu,host= v=1': /missing value of tag "host"/,
    'cpu,=a v=1': /missing tag key/,
    'cpu,a=1,a=2 v=1': /given twice/,
    'cpu,a=b=c v=1': /unescaped "="/,
    ',a=1 v=1': /missing measurement/,
  };
  for (const [line, reason] of Object.entries(cases)) {
    test(line, () => {
      const error = failure(`ok v=1 1\n\n${line}\nok v=2 2`);
      expect(error.message).toMatch(reason);
      if (!line.includes('"open')) expect(error).toMatchObject({ line: 3, text: line.trimEnd() });
    });
  }

  test('a field whose type changes within one body', () => {
    expect(failure('m v=1i 0\nm v=1.5 1')).toMatchObject({ line: 2, text: 'm v=1.5 1' });
    expect(failure('m v=1i 0\nm v=1.5 1').message).toMatch(/type float here and type integer/);
    expect(failure('m v="s" 0\nm v=t 1').message).toMatch(/type boolean here and type string/);
  });

  test('no text of any kind crashes the parser', () => {
    const pieces = fc.constantFrom(
      'm',
      ',',
      '=',
      ' ',
      '"',
      '\\',
      '\n',
      '\r',
      '1',
      'i',
      'u',
      't',
      '#',
      '-',
      '.',
      'é',
      '🌊',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        try {
          parse(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(LineError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a large body', () => {
  const options = { precision: 'ns', defaultMicros: DEFAULT_MICROS } as const;
  const lines = Array.from({ length: 30_000 }, (_, n) => `m${n % 3},host=h${n % 7} v=${n / 8},n=${n}i ${n}000`);

  test('gives what it gives in one go, and others their turns meanwhile', async () => {
    const body = Buffer.from(lines.join('\n'));
    let turns = 0;
    const count = (): void => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    const tables = await parseLargeBody(body, options);
    clearImmediate(counting);
    expect(turns).toBeGreaterThan(2);
    expect(tables.map((table) => table.finish())).toEqual(parseBody(body, options).map((table) => table.finish()));
  });

  test('names the line that is bad, however far behind it stands', async () => {
    const body = Buffer.from([...lines, 'm v=x', ...lines].join('\n'));
    await expect(parseLargeBody(body, options)).rejects.toMatchObject({ line: 30_001 });
  });
});
