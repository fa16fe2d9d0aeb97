import { geometricMean } from './measure.mjs';

/** More than this times the best of the peers is pointed out. */
const WORST_RATIO = 1.5;
const JUDGES = ['postgres', 'duckdb', 'clickhouse'];

/**
 * How our time stands to a peer's, like with like: where there are many rows, PostgreSQL's and DuckDB's arrive as values
 * of JavaScript like ours do, ClickHouse's as bytes nobody has looked at, so it is compared with our drained socket.
 */
export function ratioTo(peer, { ms, drainedMs }) {
  if (ms.tidewire === undefined || ms[peer] === undefined) return undefined;
  if (drainedMs.tidewire === undefined) return ms.tidewire / ms[peer];
  if (peer === 'clickhouse') return drainedMs.tidewire / ms[peer];
  if (drainedMs[peer] === undefined) return ms.tidewire / ms[peer];
  return Math.min(ms.tidewire / ms[peer], drainedMs.tidewire / drainedMs[peer]);
}

/** The ratio to the best of PostgreSQL, DuckDB and ClickHouse: the largest of the three. */
export function ratioToBest(result) {
  const ratios = JUDGES.map((peer) => ratioTo(peer, result)).filter((ratio) => ratio !== undefined);
  return ratios.length === 0 ? undefined : Math.max(...ratios);
}

/** What a set of queries comes to: means over the queries that everybody named has answered, and the worst ratio. */
export function summarize(results, peers) {
  const counted = results.filter(({ isExtra }) => !isExtra);
  const right = counted.filter(({ failure }) => failure === undefined);
  const meanMs = {};
  const sumMs = {};
  const meanRatio = {};
  for (const { name } of peers) {
    const times = right.map(({ ms }) => ms[name]).filter((ms) => ms !== undefined);
    if (times.length > 0) {
      meanMs[name] = geometricMean(times);
      sumMs[name] = times.reduce((sum, ms) => sum + ms, 0);
    }
    const ratios = right.map((result) => ratioTo(name, result)).filter((ratio) => ratio !== undefined);
    if (name !== 'tidewire' && ratios.length > 0) meanRatio[name] = geometricMean(ratios);
  }
  const columnar = [meanMs.duckdb, meanMs.clickhouse].filter((ms) => ms !== undefined);
  const byRatio = right
    .map((result) => ({ id: result.id, ratio: ratioToBest(result) }))
    .filter(({ ratio }) => ratio !== undefined)
    .sort((left, other) => other.ratio - left.ratio);
  return {
    queryCount: counted.length,
    failures: counted.filter(({ failure }) => failure !== undefined).map(({ id, failure }) => ({ id, failure })),
    meanMs,
    sumMs,
    meanRatio,
    toBetterColumnar: columnar.length === 0 ? undefined : meanMs.tidewire / Math.min(...columnar),
    worst: byRatio[0],
    slow: byRatio.filter(({ ratio }) => ratio > WORST_RATIO),
  };
}

/** The table's header and rows as texts. */
export function queryTable(results, peers) {
  const others = peers.filter(({ name }) => name !== 'tidewire');
  const header = [
    'query',
    ...peers.map(({ title }) => `${title}, ms`),
    ...others.map(({ title }) => `÷ ${title}`),
    '÷ best',
    'rows',
  ];
  const rows = results.map((result) => [
    result.isExtra ? `(${result.id})` : result.id,
    ...peers.map(({ name }) =>
      name === 'tidewire' && result.failure !== undefined ? 'FAILED' : millis(result.ms[name]),
    ),
    ...others.map(({ name }) => decimals(ratioTo(name, result))),
    decimals(ratioToBest(result)),
    String(result.rows),
  ]);
  for (const result of results.filter(({ drainedMs }) => drainedMs.tidewire !== undefined)) {
    rows.push([
      `${result.id}, drained`,
      ...peers.map(({ name }) => millis(result.drainedMs[name])),
      ...others.map(({ name }) => decimals(result.drainedMs.tidewire / result.drainedMs[name])),
      '',
      String(result.rows),
    ]);
  }
  const { meanMs, sumMs, meanRatio } = summarize(results, peers);
  const summary = (label, values, ratios) =>
    rows.push([
      label,
      ...peers.map(({ name }) => millis(values[name])),
      ...others.map(({ name }) => decimals(ratios?.[name])),
      '',
      '',
    ]);
  summary('geometric mean', meanMs, meanRatio);
  summary('sum', sumMs);
  return { header, rows };
}

/** Sentences under the table: what failed, the ratios that count, whose answers differ. */
export function queryRemarks(results, peers) {
  const { queryCount, failures, toBetterColumnar, worst, slow } = summarize(results, peers);
  const hasJudge = peers.some(({ name }) => name === 'postgres');
  const remarks = [];
  if (!hasJudge) remarks.push('PostgreSQL is not there: no answer was checked.');
  else if (failures.length === 0) remarks.push(`All ${queryCount} answers are equal to PostgreSQL's.`);
  else remarks.push(`${failures.length} of ${queryCount} queries FAILED and were not timed:`);
  for (const { id, failure } of failures) remarks.push(`- ${id}: ${failure}`);
  if (toBetterColumnar !== undefined) {
    remarks.push(`Mean ÷ the better mean of DuckDB and ClickHouse: ${decimals(toBetterColumnar)}.`);
  }
  if (worst !== undefined) {
    remarks.push(
      `Worst ratio to the best of PostgreSQL, DuckDB and ClickHouse: ${decimals(worst.ratio)} (${worst.id}).`,
    );
  }
  if (slow.length > 0) {
    const list = slow.map(({ id, ratio }) => `${id} ${decimals(ratio)}`);
    remarks.push(`Beyond ${WORST_RATIO} times the best: ${list.join(', ')}.`);
  }
  for (const { id, notes } of results) for (const note of notes) remarks.push(`${id}: ${note.slice(0, 200)}`);
  return remarks;
}

export function millis(value) {
  if (value === undefined) return '';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function decimals(value) {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(2);
}
