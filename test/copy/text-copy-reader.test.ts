import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TextCopyReader } from '../../src/copy/text-copy-reader.ts';
import { neutralContext } from '../../src/types/neutral-context.ts';
import { copyColumnsOf, copyFormat, readAll } from './copy-samples.ts';

function reader(options: Readonly<Record<string, string>>, types: readonly string[]): TextCopyReader {
  return new TextCopyReader({
    format: copyFormat(options),
    columns: copyColumnsOf(...types),
    tableName: 't',
    typeContext: neutralContext,
  });
}

function read(options: Readonly<Record<string, string>>, types: readonly string[], text: string | Uint8Array) {
  return readAll(reader(options, types), Buffer.from(text as string));
}

const csv = { format: 'csv' };

describe('the text format', () => {
  const cases: Record<string, [text: string, rows: unknown]> = {
    'takes escapes off': ['1\ta\\tb\\\\c\\x41\\101\\q\n', [[1, 'a\tb\\cAAq']]],
    'knows NULL before escapes are taken off': ['\\N\t\\\\N\n', [[null, '\\N']]],
    'keeps a newline behind a backslash': ['1\ta\\\nb\n', [[1, 'a\nb']]],
    'needs no end of the last line': [
      '1\ta\n2\tb',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    'ends at its mark': ['1\ta\n\\.\nrubbish', [[1, 'a']]],
    'takes what stands before the mark': ['1\ta\\.\n', [[1, 'a']]],
    'reads lines that end with both characters': [
      '1\ta\r\n2\tb\r\n\\.\r\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    'reads lines that end with a return': [
      '1\ta\r2\tb\r',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    'tells a mark in the wrong place': ['1\ta\n\\.x\n', '22P04 end-of-copy marker corrupt | COPY t, line 2'],
    'tells a return among newlines': [
      '1\ta\n2\tb\rc\n',
      '22P04 literal carriage return found in data | COPY t, line 2',
    ],
    'tells a newline among returns': ['1\ta\r2\tb\n3\tc\r', '22P04 literal newline found in data | COPY t, line 2'],
    'tells missing columns': ['1\n', '22P04 missing data for column "b" | COPY t, line 1: "1"'],
    'reads what is there before it misses a column': [
      'x\n',
      '22P02 invalid input syntax for type integer: "x" | COPY t, line 1, column a: "x"',
    ],
    'tells columns too many': ['1\ta\tb\n', '22P04 extra data after last expected column | COPY t, line 1: "1\ta\tb"'],
    'tells a zero byte': [
      '1\ta\\000\n',
      '22021 invalid byte sequence for encoding "UTF8": 0x00 | COPY t, line 1: "1\ta\\000"',
    ],
    'tells the earliest row of several errors': [
      '1\ta\n2\tb\nx\tc\n3\n',
      '22P02 invalid input syntax for type integer: "x" | COPY t, line 3, column a: "x"',
    ],
  };
  for (const [name, [text, rows]] of Object.entries(cases)) {
    test(name, () => expect(read({}, ['int4', 'text'], text)).toEqual(rows));
  }

  test('finds bytes that are no character, also where escapes have made them', () => {
    expect(read({}, ['text'], Buffer.from('ok\nb\xff\n', 'latin1'))).toBe(
      '22021 invalid byte sequence for encoding "UTF8": 0xff | COPY t, line 2',
    );
    expect(read({}, ['text', 'text'], 'a\\xc3\t\\xa9\n')).toMatch(/^22021/);
    expect(read({}, ['text'], 'a\\xc3\\xa9\n')).toEqual([['aé']]);
  });

  test('shows no more than a hundred bytes of a value, and no half of a character', () => {
    const long = `${'x'.repeat(99)}é${'y'.repeat(50)}`;
    expect(read({}, ['int4'], `${long}\n`)).toContain(`column a: "${'x'.repeat(99)}..."`);
  });
});

describe('csv', () => {
  const cases: Record<string, [text: string, rows: unknown]> = {
    'takes quotes off': ['1,"a ""b"", c"\n', [[1, 'a "b", c']]],
    'has quotes begin and end within a cell': ['1,q"uo"ted\n', [[1, 'quoted']]],
    'tells an empty text from NULL': [
      '1,""\n2,\n',
      [
        [1, ''],
        [2, null],
      ],
    ],
    'reads lines within quotes': [
      '1,"a\nb"\n2,c\n',
      [
        [1, 'a\nb'],
        [2, 'c'],
      ],
    ],
    'counts lines within quotes': [
      '0,z\n1,"a\nb"\nx,c\n',
      '22P02 invalid input syntax for type integer: "x" | COPY t, line 4, column a: "x"',
    ],
    'ends at its mark': ['1,a\n\\.\nrubbish', [[1, 'a']]],
    'reads a mark within quotes as text': ['1,"\n\\.\n"\n', [[1, '\n\\.\n']]],
    'tells quotes that do not end': ['1,"a\nb\n', '22P04 unterminated CSV quoted field | COPY t, line 1: "1,"a\nb\n"'],
    'tells a return among newlines': ['1,a\n2,b\rc\n', '22P04 unquoted carriage return found in data | COPY t, line 2'],
  };
  for (const [name, [text, rows]] of Object.entries(cases)) {
    test(name, () => expect(read(csv, ['int4', 'text'], text)).toEqual(rows));
  }

  test('has an escape of its own', () => {
    expect(read({ ...csv, escape: '\\' }, ['text'], '"a\\"b\\\\c\\d"\n')).toEqual([['a"b\\c\\d']]);
  });

  test('makes NULL of nothing, and of quotes, as it is told', () => {
    expect(read({ ...csv, force_not_null: '(b)' }, ['int4', 'text'], '1,\n')).toEqual([[1, '']]);
    expect(read({ ...csv, force_null: '(b)' }, ['int4', 'text'], '1,""\n')).toEqual([[1, null]]);
    expect(read({ ...csv, null: 'NULL' }, ['text', 'text'], 'NULL,"NULL"\n')).toEqual([[null, 'NULL']]);
  });

  test('compares a header with the columns when it is told to', () => {
    const match = { ...csv, header: 'match' };
    expect(read(match, ['int4', 'text'], 'a,b\n1,x\n')).toEqual([[1, 'x']]);
    expect(read(match, ['int4', 'text'], 'a,c\n1,x\n')).toBe(
      '22P04 column name mismatch in header line field 2: got "c", expected "b" | COPY t, line 1: "a,c"',
    );
    expect(read(match, ['int4', 'text'], 'a\n1,x\n')).toBe(
      '22P04 wrong number of fields in header line: got 1, expected 2 | COPY t, line 1: "a"',
    );
    expect(read({ ...csv, header: 'true' }, ['int4'], '"a\nlong", header\n7\n')).toEqual([[7]]);
  });
});

describe('values', () => {
  const cases: Record<string, [type: string, text: string, value: unknown]> = {
    'an integer': ['int4', '-2147483648', -2147483648],
    'an integer with spaces': ['int4', ' 7 ', 7],
    'a bigint beyond doubles': ['int8', '9007199254740993', 9007199254740993n],
    'a double': ['float8', '-1.25', -1.25],
    'a double of many digits': ['float8', '0.12345678901234567890', 0.12345678901234568],
    'a double with an exponent': ['float8', '1.5e-300', 1.5e-300],
    'not a number': ['float8', 'NaN', Number.NaN],
    'a negative zero': ['float8', '-0', -0],
    'a date': ['date', '2000-03-01', 60],
    'an instant': ['timestamptz', '2000-01-01 00:00:01.5+01', -3598500000],
    'an instant without an offset': ['timestamptz', '2000-01-02 00:00:00', 86400000000],
    'the end of time': ['timestamptz', 'infinity', Number.POSITIVE_INFINITY],
    'a timestamp with T': ['timestamp', '2000-01-01T00:00:00.000001', 1],
    'a boolean': ['bool', 'yes', true],
  };
  for (const [name, [type, text, value]] of Object.entries(cases)) {
    test(`reads ${name}`, () => expect(read({}, [type], `${text}\n`)).toEqual([[value]]));
  }

  test('refuses what is out of range, or none of the type', () => {
    expect(read({}, ['int2'], '32768\n')).toMatch(/^22003 value "32768" is out of range for type smallint/);
    expect(read({}, ['float8'], '1e400\n')).toMatch(/^22003/);
    expect(read({}, ['date'], '2023-02-29\n')).toMatch(/^22008/);
    expect(read({}, ['bool'], 'x\n')).toMatch(/^22P02/);
  });

  test('leaves rows out with ON_ERROR ignore, and says which', () => {
    const one = reader({ on_error: 'ignore' }, ['int4', 'date']);
    one.push(Buffer.from('1\t2000-01-01\nx\tzz\n2\ty\n3\t2000-01-02\n'));
    one.end();
    const rows = one.next();
    expect(rows?.rowCount).toBe(2);
    expect(rows?.skipped).toEqual([
      { line: 2, columnName: 'a', value: 'x' },
      { line: 3, columnName: 'b', value: 'y' },
    ]);
    expect(rows?.place(1, { withText: false }).line).toBe(4);
  });

  test('marks where a default is asked for', () => {
    const one = reader({ default: 'D' }, ['int4', 'text']);
    one.push(Buffer.from('1\tx\nD\ty\n'));
    one.end();
    expect(one.next()?.defaults?.map((marks) => marks && [...marks])).toEqual([[0, 1], undefined]);
  });
});

describe('however the data is cut', () => {
  const cell = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
    fc.constantFrom('', '\\', '\\.', '\\N', '"', '""', ',', '\t', '\n', '\r\n', 'NULL'),
  );
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 30 });

  const textOf = (value: string | null): string =>
    value === null
      ? '\\N'
      : value.replace(/[\\\n\r\t]/g, (character) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[character] ?? '\\\\');
  const csvOf = (value: string | null): string => (value === null ? '' : `"${value.replaceAll('"', '""')}"`);

  test('text comes back as it was', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 40 }), (rows, step) => {
        const bytes = Buffer.from(rows.map((row) => `${row.map(textOf).join('\t')}\n`).join(''));
        expect(readAll(reader({}, ['text', 'text']), bytes, step)).toEqual(rows);
      }),
    );
  });

  test('csv comes back as it was', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 40 }), (rows, step) => {
        const bytes = Buffer.from(rows.map((row) => `${row.map(csvOf).join(',')}\n`).join(''));
        expect(readAll(reader(csv, ['text', 'text']), bytes, step)).toEqual(rows);
      }),
    );
  });

  test('rows of many blocks, and one longer than a block, are read', () => {
    const long = 'é'.repeat(1_500_000);
    const lines = Array.from({ length: 200_000 }, (_, row) => `${row},"name ${row % 100_000}"\n`);
    lines.splice(1000, 0, `-1,${long}\n`);
    const rows = readAll(reader(csv, ['int8', 'text']), Buffer.from(lines.join('')), 100_003);
    expect(rows).toHaveLength(200_001);
    expect(rows[1000]).toEqual([-1, long]);
    expect(rows[200_000]).toEqual([199_999, 'name 99999']);
  });
});
