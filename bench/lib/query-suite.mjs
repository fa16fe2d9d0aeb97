import { residentMB } from './process-facts.mjs';
import { queryRemarks, queryTable, summarize } from './query-report.mjs';
import { report } from './results.mjs';
import { runQueries } from './run-queries.mjs';
import { barChart } from './svg-chart.mjs';

/**
 * A suite that is a list of queries, or several: asks them, prints and writes the tables, and returns the figures of ours.
 * `parts` are `{ title, dataset, queries, remarksOn }`; the last, which may be left out, makes more remarks of the results.
 */
export async function runQuerySuite({ name, title, intro, parts }, context) {
  const { timing, load } = context;
  const peers = context.peers.filter((peer) => parts.some(({ queries }) => hasWordsFor(queries, peer)));
  const sections = [];
  const figures = [];
  const groups = [];
  for (const part of parts) {
    await load(
      part.dataset(),
      peers.filter((peer) => hasWordsFor(part.queries, peer)),
    );
    const results = await runQueries(part.queries, peers, timing);
    const title = `${part.title}, ms (${timing.best ? 'fastest' : 'median'})`;
    const remarks = [...queryRemarks(results, peers), ...(part.remarksOn?.(results) ?? [])];
    const memory = residentMB(peers[0].server.pid);
    if (memory !== undefined) remarks.push(memoryRemark(memory));
    sections.push({ title, ...queryTable(results, peers), remarks });
    figures.push(...results.flatMap(figuresOf));
    groups.push(...results.map(({ id, ms }) => ({ label: id, values: peers.map((peer) => ms[peer.name]) })));
    const { meanMs } = summarize(results, peers);
    groups.push({ label: 'geometric mean', values: peers.map((peer) => meanMs[peer.name]) });
  }
  const hasTimes = figures.some(({ value }) => value !== null);
  const chart = hasTimes
    ? barChart({ title: `${title} (ms, logarithmic)`, unit: 'ms', series: peers.map((peer) => peer.title), groups })
    : undefined;
  report({ name, title, intro, sections, chart }, context);
  return figures;
}

function hasWordsFor(queries, { name }) {
  return queries.some(({ sql }) => sql[name] !== undefined);
}

function memoryRemark({ now, peak }) {
  return `Our server, with its default settings, has ${now.toFixed(0)} MB of resident memory now and had at most ${peak.toFixed(0)} MB.`;
}

function figuresOf(result) {
  const { id, ms, drainedMs, failure, rows } = result;
  const figures = [{ id, value: ms.tidewire ?? null, unit: 'ms', rows, failure, peers: ms, drainedMs }];
  if (drainedMs.tidewire !== undefined) figures.push({ id: `${id}, drained`, value: drainedMs.tidewire, unit: 'ms' });
  return figures;
}
