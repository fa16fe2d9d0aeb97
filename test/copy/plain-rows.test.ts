import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../src/columnar/column.ts';
import { CellBlock } from '../../src/copy/cell-block.ts';
import { CellFailures } from '../../src/copy/cell-failures.ts';
import { cellReader } from '../../src/copy/cell-reader.ts';
import type { CopyFormat } from '../../src/copy/copy-format.ts';
import { plainBytes } from '../../src/copy/plain-bytes.ts';
import { PlainRows } from '../../src/copy/plain-rows.ts';
import type { RowSplitter } from '../../src/copy/row-splitter.ts';
import { CsvSplitter } from '../../src/copy/split-csv.ts';
import { TextSplitter } from '../../src/copy/split-text.ts';
import { TextCopyReader } from '../../src/copy/text-copy-reader.ts';
import type { SqlError } from '../../src/errors/sql-error.ts';
import { neutralContext } from '../../src/types/neutral-context.ts';
import { copyColumnsOf, copyFormat, readAll } from './copy-samples.ts';

const TYPES = ['timestamptz', 'text', 'varchar', 'int8', 'int4', 'float8', 'bool', 'date', 'numeric', 'timestamp'];

/** The same options, with which every row goes the general way. */
function general(format: CopyFormat): CopyFormat {
  return { ...format, forceNull: ['no such column'] };
}

class Side {
  readonly splitter: RowSplitter;
  readonly block: CellBlock;
  readonly readers;
  readonly plainRows: PlainRows | undefined;

  constructor(format: CopyFormat, types: readonly string[]) {
    const columns = copyColumnsOf(...types);
    const names = columns.map(({ name }) => name);
    this.splitter = format.kind === 'csv' ? new CsvSplitter(format, names) : new TextSplitter(format, names);
    this.block = new CellBlock(types.length, 64);
    this.readers = columns.map(({ type }) => cellReader(type, neutralContext));
    const plain = plainBytes(format);
    const { timeZone } = neutralContext;
    this.plainRows = plain && new PlainRows({ plain, readers: this.readers, timeZone });
  }

  /** What comes of the bytes up to `to`. */
  read(data: Uint8Array, to: number, isEnd: boolean): unknown {
    const { block, splitter } = this;
    const bytes = new Uint8Array((data.length + 1) * 2);
    bytes.set(data);
    block.useBytes(bytes, data.length + 1);
    block.clear();
    const headerEnd = data.indexOf(0x0a) + 1;
    splitter.splitHeader(block, 0, headerEnd, false);
    block.clear();
    const next =
      this.plainRows === undefined
        ? splitter.split(block, headerEnd, to, isEnd)
        : this.plainRows.split(block, splitter, headerEnd, to, isEnd);
    const failures = new CellFailures(block.rowCount, 'ignore');
    const columns = this.plainRows?.columns(block, failures) ?? this.readAll(failures);
    const lines = Array.from({ length: block.rowCount }, (_, row) => [
      block.lineNumbers[row],
      Buffer.from(block.line(row)).toString('latin1'),
      // What stands in a row that is left out is nobody's.
      failures.ignored().some((failure) => failure.row === row) || columns.map((column) => valueAt(column, row)),
    ]);
    const { problem, hasEnded, lineNumber } = splitter;
    return {
      next,
      lines,
      ignored: failures.ignored().map(({ row, column, error }) => [row, column, (error as SqlError).message]),
      hasEnded,
      lineNumber,
      problem: problem && { ...problem, error: problem.error.message },
    };
  }

  readAll(failures: CellFailures): Column[] {
    return this.readers.map((reader, column) => reader.read(this.block, column, failures));
  }
}

const usualCells: Record<string, readonly string[]> = {
  timestamptz: [
    '2024-01-01 00:00:00+00',
    '2024-01-01 00:00:00+00',
    '2024-02-29 23:59:59.5-03:30',
    '2024-01-02 10:00:00',
  ],
  timestamp: ['2024-01-01 00:00:00', '2024-01-01T00:00:01.000001'],
  date: ['2024-01-31', '1999-12-31'],
  text: ['host_0', 'host_1', 'host_10', 'é', ''],
  varchar: ['x64', 'x86', ''],
  int8: ['0', '-7', '123456789012345', '9007199254740993', '-9223372036854775808'],
  int4: ['1', '-2147483648', '2147483647', '007'],
  float8: ['0.5', '-0', '12', '-1.25', '0.1234567890123', '0.30000000000000004', '1e300', '5.', '.5', 'NaN'],
  bool: ['t', 'f', 'true'],
  numeric: ['1.50', '-3'],
};
const strangeCells = [
  '',
  '\\N',
  '"a,b"',
  '"',
  'a"b',
  '\\.',
  'x\\ty',
  ' 5',
  '+5',
  '1.2.3',
  '--1',
  '\r',
  '99999999999999999999',
  '2024-13-01',
  '-',
  'infinity',
  'tt',
  '\\',
  '\u00ff',
];

const cellOf = (type: string) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...usualCells[type]!) },
    { weight: 1, arbitrary: fc.constantFrom('', '\\N') },
    { weight: 1, arbitrary: fc.constantFrom(...strangeCells) },
  );

/** Columns, and lines of cells which mostly fit them. */
const samples = (delimiter: string) =>
  fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 6 }).chain((types) => {
    const usual = fc.tuple(...types.map(cellOf));
    const strange = fc.array(fc.constantFrom(...strangeCells, ...usualCells.text!), { maxLength: 7 });
    const line = fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: strange });
    const end = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r');
    return fc.record({
      types: fc.constant(types),
      text: fc.tuple(fc.array(line, { maxLength: 12 }), end, fc.boolean()).map(([lines, lineEnd, hasEnd]) => {
        const joined = lines.map((cells) => cells.join(delimiter)).join(lineEnd);
        return `h${lineEnd === '\r\n' ? '\r' : ''}\n${joined}${hasEnd ? lineEnd : ''}`;
      }),
    });
  });

const options: Record<string, [options: Record<string, string>, delimiter: string]> = {
  text: [{}, '\t'],
  'text with an empty NULL': [{ null: '' }, '\t'],
  'text with bars': [{ delimiter: '|' }, '|'],
  csv: [{ format: 'csv' }, ','],
  'csv with semicolons': [{ format: 'csv', delimiter: ';' }, ';'],
};

describe('rows of the usual form, read in one pass', () => {
  for (const [name, [written, delimiter]] of Object.entries(options)) {
    test(`are what the general way makes of them, wherever the data is cut: ${name}`, () => {
      const format = copyFormat(written);
      expect(plainBytes(format)).toBeDefined();
      expect(plainBytes(general(format))).toBeUndefined();
      fc.assert(
        fc.property(samples(delimiter), ({ types, text }) => {
          const data = Buffer.from(text);
          for (let to = data.indexOf(0x0a) + 1; to <= data.length; to++) {
            for (const isEnd of [false, true]) {
              const fast = new Side(format, types).read(data, to, isEnd);
              expect(fast).toEqual(new Side(general(format), types).read(data, to, isEnd));
            }
          }
        }),
        { numRuns: 15 },
      );
    });

    test(`tell the same errors and skip the same rows: ${name}`, () => {
      fc.assert(
        fc.property(samples(delimiter), fc.boolean(), ({ types, text }, ignores) => {
          const format = copyFormat({ ...written, header: 'true', ...(ignores ? { on_error: 'ignore' } : {}) });
          const columns = copyColumnsOf(...types);
          const read = (with_: CopyFormat): unknown =>
            readAll(
              new TextCopyReader({ format: with_, columns, tableName: 't', typeContext: neutralContext }),
              Buffer.from(text),
            );
          expect(read(format)).toEqual(read(general(format)));
        }),
        { numRuns: 150 },
      );
    });
  }

  test('remember the cells of earlier blocks, and find those that come again in any order', () => {
    const format = copyFormat({ format: 'csv' });
    const types = ['int4', 'text', 'text', 'text'];
    const fast = new Side(format, types);
    const slow = new Side(general(format), types);
    let seed = 1;
    for (let round = 0; round < 40; round++) {
      let text = 'h\n';
      for (let row = 0; row < 60; row++) {
        seed = (seed * 16807) % 2147483647;
        const host = round < 20 ? row % 7 : seed % 300;
        text += `${row},host_${host},${host % 2 === 0 ? '' : 'a'},r${host % 3}\n`;
      }
      const data = Buffer.from(text);
      expect(fast.read(data, data.length, false)).toEqual(slow.read(data, data.length, false));
    }
  });

  test('of which too many are different are read cell by cell', () => {
    const columns = copyColumnsOf('text', 'int4');
    const lines = Array.from({ length: 90_000 }, (_, row) => `name ${row},${row}`);
    const read = (format: CopyFormat): unknown =>
      readAll(
        new TextCopyReader({ format, columns, tableName: 't', typeContext: neutralContext }),
        Buffer.from(`a,b\n${lines.join('\n')}\n`),
        100_000,
      );
    const format = copyFormat({ format: 'csv', header: 'true' });
    const rows = read(format) as unknown[];
    expect(rows).toHaveLength(90_000);
    expect(rows[89_999]).toEqual(['name 89999', 89_999]);
  });

  test('long texts of varchar(n) are refused as ever', () => {
    const [column] = copyColumnsOf('varchar');
    const columns = [{ name: 'v', type: { definition: column!.type.definition, typmod: 4 + 3 } }];
    const format = copyFormat({ format: 'csv', header: 'true' });
    const read = (text: string): unknown =>
      readAll(new TextCopyReader({ format, columns, tableName: 't', typeContext: neutralContext }), Buffer.from(text));
    expect(read('v\nabc\nab\nééé\n')).toEqual([['abc'], ['ab'], ['ééé']]);
    expect(read('v\nabc\nabcd\n')).toBe(
      '22001 value too long for type character varying(3) | COPY t, line 3, column v: "abcd"',
    );
  });
});
