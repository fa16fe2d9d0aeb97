import { selectParts, withTies } from '../queries/select-parts.mjs';
import { differenceOf, peerDifferenceOf } from './compare-answers.mjs';
import { interleavedMs } from './measure.mjs';

/** From here on the client's parsing is a good part of the time, so the drained socket is measured as well. */
const MANY_ROWS = 500;
/** Queries that mention now() may see another set of rows a moment later. */
const ATTEMPTS = 5;
/** A query that takes this long is timed thrice. */
const SLOW_MS = 1500;
const SLOW_RUNS = 3;

/**
 * Asks every peer every query: first for its answer, which is compared with PostgreSQL's, then for its time.
 *
 * `runs` is how often each is timed, 0 for the answers alone. The result has for each query `ms` by peer, `drainedMs` of those with a socket, `rows`, and `failure` when ours is
 * refused or wrong: then it was not timed. `notes` are differences of a peer's answer.
 */
export async function runQueries(queries, peers, { runs, best = false }) {
  const results = [];
  for (const query of queries) results.push(await runQuery(query, peers, { runs, best }));
  return results;
}

async function runQuery(query, peers, timing) {
  const result = { id: query.id, isExtra: query.isExtra === true, rows: 0, ms: {}, drainedMs: {}, notes: [] };
  const entrants = [];
  const postgres = peers.find(({ name }) => name === 'postgres');
  let reference;
  for (const peer of peers) {
    const sql = query.sql[peer.name];
    if (sql === undefined) continue;
    try {
      if (peer.name === 'tidewire') {
        const checked = await checkOurs(query, peer, postgres);
        // Without an order everybody may give other rows, and time goes on for those who are asked later.
        if (!isAnyRows(sql) && !isMoving(sql)) reference = checked.reference;
        result.rows = checked.rowCount;
        if (checked.difference !== undefined) {
          result.failure = `wrong: ${checked.difference}`;
          continue;
        }
      } else if (peer !== postgres && peer.answer !== undefined && reference !== undefined) {
        const difference = peerDifferenceOf(sql, await peer.answer(sql), reference);
        if (difference !== undefined) result.notes.push(`${peer.title}: ${difference}`);
      }
      entrants.push({ peer, sql });
    } catch (error) {
      const message = String(error.message).split('\n')[0];
      if (peer.name === 'tidewire') result.failure = `${error.code ?? ''} ${message}`.trim();
      else result.notes.push(`${peer.title}: ${message}`);
    }
  }
  if (timing.runs > 0) await timeAll(result, entrants, timing);
  return result;
}

async function timeAll(result, entrants, { runs, best }) {
  const start = performance.now();
  for (const { peer, sql } of entrants) await peer.run(sql);
  const calls = performance.now() - start > SLOW_MS ? Math.min(runs, SLOW_RUNS) : runs;
  const medians = await interleavedMs(
    entrants.map(({ peer, sql }) => peer.run.bind(peer, sql)),
    { runs: calls, best },
  );
  for (const [index, { peer }] of entrants.entries()) result.ms[peer.name] = medians[index];
  const drainable = entrants.filter(({ peer }) => peer.drain !== undefined);
  if (result.rows < MANY_ROWS || drainable.length === 0) return;
  const drained = await interleavedMs(
    drainable.map(({ peer, sql }) => peer.drain.bind(peer, sql)),
    { runs: calls, best },
  );
  for (const [index, { peer }] of drainable.entries()) result.drainedMs[peer.name] = drained[index];
}

/** Our answer beside PostgreSQL's; without PostgreSQL nothing is known about it. */
async function checkOurs({ sql, reference }, ours, postgres) {
  const text = sql.tidewire;
  if (postgres === undefined) return { rowCount: (await ours.answer(text)).rows.length };
  const right = reference ?? sql.postgres;
  for (let attempt = 1; ; attempt++) {
    const before = isMoving(text) ? await postgres.answer(right) : undefined;
    const answer = await ours.answer(text);
    const expected = await referenceAnswer(right, answer, postgres);
    const difference = differenceOf(text, answer, expected);
    const hasMoved = before !== undefined && differenceOf(text, before, expected) !== undefined;
    if (difference === undefined || !hasMoved || attempt === ATTEMPTS) {
      return { rowCount: answer.rows.length, reference: expected, difference };
    }
  }
}

function isMoving(sql) {
  return /\bnow\(\)/i.test(sql);
}

function isAnyRows(sql) {
  const { limit, order } = selectParts(sql);
  return limit !== undefined && order.length === 0;
}

/** What any right answer is made of: ties with the last row too, and any rows of the table for a LIMIT without order. */
async function referenceAnswer(sql, answer, postgres) {
  if (!isAnyRows(sql)) return postgres.answer(withTies(sql));
  const time = answer.columns.findIndex(({ name }) => name === 'time');
  const times = [...new Set(answer.rows.map((row) => row[time]))];
  return postgres.answer(sql.replace(/ LIMIT \d+$/i, ' WHERE time = ANY($1::timestamptz[])'), [times]);
}
