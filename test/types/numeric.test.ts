import { describe, expect, test } from 'vitest';
import { Numeric } from '../../src/types/numeric.ts';
import { numeric, numericTypmod } from '../../src/types/numeric-type.ts';
import { orError, readAndShow } from '../support/type-forms.ts';

describe('numeric reads as in PostgreSQL', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['1', '1'],
    ['1.50', '1.50'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-.5', '-0.5'],
    ['1e5', '100000'],
    ['1.5e3', '1500'],
    ['1e-5', '0.00001'],
    ['1.0e-3', '0.0010'],
    ['1.23e10', '12300000000'],
    ['nan', 'NaN'],
    ['NaN', 'NaN'],
    ['inf', 'Infinity'],
    ['-inf', '-Infinity'],
    ['+Infinity', 'Infinity'],
    ['-infinity', '-Infinity'],
    ['abc', '22P02: invalid input syntax for type numeric: "abc"'],
    ['', '22P02: invalid input syntax for type numeric: ""'],
    [' 12.5 ', '12.5'],
    ['1e', '22P02: invalid input syntax for type numeric: "1e"'],
    ['1.2.3', '22P02: invalid input syntax for type numeric: "1.2.3"'],
    ['--1', '22P02: invalid input syntax for type numeric: "--1"'],
    ['12345678901234567890.123456789', '12345678901234567890.123456789'],
    ['0.000', '0.000'],
    ['00012.30', '12.30'],
    ['1e131072', '22003: value overflows numeric format'],
    ['1e-16384', '22003: value overflows numeric format'],
    ['0e999999', '0'],
    ['+', '22P02: invalid input syntax for type numeric: "+"'],
    ['-', '22P02: invalid input syntax for type numeric: "-"'],
    ['.', '22P02: invalid input syntax for type numeric: "."'],
    ['e5', '22P02: invalid input syntax for type numeric: "e5"'],
    ['1e1000000000', '22003: value overflows numeric format'],
    ['0x1', '22P02: invalid input syntax for type numeric: "0x1"'],
  ])('%j → %s', (input, answer) => {
    expect(readAndShow(numeric, input)).toBe(answer);
  });
});

describe('numeric(5,2) rounds and overflows as in PostgreSQL', () => {
  test.each([
    ['1', '1.00'],
    ['1.005', '1.01'],
    ['1.004', '1.00'],
    ['-1.005', '-1.01'],
    ['999.99', '999.99'],
    [
      '999.995',
      '22003: numeric field overflow (A field with precision 5, scale 2 must round to an absolute value less than 10^3.)',
    ],
    [
      '1000',
      '22003: numeric field overflow (A field with precision 5, scale 2 must round to an absolute value less than 10^3.)',
    ],
    ['nan', 'NaN'],
    ['inf', '22003: numeric field overflow (A field with precision 5, scale 2 cannot hold an infinite value.)'],
    ['0.001', '0.00'],
    ['-999.994', '-999.99'],
    [
      '12345',
      '22003: numeric field overflow (A field with precision 5, scale 2 must round to an absolute value less than 10^3.)',
    ],
  ])('%s → %s', (input, answer) => {
    expect(readAndShow(numeric, input, {}, numericTypmod(5, 2))).toBe(answer);
  });
});

describe('numeric(3,0) rounds and overflows as in PostgreSQL', () => {
  test.each([
    ['999', '999'],
    [
      '999.5',
      '22003: numeric field overflow (A field with precision 3, scale 0 must round to an absolute value less than 10^3.)',
    ],
    ['999.4', '999'],
  ])('%s → %s', (input, answer) => {
    expect(readAndShow(numeric, input, {}, numericTypmod(3, 0))).toBe(answer);
  });
});

describe('numeric(2,5) rounds and overflows as in PostgreSQL', () => {
  test.each([
    ['0.00012', '0.00012'],
    [
      '0.001',
      '22003: numeric field overflow (A field with precision 2, scale 5 must round to an absolute value less than 10^-3.)',
    ],
    ['0.00099', '0.00099'],
    ['0.000994', '0.00099'],
    [
      '0.000995',
      '22003: numeric field overflow (A field with precision 2, scale 5 must round to an absolute value less than 10^-3.)',
    ],
    ['0', '0.00000'],
  ])('%s → %s', (input, answer) => {
    expect(readAndShow(numeric, input, {}, numericTypmod(2, 5))).toBe(answer);
  });
});

describe('numeric(3,-2) rounds and overflows as in PostgreSQL', () => {
  test.each([
    ['12345', '12300'],
    ['99949', '99900'],
    [
      '99950',
      '22003: numeric field overflow (A field with precision 3, scale -2 must round to an absolute value less than 10^5.)',
    ],
    ['-150', '-200'],
    ['49', '0'],
    ['50', '100'],
    [
      '1e5',
      '22003: numeric field overflow (A field with precision 3, scale -2 must round to an absolute value less than 10^5.)',
    ],
  ])('%s → %s', (input, answer) => {
    expect(readAndShow(numeric, input, {}, numericTypmod(3, -2))).toBe(answer);
  });
});

describe('numeric(3,3) rounds and overflows as in PostgreSQL', () => {
  test.each([
    ['0.999', '0.999'],
    [
      '0.9995',
      '22003: numeric field overflow (A field with precision 3, scale 3 must round to an absolute value less than 1.)',
    ],
    [
      '1',
      '22003: numeric field overflow (A field with precision 3, scale 3 must round to an absolute value less than 1.)',
    ],
  ])('%s → %s', (input, answer) => {
    expect(readAndShow(numeric, input, {}, numericTypmod(3, 3))).toBe(answer);
  });
});

describe('arithmetic gives the digits and scales of PostgreSQL', () => {
  test.each([
    ['1', 'add', '3', '4'],
    ['2', 'add', '3', '5'],
    ['-2', 'add', '3', '1'],
    ['10', 'add', '4', '14'],
    ['1', 'add', '0', '1'],
    ['0', 'add', '7', '7'],
    ['1.00', 'add', '3.0', '4.00'],
    ['1', 'add', '99999999', '100000000'],
    ['99999999', 'add', '1', '100000000'],
    ['12345678901234567890.123', 'add', '66', '12345678901234567956.123'],
    ['1e-20', 'add', '7', '7.00000000000000000001'],
    ['1e30', 'add', '7', '1000000000000000000000000000007'],
    ['1.5', 'add', '-2.50', '-1.00'],
    ['0.5', 'add', '0.25', '0.75'],
    ['7', 'add', '-3', '4'],
    ['-7', 'add', '3', '-4'],
    ['7.5', 'add', '2', '9.5'],
    ['NaN', 'add', '0', 'NaN'],
    ['Infinity', 'add', '0', 'Infinity'],
    ['Infinity', 'add', '2', 'Infinity'],
    ['Infinity', 'add', '-Infinity', 'NaN'],
    ['Infinity', 'add', 'Infinity', 'Infinity'],
    ['-Infinity', 'add', '-1', '-Infinity'],
    ['3', 'add', 'Infinity', 'Infinity'],
    ['0', 'add', 'Infinity', 'Infinity'],
    ['NaN', 'add', 'NaN', 'NaN'],
    ['0.0001', 'add', '9999', '9999.0001'],
    ['10000', 'add', '0.00009999', '10000.00009999'],
    ['1.10', 'add', '1.1', '2.20'],
    ['1', 'subtract', '3', '-2'],
    ['2', 'subtract', '3', '-1'],
    ['-2', 'subtract', '3', '-5'],
    ['10', 'subtract', '4', '6'],
    ['1', 'subtract', '0', '1'],
    ['0', 'subtract', '7', '-7'],
    ['1.00', 'subtract', '3.0', '-2.00'],
    ['1', 'subtract', '99999999', '-99999998'],
    ['99999999', 'subtract', '1', '99999998'],
    ['12345678901234567890.123', 'subtract', '66', '12345678901234567824.123'],
    ['1e-20', 'subtract', '7', '-6.99999999999999999999'],
    ['1e30', 'subtract', '7', '999999999999999999999999999993'],
    ['1.5', 'subtract', '-2.50', '4.00'],
    ['0.5', 'subtract', '0.25', '0.25'],
    ['7', 'subtract', '-3', '10'],
    ['-7', 'subtract', '3', '-10'],
    ['7.5', 'subtract', '2', '5.5'],
    ['NaN', 'subtract', '0', 'NaN'],
    ['Infinity', 'subtract', '0', 'Infinity'],
    ['Infinity', 'subtract', '2', 'Infinity'],
    ['Infinity', 'subtract', '-Infinity', 'Infinity'],
    ['Infinity', 'subtract', 'Infinity', 'NaN'],
    ['-Infinity', 'subtract', '-1', '-Infinity'],
    ['3', 'subtract', 'Infinity', '-Infinity'],
    ['0', 'subtract', 'Infinity', '-Infinity'],
    ['NaN', 'subtract', 'NaN', 'NaN'],
    ['0.0001', 'subtract', '9999', '-9998.9999'],
    ['10000', 'subtract', '0.00009999', '9999.99990001'],
    ['1.10', 'subtract', '1.1', '0.00'],
    ['1', 'multiply', '3', '3'],
    ['2', 'multiply', '3', '6'],
    ['-2', 'multiply', '3', '-6'],
    ['10', 'multiply', '4', '40'],
    ['1', 'multiply', '0', '0'],
    ['0', 'multiply', '7', '0'],
    ['1.00', 'multiply', '3.0', '3.000'],
    ['1', 'multiply', '99999999', '99999999'],
    ['99999999', 'multiply', '1', '99999999'],
    ['12345678901234567890.123', 'multiply', '66', '814814807481481480748.118'],
    ['1e-20', 'multiply', '7', '0.00000000000000000007'],
    ['1e30', 'multiply', '7', '7000000000000000000000000000000'],
    ['1.5', 'multiply', '-2.50', '-3.750'],
    ['0.5', 'multiply', '0.25', '0.125'],
    ['7', 'multiply', '-3', '-21'],
    ['-7', 'multiply', '3', '-21'],
    ['7.5', 'multiply', '2', '15.0'],
    ['NaN', 'multiply', '0', 'NaN'],
    ['Infinity', 'multiply', '0', 'NaN'],
    ['Infinity', 'multiply', '2', 'Infinity'],
    ['Infinity', 'multiply', '-Infinity', '-Infinity'],
    ['Infinity', 'multiply', 'Infinity', 'Infinity'],
    ['-Infinity', 'multiply', '-1', 'Infinity'],
    ['3', 'multiply', 'Infinity', 'Infinity'],
    ['0', 'multiply', 'Infinity', 'NaN'],
    ['NaN', 'multiply', 'NaN', 'NaN'],
    ['0.0001', 'multiply', '9999', '0.9999'],
    ['10000', 'multiply', '0.00009999', '0.99990000'],
    ['1.10', 'multiply', '1.1', '1.210'],
    ['1', 'divide', '3', '0.33333333333333333333'],
    ['2', 'divide', '3', '0.66666666666666666667'],
    ['-2', 'divide', '3', '-0.66666666666666666667'],
    ['10', 'divide', '4', '2.5000000000000000'],
    ['1', 'divide', '0', '22012: division by zero'],
    ['0', 'divide', '7', '0.00000000000000000000'],
    ['1.00', 'divide', '3.0', '0.33333333333333333333'],
    ['1', 'divide', '99999999', '0.000000010000000100000001'],
    ['99999999', 'divide', '1', '99999999.000000000000'],
    ['12345678901234567890.123', 'divide', '66', '187055740927796483.184'],
    ['1e-20', 'divide', '7', '0.0000000000000000000014285714285714285714'],
    ['1e30', 'divide', '7', '142857142857142857142857142857'],
    ['1.5', 'divide', '-2.50', '-0.60000000000000000000'],
    ['0.5', 'divide', '0.25', '2.0000000000000000'],
    ['7', 'divide', '-3', '-2.3333333333333333'],
    ['-7', 'divide', '3', '-2.3333333333333333'],
    ['7.5', 'divide', '2', '3.7500000000000000'],
    ['NaN', 'divide', '0', 'NaN'],
    ['Infinity', 'divide', '0', '22012: division by zero'],
    ['Infinity', 'divide', '2', 'Infinity'],
    ['Infinity', 'divide', '-Infinity', 'NaN'],
    ['Infinity', 'divide', 'Infinity', 'NaN'],
    ['-Infinity', 'divide', '-1', 'Infinity'],
    ['3', 'divide', 'Infinity', '0'],
    ['0', 'divide', 'Infinity', '0'],
    ['NaN', 'divide', 'NaN', 'NaN'],
    ['0.0001', 'divide', '9999', '0.000000010001000100010001'],
    ['10000', 'divide', '0.00009999', '100010001.00010001'],
    ['1.10', 'divide', '1.1', '1.00000000000000000000'],
    ['1', 'remainder', '3', '1'],
    ['2', 'remainder', '3', '2'],
    ['-2', 'remainder', '3', '-2'],
    ['10', 'remainder', '4', '2'],
    ['1', 'remainder', '0', '22012: division by zero'],
    ['0', 'remainder', '7', '0'],
    ['1.00', 'remainder', '3.0', '1.00'],
    ['1', 'remainder', '99999999', '1'],
    ['99999999', 'remainder', '1', '0'],
    ['12345678901234567890.123', 'remainder', '66', '12.123'],
    ['1e-20', 'remainder', '7', '0.00000000000000000001'],
    ['1e30', 'remainder', '7', '1'],
    ['1.5', 'remainder', '-2.50', '1.50'],
    ['0.5', 'remainder', '0.25', '0.00'],
    ['7', 'remainder', '-3', '1'],
    ['-7', 'remainder', '3', '-1'],
    ['7.5', 'remainder', '2', '1.5'],
    ['NaN', 'remainder', '0', 'NaN'],
    ['Infinity', 'remainder', '0', '22012: division by zero'],
    ['Infinity', 'remainder', '2', 'NaN'],
    ['Infinity', 'remainder', '-Infinity', 'NaN'],
    ['Infinity', 'remainder', 'Infinity', 'NaN'],
    ['-Infinity', 'remainder', '-1', 'NaN'],
    ['3', 'remainder', 'Infinity', '3'],
    ['0', 'remainder', 'Infinity', '0'],
    ['NaN', 'remainder', 'NaN', 'NaN'],
    ['0.0001', 'remainder', '9999', '0.0001'],
    ['10000', 'remainder', '0.00009999', '0.00000001'],
    ['1.10', 'remainder', '1.1', '0.00'],
  ] as const)('%s %s %s = %s', (left, operation, right, answer) => {
    expect(orError(() => Numeric.parse(left)[operation](Numeric.parse(right)))).toBe(answer);
  });
});

describe('rounding', () => {
  test.each([
    ['round', '2.5', -2, '0'],
    ['round', '2.5', 0, '3'],
    ['round', '2.5', 1, '2.5'],
    ['round', '2.5', 3, '2.500'],
    ['truncate', '2.5', -2, '0'],
    ['truncate', '2.5', 0, '2'],
    ['truncate', '2.5', 1, '2.5'],
    ['truncate', '2.5', 3, '2.500'],
    ['round', '-2.5', -2, '0'],
    ['round', '-2.5', 0, '-3'],
    ['round', '-2.5', 1, '-2.5'],
    ['round', '-2.5', 3, '-2.500'],
    ['truncate', '-2.5', -2, '0'],
    ['truncate', '-2.5', 0, '-2'],
    ['truncate', '-2.5', 1, '-2.5'],
    ['truncate', '-2.5', 3, '-2.500'],
    ['round', '0.5', -2, '0'],
    ['round', '0.5', 0, '1'],
    ['round', '0.5', 1, '0.5'],
    ['round', '0.5', 3, '0.500'],
    ['truncate', '0.5', -2, '0'],
    ['truncate', '0.5', 0, '0'],
    ['truncate', '0.5', 1, '0.5'],
    ['truncate', '0.5', 3, '0.500'],
    ['round', '1234.5678', -2, '1200'],
    ['round', '1234.5678', 0, '1235'],
    ['round', '1234.5678', 1, '1234.6'],
    ['round', '1234.5678', 3, '1234.568'],
    ['truncate', '1234.5678', -2, '1200'],
    ['truncate', '1234.5678', 0, '1234'],
    ['truncate', '1234.5678', 1, '1234.5'],
    ['truncate', '1234.5678', 3, '1234.567'],
    ['round', '-1234.5678', -2, '-1200'],
    ['round', '-1234.5678', 0, '-1235'],
    ['round', '-1234.5678', 1, '-1234.6'],
    ['round', '-1234.5678', 3, '-1234.568'],
    ['truncate', '-1234.5678', -2, '-1200'],
    ['truncate', '-1234.5678', 0, '-1234'],
    ['truncate', '-1234.5678', 1, '-1234.5'],
    ['truncate', '-1234.5678', 3, '-1234.567'],
    ['round', '99.99', -2, '100'],
    ['round', '99.99', 0, '100'],
    ['round', '99.99', 1, '100.0'],
    ['round', '99.99', 3, '99.990'],
    ['truncate', '99.99', -2, '0'],
    ['truncate', '99.99', 0, '99'],
    ['truncate', '99.99', 1, '99.9'],
    ['truncate', '99.99', 3, '99.990'],
    ['round', '150', -2, '200'],
    ['round', '150', 0, '150'],
    ['round', '150', 1, '150.0'],
    ['round', '150', 3, '150.000'],
    ['truncate', '150', -2, '100'],
    ['truncate', '150', 0, '150'],
    ['truncate', '150', 1, '150.0'],
    ['truncate', '150', 3, '150.000'],
    ['round', 'Infinity', -2, 'Infinity'],
    ['round', 'Infinity', 0, 'Infinity'],
    ['round', 'Infinity', 1, 'Infinity'],
    ['round', 'Infinity', 3, 'Infinity'],
    ['truncate', 'Infinity', -2, 'Infinity'],
    ['truncate', 'Infinity', 0, 'Infinity'],
    ['truncate', 'Infinity', 1, 'Infinity'],
    ['truncate', 'Infinity', 3, 'Infinity'],
  ] as const)('%s(%s, %i) = %s', (operation, value, scale, answer) => {
    expect(Numeric.parse(value)[operation](scale).toString()).toBe(answer);
  });

  test.each([
    ['ceil', '2.5', '3'],
    ['floor', '2.5', '2'],
    ['ceil', '-2.5', '-2'],
    ['floor', '-2.5', '-3'],
    ['ceil', '3', '3'],
    ['floor', '3', '3'],
    ['ceil', '-3.0', '-3'],
    ['floor', '-3.0', '-3'],
    ['ceil', '0.1', '1'],
    ['floor', '0.1', '0'],
    ['ceil', '-0.1', '0'],
    ['floor', '-0.1', '-1'],
    ['ceil', 'NaN', 'NaN'],
    ['floor', 'NaN', 'NaN'],
  ] as const)('%s(%s) = %s', (operation, value, answer) => {
    expect(Numeric.parse(value)[operation]().toString()).toBe(answer);
  });
});

describe('conversions', () => {
  test.each([
    ['0', '0'],
    ['1.5', '1.5'],
    ['0.1', '0.1'],
    ['1e15', '1000000000000000'],
    ['1e16', '10000000000000000'],
    ['123456789012345680', '123456789012346000'],
    ['1e-7', '0.0000001'],
    ['0.3333333333333333', '0.333333333333333'],
    [
      '5e-324',
      '0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000494065645841247',
    ],
    ['1e22', '10000000000000000000000'],
    ['0.30000000000000004', '0.3'],
    ['NaN', 'NaN'],
    ['-Infinity', '-Infinity'],
    ['1234567890123456.5', '1234567890123460'],
    ['2.5e15', '2500000000000000'],
    ['99999999999999.95', '100000000000000'],
  ])('double %s becomes %s', (value, answer) => {
    expect(Numeric.fromNumber(Number(value)).toString()).toBe(answer);
  });

  test.each([
    ['2.5', '3'],
    ['-2.5', '-3'],
    ['0.49', '0'],
    ['9223372036854775807.4', '9223372036854775807'],
    ['9223372036854775807.5', '22003: bigint out of range'],
    ['NaN', '0A000: cannot convert NaN to bigint'],
    ['Infinity', '0A000: cannot convert infinity to bigint'],
    ['9007199254740993', '9007199254740993'],
  ])('%s as bigint is %s', (value, answer) => {
    expect(orError(() => Numeric.parse(value).toInt64())).toBe(answer);
  });
});

describe('order and keys', () => {
  test('values in ascending order compare so, NaN last and equal to itself', () => {
    const ascending = ['-Infinity', '-2', '-1.5', '0', '0.001', '1', '1e20', 'Infinity', 'NaN'].map(Numeric.parse);
    for (const [left, a] of ascending.entries()) {
      for (const [right, b] of ascending.entries()) expect(Math.sign(a.compare(b))).toBe(Math.sign(left - right));
    }
  });

  test('one value in several scales has one key', () => {
    for (const texts of [
      ['1', '1.0', '1.000'],
      ['0', '0.00', '-0.0'],
      ['100', '1e2', '100.0'],
      ['-0.50', '-0.5'],
    ]) {
      expect(new Set(texts.map((text) => Numeric.parse(text).hashKey())).size).toBe(1);
    }
    expect(Numeric.parse('10').hashKey()).not.toBe(Numeric.parse('1').hashKey());
  });
});
