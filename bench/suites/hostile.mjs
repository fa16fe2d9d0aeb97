import { cpuDataset } from '../datasets/cpu.mjs';
import { roughCpu } from '../datasets/rough-cpu.mjs';
import { roughTrips } from '../datasets/rough-trips.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { geometricMean, interleavedMs } from '../lib/measure.mjs';
import { decimals, millis } from '../lib/query-report.mjs';
import { report } from '../lib/results.mjs';
import { runQueries } from '../lib/run-queries.mjs';
import { barChart } from '../lib/svg-chart.mjs';
import { cpuQueries } from '../queries/cpu.mjs';
import { overRough } from '../queries/rough.mjs';
import { tripsQueries } from '../queries/trips.mjs';

const HEADER = ['query', 'clean', 'hostile', 'slowdown', 'rows'];

/**
 * The queries of trips and TSBS over rows as life has them: NULLs and strange values merged in, late rows still in memory,
 * deletes inside units. Answers as ever, and how much slower than over the clean tables.
 */
export async function hostile(context) {
  const { tripRows, hosts, days } = context.sizes;
  const parts = [
    { title: 'Taxi trips', clean: tripsDataset(tripRows), rough: roughTrips(tripRows), queries: tripsQueries() },
    {
      title: 'TSBS, cpu only',
      clean: cpuDataset({ hosts, days }),
      rough: roughCpu({ hosts, days }),
      queries: cpuQueries(hosts),
    },
  ];
  const sections = [];
  const figures = [];
  for (const part of parts) {
    const ofPart = await measurePart(part, context);
    sections.push(sectionOf(part, ofPart));
    figures.push(...ofPart);
  }
  const timed = figures.filter(({ value }) => value !== null);
  const chart =
    timed.length === 0
      ? undefined
      : barChart({
          title: 'Clean tables and hostile ones (ms, logarithmic)',
          unit: 'ms',
          series: ['clean', 'hostile'],
          groups: timed.map(({ id, cleanMs, value }) => ({ label: id, values: [cleanMs, value] })),
        });
  const intro =
    'One row in 50 comes late and is still in memory, half of the late points of cpu correct one that was there; 2,000 rows of NULLs, NaN, infinities, integers past 2^53, far years and strange texts are among them; one row in a hundred is deleted.';
  report({ name: 'hostile', title: 'Hostile data', intro, sections, chart }, context);
  return figures;
}

async function measurePart({ clean, rough, queries }, { peers, timing, load }) {
  const [ours] = peers;
  const judges = peers.filter(({ append }) => append !== undefined);
  await load(clean, [ours]);
  await load(rough, judges);
  for (const peer of judges) {
    await peer.append(rough.late);
    for (const statement of rough.afterwards) await peer.client.query(statement);
  }
  const roughQueries = queries.map(overRough);
  const checked = await runQueries(roughQueries, judges, { runs: 0 });
  const figures = [];
  for (const [index, { id, failure, rows }] of checked.entries()) {
    if (failure !== undefined || timing.runs === 0) {
      figures.push({ id, value: null, unit: 'ms', rows, failure });
      continue;
    }
    const texts = [queries[index], roughQueries[index]].map(({ sql }) => sql.tidewire);
    const [cleanMs, roughMs] = await interleavedMs(
      texts.map((sql) => ours.run.bind(ours, sql)),
      timing,
    );
    figures.push({ id, value: roughMs, unit: 'ms', rows, cleanMs });
  }
  return figures;
}

function sectionOf({ title }, figures) {
  const timed = figures.filter(({ value }) => value !== null);
  const failed = figures.filter(({ failure }) => failure !== undefined);
  const rows = figures.map(({ id, value, cleanMs, failure, rows: count }) => {
    if (failure !== undefined) return [id, 'FAILED', '', '', String(count)];
    return [id, millis(cleanMs), millis(value ?? undefined), decimals(value / cleanMs), String(count)];
  });
  if (timed.length > 0) {
    const [clean, rough] = ['cleanMs', 'value'].map((key) => geometricMean(timed.map((figure) => figure[key])));
    rows.push(['geometric mean', millis(clean), millis(rough), decimals(rough / clean), '']);
  }
  const remarks = [
    failed.length === 0
      ? `All ${figures.length} answers are equal to PostgreSQL's.`
      : `${failed.length} of ${figures.length} queries FAILED:`,
    ...failed.map(({ id, failure }) => `- ${id}: ${failure}`),
  ];
  return { title: `${title}, ms`, header: HEADER, rows, remarks };
}
