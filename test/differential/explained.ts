import type { Answer } from '../support/statement-client.ts';
import type { Difference } from './compare-answers.ts';

/** A statement that came out differently, with everything that was said. */
export interface Case {
  readonly sql: string;
  readonly difference: Difference;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** Asks the servers something else, to be sure of an explanation. */
export interface Probe {
  /** PostgreSQL's answer to another statement. */
  readonly theirs: (sql: string) => Promise<Answer>;
  /**
   * Whether each expression of the statement, calculated for itself, comes out the same on both: what differs is then
   * only whether or when it is calculated. Those that `except` matches are not asked about.
   */
  readonly agreeOnExpressions: (except?: RegExp) => Promise<boolean>;
}

/** A difference that is meant to be, and why. */
export interface Explanation {
  readonly name: string;
  readonly reason: string;
  /** Believed only of the simplest form of a statement: what is not to blame has then been taken away. */
  readonly isWeak?: boolean;
  readonly explains: (difference: Case, probe: Probe) => boolean | Promise<boolean>;
}

/** All differences that are meant to be. Whatever none of these explains is a mistake of ours. */
export const EXPLANATIONS: readonly Explanation[] = [
  {
    name: 'last-digits',
    reason:
      'Sums of floating point numbers depend on the order of addition, roots and powers on the library of mathematics; they agree to 1e-12 of their size.',
    explains: ({ sql, difference, ours, theirs }) =>
      (difference.aspect === 'rows' || difference.aspect === 'binary') &&
      /\b(sum|avg|stddev\w*|var\w*|corr|covar\w*|regr\w*|d?cbrt|d?pow(er)?|d?exp|ln|d?log\w*|a?(sin|cos|tan|cot)[dh]?|atan2d?|degrees|radians)"?\(|\|\|\/| \^ /i.test(
        sql,
      ) &&
      sameRows(ours, theirs, roundFloats),
  },
  {
    name: 'order-of-addition',
    reason:
      'Statistics over NaN, infinities and huge numbers overflow or are NaN depending on which of them comes first; tables have no order.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'error' &&
      /\b(sum|avg|stddev\w*|var\w*|corr|covar\w*|regr\w*)\(/.test(sql) &&
      [ours, theirs].some(({ error }) => error?.get('C') === '22003' && error.get('P') === undefined) &&
      [ours, theirs].some(({ error }) => error === undefined),
  },
  {
    name: 'names-of-old-zones',
    reason:
      'Node knows the offsets of all zones at all times, but of the letters of the past (MMT, NZMT) next to nothing; until 1970 the offset itself or LMT stands there.',
    explains: ({ difference, ours, theirs }) =>
      difference.aspect === 'rows' &&
      sameRows(ours, theirs, withoutOldZone) &&
      /\b1[0-8]\d\d|\b19[0-6]\d/.test(difference.theirs),
  },
  {
    name: 'equal-representatives',
    reason: 'Of values that are equal and look different (1.0 and 1.00, 0 and -0), a group or a set may show any.',
    explains: ({ sql, difference, ours, theirs }) =>
      (difference.aspect === 'rows' || difference.aspect === 'binary') &&
      /\b(GROUP BY|DISTINCT|UNION|INTERSECT|EXCEPT|min\(|max\(|mode\()/i.test(sql) &&
      sameRows(ours, theirs, canonicalNumber),
  },
  {
    name: 'order-of-evaluation',
    reason:
      'Which of several errors of values is met first, in which row and in which operand, depends on the plan; SQL leaves it open.',
    explains: async ({ difference, ours, theirs }, { agreeOnExpressions }) =>
      (difference.aspect === 'SQLSTATE' || difference.aspect === 'message') &&
      isErrorOfValues(ours) &&
      isErrorOfValues(theirs) &&
      (await agreeOnExpressions()),
  },
  {
    name: 'constants-when-planning',
    reason:
      'When PostgreSQL plans, the values of parameters are constants to it, and it also calculates in parts of a query that its plan leaves out. Ours raises the errors of what is constant without them and stands in the plan.',
    explains: async ({ sql, difference, ours, theirs }, probe) => {
      if (difference.aspect !== 'error' || ours.error !== undefined || !isErrorOfValues(theirs)) return false;
      const planned = await probe.theirs(`EXPLAIN ${sql}`);
      // A branch not taken is calculated all the same, unless the condition is a constant as well.
      return planned.error?.get('C') === theirs.error?.get('C') && (await probe.agreeOnExpressions(LAZY));
    },
  },
  {
    name: 'not-calculated',
    reason:
      'A value that turns out not to be needed (an unused column, a join with nothing) may or may not be calculated, and its error come or not; each of the two leaves out what its plans show.',
    isWeak: true,
    explains: async ({ sql, difference, ours, theirs }, { agreeOnExpressions }) => {
      if (difference.aspect !== 'error' || !NEEDLESS.test(sql)) return false;
      if (theirs.error === undefined) return isErrorOfValues(ours);
      return isErrorOfValues(theirs) && /\bFROM \(|LATERAL \(|\bWITH\b/.test(sql) && (await agreeOnExpressions(LAZY));
    },
  },
  {
    name: 'order-of-rows',
    reason:
      'Which of several rows breaks a constraint first depends on the order in which a query or an index build meets them.',
    explains: ({ sql, difference, ours, theirs }) =>
      ['SQLSTATE', 'message', 'detail'].includes(difference.aspect) &&
      /\b(SELECT|UPDATE|DELETE|INDEX|CHECK)\b/.test(sql) &&
      [ours, theirs].every(({ error }) => /^23/.test(error?.get('C') ?? '')) &&
      // An instant in another zone than the session's is a mistake.
      /\+00\)/.test(ours.error?.get('D') ?? '') === /\+00\)/.test(theirs.error?.get('D') ?? ''),
  },
  {
    name: 'time-is-finite',
    reason: 'The time column of a time-series table holds no infinity; an ordinary table does.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'error' &&
      theirs.error === undefined &&
      /^(INSERT INTO|UPDATE) h\d/.test(sql) &&
      ours.error?.get('C') === '22008',
  },
  {
    name: 'own-oids',
    reason:
      'The binary form of a row names the OIDs of its types, and those of types that users make are each its own.',
    explains: ({ difference, theirs }) =>
      difference.aspect === 'binary' &&
      theirs.results[0]?.columns?.some(({ typeOid }) => typeOid === RECORD_OID || typeOid >= FIRST_USER_OID) === true,
  },
  {
    name: 'any-full-join',
    reason: 'PostgreSQL cannot do a FULL JOIN on a condition without an equality; we can.',
    explains: ({ ours, theirs }) =>
      ours.error?.get('C') !== 'XX000' && theirs.error?.get('M')?.startsWith('FULL JOIN is only supported') === true,
  },
  {
    name: 'its-own-mistake',
    reason: 'PostgreSQL meets an internal error (XX000) of its own, or cuts a character in two.',
    explains: ({ difference: { aspect }, ours, theirs }) =>
      (theirs.error?.get('C') === 'XX000' && ours.error?.get('C') !== 'XX000') ||
      theirs.error?.get('M')?.includes('\ufffd') === true ||
      ((aspect === 'rows' || aspect === 'binary') &&
        theirs.results.some(({ rows }) => rows.flat().some((value) => value?.toString('utf8').includes('\ufffd')))),
  },
  {
    name: 'flag-of-nulls',
    reason:
      "The binary form of an array has a flag for NULLs that no client reads; PostgreSQL's slices keep that of the whole, though the NULL is gone.",
    explains: ({ difference: { aspect, ours, theirs } }) =>
      aspect === 'binary' && withoutNullFlags(ours) === withoutNullFlags(theirs),
  },
  {
    name: 'types-that-we-lack',
    reason: 'PostgreSQL also has trunc(macaddr), so that it cannot tell which trunc() an untyped argument is for.',
    explains: ({ theirs }) => theirs.error?.get('M') === 'function trunc(unknown) is not unique',
  },
  {
    name: 'newer-grammar',
    reason: 'Our grammar is that of PostgreSQL 18, which takes what 15 calls a syntax error.',
    explains: ({ difference, theirs }) =>
      difference.aspect !== 'rows' &&
      theirs.error?.get('C') === '42601' &&
      /syntax error|must have an alias/.test(theirs.error.get('M') ?? ''),
  },
];

export async function explanationOf(difference: Case, probe: Probe): Promise<Explanation | undefined> {
  for (const explanation of EXPLANATIONS) if (await explanation.explains(difference, probe)) return explanation;
  return undefined;
}

/** Raised by calculating and storing values, not by reading the statement (those have a position). */
function isErrorOfValues({ error }: Answer): boolean {
  return error !== undefined && /^(22|21000|23|0A000|42601)/.test(error.get('C') ?? '') && error.get('P') === undefined;
}

/** What calculates only some of its operands. */
const LAZY = /\b(CASE|COALESCE|AND|OR|FILTER|SELECT)\b/;
/** What may make a value needless. */
const NEEDLESS =
  /\b(WHERE|JOIN|CASE|AND|OR|COALESCE|HAVING|LIMIT|FROM \(|LATERAL|EXISTS|IN \(|WITH)|, \((VALUES|SELECT)\b/;

const RECORD_OID = 2249;
const FIRST_USER_OID = 10_000;
const FLOAT_OIDS: ReadonlySet<number> = new Set([700, 701]);
const NUMBER_OIDS: ReadonlySet<number> = new Set([700, 701, 1700]);

function sameRows(ours: Answer, theirs: Answer, simplify: (text: string, typeOid: number) => string): boolean {
  // The texts decide; the binary forms of the same numbers follow from them.
  const rows = (answer: Answer) =>
    answer.results[0]?.rows
      .map((row) =>
        row
          .map((value, column) =>
            value === null
              ? 'NULL'
              : simplify(value.toString('utf8'), answer.results[0]?.columns?.[column].typeOid ?? 0),
          )
          .join('\t'),
      )
      .sort()
      .join('\n');
  return rows(ours) === rows(theirs);
}

function roundFloats(text: string, typeOid: number): string {
  return FLOAT_OIDS.has(typeOid) ? Number(text).toPrecision(typeOid === 700 ? 5 : 11) : text;
}

/** Date, time of day, year where it comes last, and then the zone. */
const OLD_ZONE =
  /((?:\b(?:1[0-8]|19)\d\d-\d\d-\d\d |\d\d[/.]\d\d[/.](?:1[0-8]|19)\d\d )\d\d:\d\d:\d\d(?:\.\d+)?|\d\d:\d\d:\d\d(?:\.\d+)? (?:1[0-8]|19)\d\d) (?:[A-Z]{2,5}|[+-]\d[\d:]*)/g;

function withoutOldZone(text: string): string {
  return text.replace(OLD_ZONE, (shown, instant: string) => (/19[7-9]\d/.test(instant) ? shown : instant));
}

/** | dimensions (1 to 6) | flags | element type |, in hexadecimal digits. */
function withoutNullFlags(shown: string): string {
  return shown.replace(/(0000000[1-6])0000000[01](?=0000)/g, '$1');
}

function canonicalNumber(text: string, typeOid: number): string {
  if (!NUMBER_OIDS.has(typeOid)) return text;
  const trimmed = text.includes('.') && !text.includes('e') ? text.replace(/\.?0+$/, '') : text;
  return trimmed === '-0' ? '0' : trimmed;
}
