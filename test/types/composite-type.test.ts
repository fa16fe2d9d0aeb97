import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compositeType } from '../../src/types/composite-type.ts';
import { compareRecords, record, recordTypeOver } from '../../src/types/record-type.ts';
import { SqlRecord } from '../../src/types/sql-record.ts';
import { sqlType, typeByName } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';
import { typeContext } from '../support/type-context.ts';
import { binaryForm, orError, readAndShow } from '../support/type-forms.ts';

function field(name: string, typeName: string) {
  const type = typeByName(typeName);
  if (type === undefined) throw new Error(`no type ${typeName}`);
  return { name, type: sqlType(type) };
}

const fields = [field('a', 'int4'), field('b', 'text'), field('c', '_int4')];
const row = compositeType({ oid: 16_400, name: 'pair', fields });
const of = (...values: Value[]): SqlRecord => new SqlRecord(fields, values);

describe('the text of a row', () => {
  test('is read back, whatever the columns hold', () => {
    const texts = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.option(fc.integer({ min: -9, max: 9 })), fc.option(texts), (a, b) => {
        const value = of(a, b, null);
        const back = row.parse(row.format(value, typeContext()), typeContext(), -1) as SqlRecord;
        expect(back.values).toEqual(value.values);
      }),
    );
  });

  test.each([
    ['(1,x,)', '(1,x,)'],
    [' ( 1 ,"a ""b\\"c",{1}) ', '(1,"a ""b""c",{1})'],
    ['(,,)', '(,,)'],
    ['(,"",)', '(,"",)'],
    ['1,x,)', '22P02: malformed record literal: "1,x,)" (Missing left parenthesis.)'],
    ['(1,x)', '22P02: malformed record literal: "(1,x)" (Too few columns.)'],
    ['(1,x,,)', '22P02: malformed record literal: "(1,x,,)" (Too many columns.)'],
    ['(1,x,) y', '22P02: malformed record literal: "(1,x,) y" (Junk after right parenthesis.)'],
    ['(1,"x', '22P02: malformed record literal: "(1,"x" (Unexpected end of input.)'],
    ['(z,x,)', '22P02: invalid input syntax for type integer: "z"'],
  ])('%s is %s', (input, answer) => {
    expect(readAndShow(row, input)).toBe(answer);
  });

  test('of a row without a type of its own cannot be read', () => {
    expect(readAndShow(record, '(1)')).toBe('0A000: input of anonymous composite types is not implemented');
  });
});

describe('the binary form of a row', () => {
  test('has the OID and length of each column', () => {
    const bytes = binaryForm(row, of(1, null, null));
    expect(Buffer.from(bytes).toString('hex')).toBe('0000000300000017000000040000000100000019ffffffff000003efffffffff');
  });

  test('is read back', () => {
    const value = of(7, 'x', null);
    const back = row.readBinary(binaryForm(row, value), typeContext()) as SqlRecord;
    expect(back.values).toEqual(value.values);
  });

  test('of other columns is refused', () => {
    const other = new SqlRecord([field('a', 'text')], ['x']);
    const refusal = orError(() => row.readBinary(binaryForm(record, other), typeContext()));
    expect(refusal).toBe('42804: wrong number of columns: 1, expected 3');
    const bytes = binaryForm(row, of(7, 'x', null)).subarray(0, 10);
    expect(orError(() => row.readBinary(bytes, typeContext()))).toMatch(/^08P01/);
  });
});

describe('the order of rows', () => {
  test('is that of the first columns that differ, NULL last', () => {
    expect(compareRecords(of(1, 'b', null), of(1, 'a', null))).toBeGreaterThan(0);
    expect(compareRecords(of(1, null, null), of(1, 'z', null))).toBeGreaterThan(0);
    expect(compareRecords(of(1, null, null), of(1, null, null))).toBe(0);
  });

  test('does not exist between rows of other shapes', () => {
    const narrow = new SqlRecord(fields.slice(0, 1), [1]);
    expect(orError(() => compareRecords(of(1, 'a', null), narrow))).toBe(
      '42804: cannot compare record types with different numbers of columns',
    );
    const other = new SqlRecord([field('a', 'int8'), fields[1], fields[2]], [1, 'a', null]);
    expect(orError(() => compareRecords(of(1, 'a', null), other))).toBe(
      '42804: cannot compare dissimilar column types integer and bigint at record column 1',
    );
  });

  test('agrees with the keys', () => {
    const rows = fc
      .tuple(fc.option(fc.integer({ min: 0, max: 2 })), fc.option(fc.constantFrom('', ';', '1:1;', 'N;')))
      .map(([a, b]) => of(a, b, null));
    fc.assert(
      fc.property(rows, rows, (left, right) => {
        expect(row.hashKey(left) === row.hashKey(right)).toBe(compareRecords(left, right) === 0);
      }),
    );
  });
});

test('one shape is one type', () => {
  expect(recordTypeOver(fields)).toBe(recordTypeOver([...fields]));
  expect(recordTypeOver(fields)).not.toBe(recordTypeOver(fields.slice(1)));
});
