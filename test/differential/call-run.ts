import { compareAnswers } from './compare-answers.ts';
import type { FoundDifference, RunOutcome, Tally } from './differential-run.ts';
import type { Engine, Engines } from './engine.ts';
import { explanationOf } from './explained.ts';
import type { Probe } from './explanations/explanation.ts';
import type { GeneratedCall } from './generator/calls.ts';
import type { GeneratedCase } from './generator/statements.ts';

/** Asked together; the answers of a few hundred calls are small. */
const CHUNK_LENGTH = 200;

/** Runs calls on both engines. One difference is kept for each function, operator, cast and type, and the others counted. */
export async function runCalls(
  engines: Engines,
  calls: readonly GeneratedCall[],
  say: (line: string) => void,
): Promise<RunOutcome> {
  const { ours, theirs } = engines;
  const probe: Probe = {
    theirs: async (sql) => (await theirs.client()).ask(sql),
    agreeOnExpressions: async () => false,
    errorsOfParts: async () => new Set(),
  };
  await Promise.all([ours.makeTables([]), theirs.makeTables([])]);
  const refused = new Map<string, Tally>();
  const explained = new Map<string, Tally>();
  const differences = new Map<string, FoundDifference>();
  let executed = 0;
  let equal = 0;
  let bothFailed = 0;
  for (let at = 0; at < calls.length; at += CHUNK_LENGTH) {
    const chunk = calls.slice(at, at + CHUNK_LENGTH);
    const [own, other] = await Promise.all([answersOf(ours, chunk), answersOf(theirs, chunk)]);
    for (const [index, { of, sql }] of chunk.entries()) {
      executed++;
      const answer = own[index];
      const expected = other[index];
      if (expected === undefined) continue;
      const found =
        answer === undefined
          ? ({ aspect: 'crash', ours: 'the connection broke', theirs: '' } as const)
          : compareAnswers(answer, expected, { isOrdered: false, mayMiss: false });
      if (found === undefined) {
        equal++;
        if (expected.error !== undefined) bothFailed++;
      } else if (found.aspect === 'refused') {
        count(refused, `${of}: ${found.ours}`, sql);
      } else {
        const explanation =
          answer && (await explanationOf({ sql, difference: found, ours: answer, theirs: expected }, probe));
        if (explanation !== undefined) count(explained, explanation.name, sql);
        else {
          const known = differences.get(of);
          if (known !== undefined) known.count++;
          else {
            const place = { number: executed, round: 0, comesAgain: true, records: undefined, count: 1 };
            differences.set(of, { ...found, sql, ...place });
          }
        }
      }
    }
    if ((at / CHUNK_LENGTH) % 20 === 19) say(`${executed} calls, ${differences.size} kinds of differences`);
  }
  return { executed, equal, bothFailed, refused, explained, differences: [...differences.values()] };
}

function count(tallies: Map<string, Tally>, key: string, example: string): void {
  const known = tallies.get(key);
  if (known === undefined) tallies.set(key, { count: 1, example });
  else known.count++;
}

async function answersOf(engine: Engine, calls: readonly GeneratedCall[]) {
  const cases = calls.map(
    ({ sql }): GeneratedCase => ({ kind: 'query', tree: sql, look: undefined, isOrdered: false, protocol: 'extended' }),
  );
  return (await engine.run(cases)).map((answers) => answers?.[0]);
}
