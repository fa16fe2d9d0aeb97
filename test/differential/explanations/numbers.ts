import { sameKindsOfRows, sameRows } from './answer-rows.ts';
import type { Explanation } from './explanation.ts';

/** What a calculation with floating point numbers leaves open: last digits, the sign of nothing, which of two equals is shown. */
export const NUMBERS: readonly Explanation[] = [
  {
    name: 'last-digits',
    reason:
      'Sums of floating point numbers depend on the order of addition, roots and powers on the library of mathematics; they agree to 1e-12 of their size.',
    explains: ({ sql, difference, ours, theirs }) =>
      ['rows', 'binary', 'detail'].includes(difference.aspect) &&
      /\b(sum|avg|stddev\w*|var\w*|corr|covar\w*|regr\w*|d?cbrt|d?pow(er)?|d?exp|ln|d?log\w*|a?(sin|cos|tan|cot)[dh]?|atan2d?|degrees|radians)"?\(|\|\|\/| \^ /i.test(
        sql,
      ) &&
      (difference.aspect === 'detail'
        ? roundNumbers(ours.error?.get('D') ?? '', 0) === roundNumbers(theirs.error?.get('D') ?? '', 0)
        : sameRows(ours, theirs, roundNumbers)),
  },
  {
    name: 'groups-of-sums',
    reason: 'Rows that are grouped by sums of floating point numbers fall apart by their last digits (last-digits).',
    isWeak: true,
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'rows' &&
      /\b(sum|avg|stddev\w*|var\w*|corr|covar\w*|regr\w*)\(.*\b(GROUP BY|DISTINCT|UNION|INTERSECT|EXCEPT)\b/.test(
        sql,
      ) &&
      sameKindsOfRows(ours, theirs, roundNumbers),
  },
  {
    name: 'angles-of-roots',
    reason: 'The last digit of a root (last-digits) of a large number is many turns of the angle that it stands for.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'rows' &&
      /\b(sin|cos|tan|cot)d?"?\(.*(\|\|\/|\bd?cbrt"?\()/.test(sql) &&
      sameRows(ours, theirs, (text, typeOid) => (NUMBER_OIDS.has(typeOid) ? Number(text).toPrecision(8) : text)),
  },
  {
    name: 'spread-of-roots',
    reason:
      'Whether equal numbers have a spread of 0 or of a rounding error depends on their last digit, which is that of a root (last-digits).',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'rows' &&
      /\b(regr_\w+|corr)\(.*(\|\|\/|\bd?cbrt"?\()/.test(sql) &&
      sameRows(ours, theirs, (text, typeOid) => (NUMBER_OIDS.has(typeOid) && Number(text) === 0 ? 'NULL' : text)),
  },
  {
    name: 'order-of-addition',
    reason:
      'Statistics over NaN, infinities and huge numbers overflow or are NaN depending on which of them comes first; tables have no order.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'error' &&
      /\b(sum|avg|stddev\w*|var\w*|corr|covar\w*|regr\w*)\(/.test(sql) &&
      [ours, theirs].some(({ error }) => /^value out of range: /.test(error?.get('M') ?? '')) &&
      [ours, theirs].some(({ error }) => error === undefined),
  },
  {
    name: 'equal-representatives',
    reason:
      'Of values that are equal and look different (1.0 and 1.00, 0 and -0), a group, a set or the first of a sorted list may show any.',
    explains: ({ sql, difference, ours, theirs }) =>
      (difference.aspect === 'rows' || difference.aspect === 'binary') &&
      /\b(GROUP BY|DISTINCT|UNION|INTERSECT|EXCEPT|LIMIT|FETCH|min\(|max\(|mode\(|percentile_(disc|cont)\()/i.test(
        sql,
      ) &&
      // Of a zero with a sign these make an infinity or half a turn with that sign.
      sameRows(
        ours,
        theirs,
        /\b(cotd?|atan2d?)\(/.test(sql)
          ? unsignedAngle
          : (text, typeOid) => canonicalNumber(text.replace(ZERO_WITH_SIGN, '0'), typeOid),
      ),
  },
  {
    name: 'cancellation',
    reason:
      'The deviations of numbers that are all the same are nothing but what rounding has left of them, in the order of addition.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'rows' &&
      /\b(stddev\w*|var_\w+|variance|corr|covar\w*|regr_(slope|r2|s\w\w))\(/.test(sql) &&
      (sameRows(ours, theirs, withoutTraces) ||
        // And the ratio of two such remains may be anything.
        (/\b(corr|regr_(slope|r2|intercept))\(/.test(sql) &&
          hasConstantArgument(sql) &&
          sameRows(ours, theirs, (text, typeOid) => (FLOAT_OIDS.has(typeOid) ? 'a number' : text)))),
  },
  {
    name: 'sign-of-nan',
    reason:
      'NaN has a sign that no comparison and no text shows; which one a calculation leaves there is up to the processor.',
    explains: ({ difference: { aspect, ours, theirs } }) =>
      aspect === 'binary' && unsignedNan(ours) === unsignedNan(theirs),
  },
];

/** Of a number that became a part of a text too. */
const ZERO_WITH_SIGN = /(?<![\w.])-0(?![\w.])/g;

const RECORD_OID = 2249;

const FLOAT_OIDS: ReadonlySet<number> = new Set([700, 701]);

const NUMBER_OIDS: ReadonlySet<number> = new Set([700, 701, 1700]);

const NUMBER_ARRAY_OIDS: ReadonlySet<number> = new Set([1021, 1022, 1231]);

/** Also numbers that were made of floating point numbers, and those within texts. */
function roundNumbers(text: string, typeOid: number): string {
  if (FLOAT_OIDS.has(typeOid)) return roundFloats(text, typeOid);
  return text.replace(/\d+\.\d+(e[+-]?\d+)?/gi, (number) => Number(number).toPrecision(11));
}

function roundFloats(text: string, typeOid: number): string {
  return FLOAT_OIDS.has(typeOid) ? Number(text).toPrecision(typeOid === 700 ? 5 : 11) : text;
}

/** Of the two NaNs that calculations make, in hexadecimal digits. */
function unsignedNan(shown: string): string {
  return shown.replaceAll('fff8000000000000', '7ff8000000000000').replaceAll('ffc00000', '7fc00000');
}

/** Whether a correlation or regression is asked for of something that is the same in each row. */
function hasConstantArgument(sql: string): boolean {
  return [...sql.matchAll(/\b(corr|regr_\w+)\(/g)].some(({ index, 0: { length } }) =>
    argumentsAt(sql, index + length).some((argument) => !/\b[rthu]\d*\./.test(argument)),
  );
}

/** The texts of the arguments that begin there, up to the parenthesis that closes them. */
function argumentsAt(sql: string, start: number): readonly string[] {
  const found = [''];
  let depth = 0;
  for (const letter of sql.slice(start)) {
    if (letter === ')' && depth === 0) break;
    if ('([{'.includes(letter)) depth++;
    else if (')]}'.includes(letter)) depth--;
    if (letter === ',' && depth === 0) found.push('');
    else found[found.length - 1] += letter;
  }
  return found;
}

/** Infinities, half turns and zeros without their sign. */
function unsignedAngle(text: string, typeOid: number): string {
  const isAngle = FLOAT_OIDS.has(typeOid) && /^-(Infinity|0|180|3\.14159\d*)$/.test(text);
  return isAngle ? text.slice(1) : canonicalNumber(text, typeOid);
}

/** Numbers that are next to nothing count as nothing. */
function withoutTraces(text: string, typeOid: number): string {
  return FLOAT_OIDS.has(typeOid) && Math.abs(Number(text)) < 1e-12 ? '0' : roundNumbers(text, typeOid);
}

function canonicalNumber(text: string, typeOid: number): string {
  if (typeOid === RECORD_OID) return text.replace(/(?<=[(,])-0(?=[,)])/g, '0');
  if (NUMBER_ARRAY_OIDS.has(typeOid)) return text.replace(/[^{},]+/g, (item) => canonicalNumber(item, 1700));
  if (!NUMBER_OIDS.has(typeOid)) return text;
  const trimmed = text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
  return trimmed === '-0' ? '0' : trimmed;
}
