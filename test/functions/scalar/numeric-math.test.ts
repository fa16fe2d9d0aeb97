import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { power } from '../../../src/functions/scalar/numeric-math.ts';
import { Numeric } from '../../../src/types/numeric.ts';
import { evaluateSqlCall } from '../evaluate-sql-call.ts';

const answers: readonly (readonly [sql: string, answer: string])[] = [
  ["numeric '1.10' + numeric '2.205'", 'numeric: 3.305'],
  ["numeric '1' / numeric '3'", 'numeric: 0.33333333333333333333'],
  ["numeric '10' / numeric '3.0'", 'numeric: 3.3333333333333333'],
  ["numeric '1' / numeric '0'", 'ERROR 22012: division by zero'],
  ["numeric '5.5' % numeric '2'", 'numeric: 1.5'],
  ["numeric '-5.5' % numeric '2'", 'numeric: -1.5'],
  ["numeric '0.001' * numeric '0.001'", 'numeric: 0.000001'],
  ["- numeric '1.50'", 'numeric: -1.50'],
  ["numeric 'NaN' = numeric 'NaN'", 'boolean: t'],
  ["numeric 'NaN' > numeric '1e100'", 'boolean: t'],
  ["numeric '1.0' = numeric '1.00'", 'boolean: t'],
  ["numeric '1.5' > int4 '1'", 'boolean: t'],
  ["round(numeric '2.5')", 'numeric: 3'],
  ["round(numeric '-2.5')", 'numeric: -3'],
  ["round(numeric '1234.5678', int4 '2')", 'numeric: 1234.57'],
  ["round(numeric '1234.5678', int4 '-2')", 'numeric: 1200'],
  ["trunc(numeric '1234.5678', int4 '2')", 'numeric: 1234.56'],
  ["trunc(numeric '-1.9')", 'numeric: -1'],
  ["ceil(numeric '1.1')", 'numeric: 2'],
  ["floor(numeric '-1.1')", 'numeric: -2'],
  ["abs(numeric '-1.50')", 'numeric: 1.50'],
  ["sign(numeric '-0.5')", 'numeric: -1'],
  ["mod(numeric '7', numeric '0')", 'ERROR 22012: division by zero'],
  ["div(numeric '9', numeric '4')", 'numeric: 2'],
  ["div(numeric '-9.5', numeric '4')", 'numeric: -2'],
  ["scale(numeric '1.500')", 'integer: 3'],
  ["trim_scale(numeric '1.500')", 'numeric: 1.5'],
  ["sqrt(numeric '2')", 'numeric: 1.414213562373095'],
  ["sqrt(numeric '0.00')", 'numeric: 0.000000000000000'],
  ["sqrt(numeric '0.0001')", 'numeric: 0.01000000000000000'],
  ["sqrt(numeric '123456789.123')", 'numeric: 11111.11106609056'],
  ["sqrt(numeric '-1')", 'ERROR 2201F: cannot take square root of a negative number'],
  ["sqrt(numeric '152415787501905210')", 'numeric: 390404645.8508213'],
  ["exp(numeric '1.0')", 'numeric: 2.7182818284590452'],
  ["exp(numeric '10')", 'numeric: 22026.465794806717'],
  ["exp(numeric '-20.5')", 'numeric: 0.000000001250152866386743'],
  ["exp(numeric '0.0')", 'numeric: 1.0000000000000000'],
  [
    "exp(numeric '300')",
    'numeric: 19424263952412559365842088360176992193662086219516046941429177180671345272879182619666436840448422418235826784451770832010132261535',
  ],
  ["exp(numeric '7000')", 'ERROR 22003: value overflows numeric format'],
  [
    "exp(numeric '-7000')",
    'numeric: 0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
  ],
  ["ln(numeric '2')", 'numeric: 0.6931471805599453'],
  ["ln(numeric '1')", 'numeric: 0.0000000000000000'],
  ["ln(numeric '1.01')", 'numeric: 0.009950330853168083'],
  ["ln(numeric '0.99999')", 'numeric: -0.000010000050000333336'],
  ["ln(numeric '12345678901234567890.5')", 'numeric: 43.959837789202521'],
  ["ln(numeric '0.000000000000001')", 'numeric: -34.538776394910685'],
  ["ln(numeric '0')", 'ERROR 2201E: cannot take logarithm of zero'],
  ["ln(numeric '-1')", 'ERROR 2201E: cannot take logarithm of a negative number'],
  ["log(numeric '100')", 'numeric: 2.0000000000000000'],
  ["log(numeric '2', numeric '8')", 'numeric: 3.0000000000000000'],
  ["log(numeric '1', numeric '8')", 'ERROR 22012: division by zero'],
  ["log(numeric '0.5', numeric '3')", 'numeric: -1.5849625007211562'],
  ["log10(numeric '0.001')", 'numeric: -3.0000000000000000'],
  ["numeric '2' ^ numeric '10'", 'numeric: 1024.0000000000000000'],
  ["numeric '2' ^ numeric '0.5'", 'numeric: 1.4142135623730950'],
  ["numeric '1.5' ^ numeric '-3'", 'numeric: 0.2962962962962963'],
  ["numeric '-2' ^ numeric '3'", 'numeric: -8.0000000000000000'],
  [
    "numeric '-2' ^ numeric '0.5'",
    'ERROR 2201F: a negative number raised to a non-integer power yields a complex result',
  ],
  ["numeric '0' ^ numeric '-1'", 'ERROR 2201F: zero raised to a negative power is undefined'],
  ["numeric '0' ^ numeric '0'", 'numeric: 1.0000000000000000'],
  ["numeric '0.00' ^ numeric '2'", 'numeric: 0.0000000000000000'],
  ["numeric '1.0000001' ^ numeric '1000000'", 'numeric: 1.1051709125497934'],
  ["numeric '10' ^ numeric '20'", 'numeric: 100000000000000000000.0000000000000000'],
  ["numeric '0.1' ^ numeric '30.5'", 'numeric: 0.0000000000000000000000000000003162277660168379'],
  ["numeric '12.5' ^ numeric '3.25'", 'numeric: 3672.4639580921812'],
  ["numeric '3' ^ numeric '-100000'", 'numeric: 0.0000000000000000'],
  ["numeric '0.1' ^ numeric '100000'", 'numeric: 0.0000000000000000'],
  ["numeric '1.5' ^ numeric '100000.5'", 'ERROR 22003: value overflows numeric format'],
  ["power(numeric '3', numeric '40')", 'numeric: 12157665459056928801.0000000000000000'],
  ["numeric 'inf' ^ numeric '-1'", 'numeric: 0'],
  ["numeric 'NaN' ^ numeric '0'", 'numeric: 1'],
];

describe('numeric operators and functions answer as PostgreSQL does', () => {
  for (const [sql, answer] of answers) test(sql, () => expect(evaluateSqlCall(sql)).toBe(answer));
});

/** MD5 of the text that PostgreSQL 15 shows. */
const longPowers: readonly (readonly [base: string, exponent: string, md5: string])[] = [
  ['1.5', '100000', '84014bd342e634bea6bcb40753684ecb'],
  ['-1.5', '99999', '59b30d0613d2e50c4626670b6a3a6c0b'],
  ['2', '434000', 'ad43e4e93e1c00132c2072c47a626e88'],
  ['12345678901234567890.12', '3000', 'dcb05966a5940716776bf38bb31d56ad'],
  ['1.0000001', '2000000000', 'd848fdab66e40848bfa567cf821ee915'],
  ['0.9999999', '20000000', 'd6760dc08ebac069bf5700eb20431970'],
  ['7.123456789012345678901234567890', '150000', '3b793b074afd40f00d489f3f98ce4760'],
  ['1.5', '14000.5', '8e289d05b975c8b8ebcd6f31b0e95fd0'],
];

// By way of the logarithm these took minutes, in which no other session was served.
describe('powers with up to a hundred thousand digits are exact and come at once', () => {
  for (const [base, exponent, md5] of longPowers) {
    test(`${base} ^ ${exponent}`, { timeout: 5_000 }, () => {
      const shown = power(Numeric.parse(base), Numeric.parse(exponent)).toString();
      expect(createHash('md5').update(shown).digest('hex')).toBe(md5);
    });
  }
});
