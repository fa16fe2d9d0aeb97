import fc from 'fast-check';
import { loadModule, scanSync } from 'libpg-query';
import { beforeAll, describe, expect, test } from 'vitest';
import { scanLiterals } from '../../../src/sql/syntax/scan-literals.ts';

beforeAll(loadModule);

/** Codes of PostgreSQL's lexer. */
const FLOAT = 260;
const STRING = 261;
const INTEGER = 266;
const OTHER_CONSTANTS = [262, 263, 264, 267];

function literalsOf(text: string): readonly (readonly [kind: string, value: string])[] | undefined {
  return scanLiterals(text)?.literals.map(({ kind, value }) => [kind, value]);
}

describe('literals of a text', () => {
  test('are numbers by their size and strings without their quotes', () => {
    expect(literalsOf(`SELECT 12, 2147483648, 1.50 FROM t WHERE a = 'it''s' AND b1 > -7`)).toEqual([
      ['integer', '12'],
      ['bigint', '2147483648'],
      ['decimal', '1.50'],
      ['string', "it's"],
      ['integer', '7'],
    ]);
  });

  test('are not within comments, names and words', () => {
    expect(literalsOf(`SELECT a1, "b'2" /* 3 /* '4' */ */ FROM t5 -- '6\n`)).toEqual([]);
  });

  test('leave the same skeleton behind, whatever they are', () => {
    const skeletonOf = (text: string) => scanLiterals(text)?.skeleton;
    expect(skeletonOf(`SELECT a FROM t WHERE b = 'x' AND c = 1;`)).toBe(
      skeletonOf(`SELECT a FROM t WHERE b = 'a longer one' AND c = 99  `),
    );
    expect(skeletonOf('SELECT a FROM t WHERE c = 1')).not.toBe(skeletonOf('SELECT a FROM t WHERE c = 1.0'));
    expect(skeletonOf('SELECT a FROM t WHERE c = 1')).not.toBe(skeletonOf('SELECT a FROM t WHERE c = 5000000000'));
    expect(skeletonOf('SELECT a FROM t WHERE c = 1')).not.toBe(skeletonOf(`SELECT a FROM t WHERE c = '1'`));
    expect(skeletonOf('SELECT a -- 1\nFROM t')).not.toBe(skeletonOf('SELECT a -- 2\nFROM t'));
  });

  test.each([
    `SELECT E'a\\'b'`,
    `SELECT B'01'`,
    `SELECT X'1F'`,
    `SELECT N'x'`,
    `SELECT U&'x'`,
    'SELECT $1',
    'SELECT $$x$$',
    `SELECT 'a'\n'b'`,
    `SELECT 'a' -- more\n'b'`,
    'SELECT 1e5',
    'SELECT 0x1F',
    'SELECT 1_000',
    'SELECT .5',
    'SELECT 1.',
    'SELECT 1234567890123456789',
    'SELECT 1; SELECT 2',
    `SELECT 'open`,
    'SELECT /* open',
    'SELECT "open',
    `SELECT '\u{1F600}'`,
  ])('are left to the parser in %j', (text) => {
    expect(scanLiterals(text)).toBeUndefined();
  });
});

const PIECES = [
  ...[
    "'",
    "''",
    '"',
    '$',
    '$$',
    '$a$',
    '\\',
    ';',
    '.',
    ',',
    '(',
    ')',
    '[',
    ']',
    ':',
    '::',
    '-',
    '--',
    '/*',
    '*/',
    '*',
    '/',
    '+',
  ],
  ...['=', '<', '@', '&', '|', ' ', '\n', '\r', '\t', '\f', '\v', '_', 'é', 'ß1', '\u00a0'],
  ...['e', 'E', 'b', 'x', 'X', 'n', 'u&', 'U&', 'a', 'select', 'timestamp', 'a1', 'e1', '1e', '0x', '0b1', '1_0'],
  ...['0', '1', '7', '12', '007', '2147483647', '2147483648', '999999999999999999', '1.5', '.5', '1.', '1..2', '00.10'],
];

describe('the scan', () => {
  test('agrees with PostgreSQL’s lexer wherever it says anything', () => {
    let agreed = 0;
    const piece = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: fc.string({ maxLength: 3 }) },
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join('');
        const scanned = scanLiterals(text);
        if (scanned === undefined) return;
        const tokens = tokensOf(text);
        // What the lexer refuses is refused whatever its literals are.
        if (tokens === undefined) return;
        agreed++;
        const constants = tokens.filter(({ tokenType }) => [FLOAT, STRING, INTEGER].includes(tokenType));
        expect(tokens.some(({ tokenType }) => OTHER_CONSTANTS.includes(tokenType))).toBe(false);
        expect(scanned.literals.map(({ start, end }) => text.slice(start, end))).toEqual(
          constants.map(({ start, end }) => Buffer.from(text).subarray(start, end).toString()),
        );
        for (const [at, { kind }] of scanned.literals.entries()) {
          const wanted = kind === 'string' ? STRING : kind === 'integer' ? INTEGER : FLOAT;
          expect(constants[at].tokenType).toBe(wanted);
        }
      }),
      { numRuns: 20_000, seed: 1 },
    );
    expect(agreed).toBeGreaterThan(2_000);
  }, 60_000);

  test('gives texts that differ in literals alone the same tokens', () => {
    const literal = fc.oneof(
      fc.nat(2147483647).map(String),
      fc.string({ maxLength: 8 }).map((value) => `'${value.replaceAll("'", "''").replaceAll('\0', '')}'`),
    );
    const between = fc.constantFrom(' + ', ', ', ' = ', ' IN (1, ', ' - ', ' x ', " || 'y' || ", ' /* 1 */ ');
    fc.assert(
      fc.property(literal, literal, literal, literal, between, (one, two, three, four, sign) => {
        const [left, right] = [`SELECT ${one}${sign}${two}`, `SELECT ${three}${sign}${four}`];
        const [first, second] = [scanLiterals(left), scanLiterals(right)];
        if (first === undefined || second === undefined || first.skeleton !== second.skeleton) return;
        const types = (text: string) => tokensOf(text)?.map(({ tokenType }) => tokenType);
        expect(types(left)).toEqual(types(right));
      }),
      { numRuns: 3_000, seed: 1 },
    );
  }, 60_000);
});

function tokensOf(text: string) {
  if (text.trim() === '') return [];
  try {
    return scanSync(text).tokens;
  } catch {
    return undefined;
  }
}
