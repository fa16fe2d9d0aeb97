import type { Answer } from '../support/statement-client.ts';
import type { Difference } from './compare-answers.ts';
import { withoutOwnOids } from './own-oids.ts';

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
  /** The errors (`errorKey`) that both give alike to expressions inside the statement, each calculated for itself. */
  readonly errorsOfParts: () => Promise<ReadonlySet<string>>;
}

/** An error without where it was met. */
export function errorKey({ error }: Answer): string {
  return `${error?.get('C')} ${error?.get('M')}`;
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
      ['rows', 'binary', 'detail'].includes(difference.aspect) &&
      /\b(sum|avg|stddev\w*|var\w*|corr|covar\w*|regr\w*|d?cbrt|d?pow(er)?|d?exp|ln|d?log\w*|a?(sin|cos|tan|cot)[dh]?|atan2d?|degrees|radians)"?\(|\|\|\/| \^ /i.test(
        sql,
      ) &&
      (difference.aspect === 'detail'
        ? roundNumbers(ours.error?.get('D') ?? '', 0) === roundNumbers(theirs.error?.get('D') ?? '', 0)
        : sameRows(ours, theirs, roundNumbers)),
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
    name: 'names-of-old-zones',
    reason:
      'Node knows the offsets of all zones at all times, but of the letters of the past (MMT, NZMT) next to nothing; until 1970 the offset itself or LMT stands there.',
    explains: ({ difference, ours, theirs }) =>
      /\b1[0-8]\d\d|\b19[0-6]\d/.test(difference.theirs) &&
      (difference.aspect === 'rows'
        ? sameRows(ours, theirs, withoutOldZone)
        : difference.aspect === 'detail' && detailOf(ours) === detailOf(theirs)),
  },
  {
    name: 'equal-representatives',
    reason: 'Of values that are equal and look different (1.0 and 1.00, 0 and -0), a group or a set may show any.',
    explains: ({ sql, difference, ours, theirs }) =>
      (difference.aspect === 'rows' || difference.aspect === 'binary') &&
      /\b(GROUP BY|DISTINCT|UNION|INTERSECT|EXCEPT|min\(|max\(|mode\(|percentile_(disc|cont)\()/i.test(sql) &&
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
    name: 'order-of-conflicts',
    reason:
      'Of several new rows with one key ON CONFLICT DO NOTHING keeps the first, in an order that the query leaves open.',
    explains: async ({ sql, difference, ours, theirs }, probe) => {
      const insertion =
        /^INSERT INTO (\w+)(?: AS \w+)? (\(.*\bSELECT\b.*) ON CONFLICT .*DO NOTHING( RETURNING .*)?$/.exec(sql);
      if (insertion === null) return false;
      const candidates = await rowsInserted(insertion, probe);
      if (difference.aspect === 'rows') {
        const [own, other] = [ours, theirs].map(rowsOf);
        return own.length === other.length && own.every((row) => candidates.has(row));
      }
      // Another row is kept, which has no partner.
      return (
        difference.aspect === 'error' &&
        candidates.size > 1 &&
        [ours, theirs].some(({ error }) => error?.get('C') === '23503')
      );
    },
  },
  {
    name: 'which-ungrouped-column',
    reason: 'Of several columns that a subquery may not use PostgreSQL names one in FROM last; ours goes by the text.',
    explains: ({ sql, difference, ours, theirs }) =>
      (difference.aspect === 'message' || difference.aspect === 'position') &&
      [ours, theirs].every((answer) => isAtItsUngroupedColumn(sql, answer)),
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
    name: 'order-of-evaluation',
    reason:
      'Which of several errors of values is met first, in which row and in which operand, depends on the plan; SQL leaves it open.',
    explains: async ({ sql, difference, ours, theirs }, { agreeOnExpressions, errorsOfParts }) => {
      if (difference.aspect !== 'SQLSTATE' && difference.aspect !== 'message') return false;
      if (!isErrorOfValues(ours) || !isErrorOfValues(theirs)) return false;
      // A query within is as free in what it calculates as the whole.
      if (await agreeOnExpressions(/\bSELECT\b/)) return true;
      // Constants have one order, in which they are calculated when the plan is made.
      if (!/\bFROM\b/.test(sql) && !LAZY.test(sql.replace(/^SELECT /, ''))) return false;
      // Within one expression: each of the two errors is what both say of some part of it, or that of too many rows.
      const errors = await errorsOfParts();
      const isOfPart = (answer: Answer) => errors.has(errorKey(answer)) || answer.error?.get('C') === '21000';
      return isOfPart(ours) && isOfPart(theirs);
    },
  },
  {
    name: 'unchecked-overflow',
    reason:
      'PostgreSQL 15 multiplies in make_interval() and width_bucket() without looking whether it overflows; later versions look, as we do.',
    explains: ({ sql, difference, ours, theirs }) =>
      theirs.error === undefined &&
      (difference.aspect === 'error'
        ? /make_interval"?\(/.test(sql) && errorKey(ours) === '22008 interval out of range'
        : difference.aspect === 'rows' && /width_bucket"?\(/.test(sql) && /-2147483648/.test(difference.theirs)),
  },
  {
    name: 'call-left-out',
    reason:
      'PostgreSQL leaves a length function out of its plan where the modifier is a constant that is not positive, and then neither complains of it nor sees that the third argument is NULL.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'error'
        ? theirs.error === undefined &&
          /^timestamp\(-\d+\) precision must be between 0 and 6$/.test(ours.error?.get('M') ?? '')
        : difference.aspect === 'rows' && /"varbit"\('[01]*'::varbit, '?(0|-\d+)('::int4)?, /.test(sql),
  },
  {
    name: 'constants-when-planning',
    reason:
      'When PostgreSQL plans, the values of parameters are constants to it, and it also calculates in parts of a query that its plan leaves out. Ours raises the errors of what is constant without them and stands in the plan.',
    explains: async ({ sql, difference, ours, theirs }, probe) => {
      if (difference.aspect !== 'error') return false;
      if (theirs.error === undefined)
        return isErrorOfValues(ours) && sameError(ours, await withoutConstants(sql, probe));
      if (ours.error !== undefined || !isErrorOfValues(theirs)) return false;
      const planned = await probe.theirs(`EXPLAIN ${sql}`);
      if (planned.error?.get('C') !== theirs.error?.get('C')) return false;
      // A branch not taken is calculated all the same, unless the condition is a constant as well.
      return (await probe.agreeOnExpressions(LAZY)) || (await probe.errorsOfParts()).has(errorKey(theirs));
    },
  },
  {
    name: 'not-calculated',
    reason:
      'A value that turns out not to be needed (an unused column, a join with nothing) may or may not be calculated, and its error come or not; each of the two leaves out what its plans show.',
    isWeak: true,
    explains: async ({ sql, difference, ours, theirs }, probe) => {
      if (difference.aspect !== 'error') return false;
      if (theirs.error === undefined) {
        return NEEDLESS.test(sql) && isErrorOfValues(ours) && (await probe.agreeOnExpressions(LAZY));
      }
      if (!isErrorOfValues(theirs)) return false;
      if (!/\b(FROM|JOIN|LATERAL) \(|, \((VALUES|SELECT)\b|\bWITH\b/.test(sql)) {
        const plan = await planLines(sql, probe);
        // What stands beside a function of several rows is calculated, be there no row; ours waits for one.
        if (!hasFilterBelowJoin(plan) && !plan.some((line) => line.includes('ProjectSet'))) return false;
      }
      return await probe.agreeOnExpressions(LAZY);
    },
  },
  {
    name: 'condition-without-columns',
    reason:
      'PostgreSQL looks once, before there is any row, at a condition that reads no columns (a One-Time Filter); ours looks at it with the first row.',
    explains: async ({ sql, difference, ours, theirs }, probe) => {
      if (difference.aspect !== 'error' || ours.error !== undefined || !isErrorOfValues(theirs)) return false;
      const plan = await planLines(sql, probe);
      return plan.some((line) => line.includes('One-Time Filter: ')) && (await probe.agreeOnExpressions(LAZY));
    },
  },
  {
    name: 'order-of-conditions',
    reason:
      'PostgreSQL takes what AND joins in the order of what it costs to calculate, ours in the order in which it is written; what the first of them turns away is not looked at by the others.',
    isWeak: true,
    explains: async ({ difference, ours, theirs, sql }, probe) => {
      if (difference.aspect !== 'error') return false;
      const failed = theirs.error === undefined ? ours : theirs;
      if (!isErrorOfValues(failed)) return false;
      const plan = await planLines(sql, probe);
      return plan.some((line) => /Filter: .* AND /.test(line)) && (await probe.agreeOnExpressions(LAZY));
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
      INSTANT_IN_UTC.test(ours.error?.get('D') ?? '') === INSTANT_IN_UTC.test(theirs.error?.get('D') ?? ''),
  },
  {
    name: 'first-bad-value',
    reason: 'Which of several values of a table that do not fit is read first depends on the order of the rows.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'detail' &&
      /\b(FROM|UPDATE|JOIN) [th]\d/.test(sql) &&
      [ours, theirs].every(
        ({ error }) => BAD_VALUE.test(`${error?.get('C')} ${error?.get('D')}`) && error?.get('P') === undefined,
      ),
  },
  {
    name: 'own-oids',
    reason:
      'The binary form of a row names the OIDs of its types, and those of types that users make are each its own.',
    explains: ({ difference, ours, theirs }) =>
      difference.aspect === 'binary' && binaryRowsWithoutOids(ours) === binaryRowsWithoutOids(theirs),
  },
  {
    name: 'any-full-join',
    reason: 'PostgreSQL cannot do a FULL JOIN on a condition without an equality; we can.',
    explains: ({ ours, theirs }) =>
      ours.error?.get('C') !== 'XX000' && theirs.error?.get('M')?.startsWith('FULL JOIN is only supported') === true,
  },
  {
    name: 'its-own-mistake',
    reason:
      'PostgreSQL meets an internal error (XX000) of its own, cuts a character in two, or puts a zero byte into a text.',
    explains: ({ sql, difference, difference: { aspect }, ours, theirs }) =>
      (theirs.error?.get('C') === 'XX000' && ours.error?.get('C') !== 'XX000') ||
      theirs.error?.get('M')?.includes('\ufffd') === true ||
      // The first byte of a longer character, as a "char".
      (ours.error === undefined &&
        sql.includes('"char"') &&
        /^invalid byte sequence for encoding "UTF8": 0x[c-f]/.test(theirs.error?.get('M') ?? '')) ||
      // A "char" of nothing becomes a text with a zero byte, which no text can hold.
      (aspect === 'binary' && sql.includes('"char"') && difference.theirs.replace(/\b00\b/g, '') === difference.ours) ||
      // Every second result is in binary form, where such bytes say nothing.
      ((aspect === 'rows' || aspect === 'binary') &&
        theirs.results.some(
          ({ rows }, index) =>
            index % 2 === 0 && rows.flat().some((value) => value?.toString('utf8').includes('\ufffd')),
        )),
  },
  {
    name: 'modifiers-of-the-plan',
    reason:
      'PostgreSQL describes a result after its plan is made: where only a part of a COALESCE, a CASE or a UNION is left, it has the type modifier of that part, and a call of a length function that changes nothing has that which it was called with. Ours describes what was written.',
    explains: ({ sql, difference: { aspect, ours, theirs } }) =>
      aspect === 'columns' &&
      /\b(COALESCE|CASE|UNION|EXCEPT|INTERSECT)\b|\."(varchar|bpchar|varbit|numeric|interval|time(stamp)?(tz)?)"\(/.test(
        sql,
      ) &&
      theirs.replace(/\(-?\d+\)/g, '') === ours,
  },
  {
    name: 'flag-of-nulls',
    reason:
      "The binary form of an array has a flag for NULLs that no client reads; PostgreSQL's slices keep that of the whole, though the NULL is gone.",
    explains: ({ difference: { aspect, ours, theirs } }) =>
      aspect === 'binary' && withoutNullFlags(ours) === withoutNullFlags(theirs),
  },
  {
    name: 'sign-of-nan',
    reason:
      'NaN has a sign that no comparison and no text shows; which one a calculation leaves there is up to the processor.',
    explains: ({ difference: { aspect, ours, theirs } }) =>
      aspect === 'binary' && unsignedNan(ours) === unsignedNan(theirs),
  },
  {
    name: 'types-that-we-lack',
    reason:
      'PostgreSQL also has trunc(macaddr), bit_count(bit), box && box and lseg ?| lseg, so that it cannot tell which one is meant by arguments without types.',
    explains: ({ theirs }) =>
      /^(function (trunc|bit_count)\(unknown\) is not unique|operator is not unique: unknown (&&|\?\|) unknown)$/.test(
        theirs.error?.get('M') ?? '',
      ),
  },
  {
    name: 'newer-grammar',
    reason: 'Our grammar is that of PostgreSQL 18, which takes what 15 calls a syntax error.',
    explains: ({ difference, ours, theirs }) =>
      difference.aspect !== 'rows' &&
      ((theirs.error?.get('C') === '42601' && /syntax error|must have an alias/.test(theirs.error.get('M') ?? '')) ||
        // JSON_OBJECT has become a word of the grammar, which knows where the function is.
        (difference.aspect === 'message' &&
          ours.error?.get('M') ===
            theirs.error?.get('M')?.replace('function json_object', 'function pg_catalog.json_object'))),
  },
];

export async function explanationOf(difference: Case, probe: Probe): Promise<Explanation | undefined> {
  for (const explanation of EXPLANATIONS) if (await explanation.explains(difference, probe)) return explanation;
  return undefined;
}

/** Whether the error of an ungrouped column stands where that column is written. */
function isAtItsUngroupedColumn(sql: string, { error }: Answer): boolean {
  const name = /^subquery uses ungrouped column "(.*)" from outer query$/.exec(error?.get('M') ?? '')?.[1];
  // Positions count characters.
  const rest = [...sql].slice(Number(error?.get('P')) - 1).join('');
  return name !== undefined && rest.replaceAll('"', '').startsWith(name.replaceAll('"', ''));
}

/** Raised by calculating and storing values, not by reading the statement (those have a position). */
function isErrorOfValues({ error }: Answer): boolean {
  const code = error?.get('C') ?? '';
  return /^(22|21000|23|0A000|42601|42704|54000)/.test(code) && error?.get('P') === undefined;
}

function sameError(ours: Answer, theirs: Answer): boolean {
  return ['C', 'M', 'P'].every((field) => ours.error?.get(field) === theirs.error?.get(field));
}

/** PostgreSQL's answer when its plan is made without looking at the values of the parameters. */
async function withoutConstants(sql: string, { theirs }: Probe): Promise<Answer> {
  await theirs('BEGIN');
  await theirs('SET LOCAL plan_cache_mode TO force_generic_plan');
  const answer = await theirs(sql);
  await theirs('ROLLBACK');
  return answer;
}

/** PostgreSQL's plan. */
async function planLines(sql: string, { theirs }: Probe): Promise<readonly string[]> {
  const { results } = await theirs(`EXPLAIN ${sql}`);
  return results[0]?.rows.map(([line]) => line?.toString('utf8') ?? '') ?? [];
}

/**
 * Whether PostgreSQL looks at a condition before a join, which might leave none of the rows that the condition meets. In the
 * text of a plan nodes begin behind an arrow, and what is said of them stands two columns further in.
 */
export function hasFilterBelowJoin(plan: readonly string[]): boolean {
  let joinColumn = Number.POSITIVE_INFINITY;
  for (const [index, line] of plan.entries()) {
    const arrow = /^ *-> {2}/.exec(line);
    const column = arrow?.[0].length ?? line.search(/[^ ]/);
    const isNode = arrow !== null || index === 0;
    if (isNode && column <= joinColumn)
      joinColumn = /^\S*( \S+)? (Join|Loop)\b/.test(line.slice(column)) ? column : Number.POSITIVE_INFINITY;
    else if (!isNode && column > joinColumn + 2 && /^(Join )?Filter: /.test(line.slice(column))) return true;
  }
  return false;
}

/** What an INSERT would add without keys, shown as rows and as what it returns, and what is there already. */
async function rowsInserted(
  [, table, source, returning = '']: readonly string[],
  { theirs }: Probe,
): Promise<ReadonlySet<string>> {
  const rows = new Set<string>();
  await theirs('BEGIN');
  await theirs(`CREATE TEMP TABLE without_keys (LIKE ${table} INCLUDING DEFAULTS INCLUDING GENERATED)`);
  const answers = [
    await theirs(`SELECT * FROM ${table}`),
    await theirs(`INSERT INTO without_keys AS ${table} ${source}${returning}`),
    await theirs('SELECT * FROM without_keys'),
  ];
  await theirs('ROLLBACK');
  for (const answer of answers) for (const row of rowsOf(answer)) rows.add(row);
  return rows;
}

/** Every second result is in binary form. */
function binaryRowsWithoutOids({ results }: Answer): string {
  const rows = results.flatMap(({ rows, columns }, index) =>
    index % 2 === 0
      ? []
      : rows.map((row) =>
          row
            .map((value, at) => (value === null ? 'NULL' : withoutOwnOids(value, columns?.[at].typeOid ?? 0)))
            .join(', '),
        ),
  );
  return rows.sort().join('\n');
}

function rowsOf({ results }: Answer): readonly string[] {
  return (results[0]?.rows ?? []).map((row) => JSON.stringify(row.map((value) => value?.toString('utf8') ?? null)));
}

const BAD_VALUE =
  /^22P02 (Token ".*" is invalid|The input string ended unexpectedly|Character with value|Expected .* but found)|^22003 A field with precision \d+, scale -?\d+ (must round|cannot hold)/;

/** What calculates only some of its operands. */
/** Of a number that became a part of a text too. */
const ZERO_WITH_SIGN = /(?<![\w.])-0(?![\w.])/g;
const LAZY = /\b(CASE|COALESCE|AND|OR|FILTER|SELECT|IN)\b/;
/** What may make a value needless. */
const NEEDLESS =
  /\b(WHERE|JOIN|CASE|AND|OR|COALESCE|HAVING|LIMIT|FROM \(|LATERAL|EXISTS|IN \(|WITH)|, \((VALUES|SELECT)\b/;

/** As ISO has it; a time of day with its own zone is something else. */
const INSTANT_IN_UTC = /\d \d\d:\d\d:\d\d(\.\d+)?\+00\)/;

const RECORD_OID = 2249;
const FLOAT_OIDS: ReadonlySet<number> = new Set([700, 701]);
const NUMBER_OIDS: ReadonlySet<number> = new Set([700, 701, 1700]);
const NUMBER_ARRAY_OIDS: ReadonlySet<number> = new Set([1021, 1022, 1231]);

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

/** Also numbers that were made of floating point numbers, and those within texts. */
function roundNumbers(text: string, typeOid: number): string {
  if (FLOAT_OIDS.has(typeOid)) return roundFloats(text, typeOid);
  return text.replace(/\d+\.\d+(e[+-]?\d+)?/gi, (number) => Number(number).toPrecision(11));
}

function roundFloats(text: string, typeOid: number): string {
  return FLOAT_OIDS.has(typeOid) ? Number(text).toPrecision(typeOid === 700 ? 5 : 11) : text;
}

/** Date, time of day, year where it comes last, and then the zone. */
const OLD_ZONE =
  /((?:\b(?:1[0-8]|19)\d\d-\d\d-\d\d |\d\d[/.]\d\d[/.](?:1[0-8]|19)\d\d )\d\d:\d\d:\d\d(?:\.\d+)?|\d\d:\d\d:\d\d(?:\.\d+)? (?:1[0-8]|19)\d\d) (?:[A-Z]{2,5}|[+-]\d[\d:]*)/g;

function detailOf({ error }: Answer): string {
  return withoutOldZone(error?.get('D') ?? '');
}

function withoutOldZone(text: string): string {
  return text.replace(OLD_ZONE, (shown, instant: string) => (/19[7-9]\d/.test(instant) ? shown : instant));
}

/** | dimensions (1 to 6) | flags | element type |, in hexadecimal digits. */
function withoutNullFlags(shown: string): string {
  return shown.replace(/(0000000[1-6])0000000[01](?=0000)/g, '$1');
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
