import { differenceOf } from '../lib/compare-answers.mjs';
import { geometricMean, medianMs, printTable } from '../lib/measure.mjs';
import { cpu } from '../lib/queries.mjs';

/** TSBS asks for the last row of each host; DISTINCT ON is how a PostgreSQL user writes it. */
const LAST_POINT = 'SELECT DISTINCT ON (hostname) * FROM cpu ORDER BY hostname, time DESC';

/**
 * The 15 queries of TSBS' cpu set through node-postgres. Answers are compared with PostgreSQL's first: a time without
 * the right answer does not count.
 */
export async function tsbs({ ours, theirs, runs }) {
  const reference = new Map(cpu('pg').map(({ id, sql }) => [id, sql]));
  const rows = [];
  const times = [];
  const ratios = [];
  for (const { id, sql } of cpu('ts')) {
    const query = id === 'lastpoint' ? LAST_POINT : sql;
    let theirMs;
    if (theirs !== undefined) {
      const theirQuery = reference.get(id);
      const expected = await theirs.query(theirQuery);
      const problem = differenceOf(await ours.query(query), expected, { isOrdered: /ORDER BY/.test(query) });
      if (problem !== undefined) throw new Error(`${id}: wrong answer: ${problem}`);
      theirMs = (await medianMs(() => theirs.query(theirQuery), runs)).ms;
      if (id === 'lastpoint') {
        // The lateral form above is PostgreSQL's best; the same text as ours is shown in its own line.
        const same = (await medianMs(() => theirs.query(LAST_POINT), 1)).ms;
        rows.push(['lastpoint (PostgreSQL: DISTINCT ON)', '', same.toFixed(2), '']);
      }
    }
    const { ms, result } = await medianMs(() => ours.query(query), runs);
    times.push(ms);
    if (theirMs !== undefined) ratios.push(ms / theirMs);
    rows.push([
      id,
      ms.toFixed(2),
      theirMs?.toFixed(2) ?? '',
      theirMs === undefined ? '' : (ms / theirMs).toFixed(2),
      String(result.rows.length),
    ]);
  }
  for (const row of rows) while (row.length < 5) row.push('');
  rows.push([
    'geometric mean',
    geometricMean(times).toFixed(2),
    '',
    ratios.length > 0 ? geometricMean(ratios).toFixed(2) : '',
    '',
  ]);
  console.log('\nTSBS cpu, 15 queries through node-postgres (ms, median)');
  printTable(['query', 'Tidewire', 'PostgreSQL', 'ours ÷ PostgreSQL', 'rows'], rows);
}
