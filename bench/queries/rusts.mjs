import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH } from '../lib/built.mjs';
import { query } from './dialects.mjs';
import { OWN_RUSTS_QUERIES, OWN_SIMULATOR_QUERIES } from './rusts-questions.mjs';
import { selectParts } from './select-parts.mjs';

/** RusTs' own list lies outside the repository, where it is at hand: it is another project's text. */
const PUBLISHED = join(BENCH, '../../shared/bench/rusts-queries.sql');
const MIXED_CASE_NAMES = /(?<!")\b(PULocationID|DOLocationID)\b/g;

/**
 * The 44 queries over trips and the 20 of the simulator, word for word where RusTs' list is at hand, otherwise the same
 * questions in SQL of our own. `source` says which.
 */
export function rustsQueries({ device }) {
  const published = existsSync(PUBLISHED) ? readPublished(readFileSync(PUBLISHED, 'utf8')) : undefined;
  const { trips, simulator } = published ?? { trips: OWN_RUSTS_QUERIES, simulator: OWN_SIMULATOR_QUERIES };
  return {
    source: published === undefined ? "the same questions as RusTs' in SQL of our own" : "RusTs' own text",
    trips: trips.map(([id, sql]) => asWritten(id, sql)),
    simulator: simulator.map(([id, sql]) => asWritten(id, sql.replaceAll('{device_id}', device))),
  };
}

/** Everybody is asked the text as it stands but PostgreSQL, which wants names in quotes and no alias in HAVING. */
function asWritten(id, sql) {
  return query(id, () => sql, { postgres: forPostgres(sql) });
}

function forPostgres(sql) {
  const { items } = selectParts(sql);
  let text = sql.replace(MIXED_CASE_NAMES, '"$1"');
  for (const { expression, name } of items) {
    if (expression !== name) text = text.replace(new RegExp(`\\bHAVING ${name}\\b`, 'i'), `HAVING ${expression}`);
  }
  return text;
}

/** Pairs of a name and a statement. The name is the comment above: "Q12" in the first part, its words in the second. */
function readPublished(text) {
  const [first, second] = text.split(/^-- =+ PART 2$/m);
  return {
    trips: readStatements(first, (comment) => /^Q\d+/.exec(comment)?.[0]),
    simulator: readStatements(second, (comment) => comment.replace(/ \(.*/, '')),
  };
}

function readStatements(text, nameOf) {
  const statements = [];
  let name;
  for (const line of text.split('\n')) {
    if (line.startsWith('--')) name = nameOf(line.slice(2).trim()) ?? name;
    else if (line.trim() !== '') statements.push([name, line.trim().replace(/;$/, '')]);
  }
  return statements;
}
