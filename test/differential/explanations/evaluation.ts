import type { Answer } from '../../support/statement-client.ts';
import { type Explanation, errorKey, type Probe } from './explanation.ts';

/** Which expressions are calculated at all, when, and in what order: SQL leaves that to the plan. */
export const EVALUATION: readonly Explanation[] = [
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
    name: 'call-left-out',
    reason:
      'PostgreSQL leaves a length function out of its plan where the modifier is a constant that is not positive, and then neither complains of it nor sees that the third argument is NULL.',
    explains: ({ sql, difference, ours, theirs }) =>
      difference.aspect === 'error'
        ? theirs.error === undefined &&
          /^timestamp\(-\d+\) precision must be between 0 and 6$/.test(ours.error?.get('M') ?? '')
        : difference.aspect === 'rows' && /"varbit"\('[01]*'::varbit, [('"~ ]*(0|-\d+)/.test(sql),
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
      // Rows with a NULL in them are compared when ours is planned, and then what else is in them need not be known.
      if (!/\b(FROM|JOIN|LATERAL) \(|, \((VALUES|SELECT)\b|\bWITH\b|\bHAVING\b.*\bROW\(.*\bNULL\b/.test(sql)) {
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
];

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

/** What calculates only some of its operands. */
const LAZY = /\b(CASE|COALESCE|AND|OR|FILTER|SELECT|IN)\b/;

/** What may make a value needless. */
const NEEDLESS =
  /\b(WHERE|JOIN|CASE|AND|OR|COALESCE|HAVING|LIMIT|FETCH|FROM \(|LATERAL|EXISTS|IN \(|(ALL|ANY) \(SELECT|WITH)|, \((VALUES|SELECT)\b/;
