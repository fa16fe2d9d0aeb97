import { rowsOf } from './answer-rows.ts';
import type { Explanation, Probe } from './explanation.ts';

/** What depends on which of several rows comes first. */
export const ORDER_OF_ROWS: readonly Explanation[] = [
  {
    name: 'order-of-conflicts',
    reason:
      'Of several new rows with one key ON CONFLICT DO NOTHING keeps the first, in an order that the query leaves open.',
    explains: async ({ sql, difference, ours, theirs }, probe) => {
      const statement = /^WITH \w+ AS \((INSERT .* RETURNING \*)\) SELECT \* FROM \w+$/.exec(sql)?.[1] ?? sql;
      const insertion =
        /^INSERT INTO (\w+)(?: AS \w+)? (\(.*\bSELECT\b.*) ON CONFLICT .*DO NOTHING( RETURNING .*)?$/.exec(statement);
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
];

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

const BAD_VALUE =
  /^22P02 (Token ".*" is invalid|The input string ended unexpectedly|Character with value|Expected .* but found)|^22003 A field with precision \d+, scale -?\d+ (must round|cannot hold)/;

/** As ISO has it; a time of day with its own zone is something else. */
const INSTANT_IN_UTC = /\d \d\d:\d\d:\d\d(\.\d+)?\+00\)/;
