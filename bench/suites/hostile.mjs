import { roughTrips } from '../datasets/rough-trips.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { geometricMean, interleavedMs } from '../lib/measure.mjs';
import { decimals, millis } from '../lib/query-report.mjs';
import { report } from '../lib/results.mjs';
import { runQueries } from '../lib/run-queries.mjs';
import { barChart } from '../lib/svg-chart.mjs';
import { tripsQueries } from '../queries/trips.mjs';

/**
 * The trips queries over rows as life has them: NULLs and strange values merged in, late rows still in memory, deletes
 * inside units. Answers as ever, and how much slower than over the clean table.
 */
export async function hostile(context) {
  const { peers, sizes, timing, load } = context;
  const dataset = roughTrips(sizes.tripRows);
  await load(tripsDataset(sizes.tripRows));
  const judges = peers.filter(({ append }) => append !== undefined);
  await load(dataset, judges);
  for (const peer of judges) {
    await peer.append(dataset.late);
    for (const statement of dataset.afterwards) await peer.client.query(statement);
  }
  const [ours] = judges;
  const clean = tripsQueries();
  const rough = clean.map((query) => ({ ...query, sql: overRoughTrips(query.sql) }));
  const checked = await runQueries(rough, judges, { runs: 0 });
  const rows = [];
  const figures = [];
  for (const [index, { id, failure, rows: rowCount }] of checked.entries()) {
    if (failure !== undefined || timing.runs === 0) {
      rows.push([id, failure === undefined ? '' : `FAILED: ${failure.slice(0, 120)}`, '', '', String(rowCount)]);
      figures.push({ id, value: null, unit: 'ms', failure });
      continue;
    }
    const texts = [clean[index], rough[index]].map(({ sql }) => sql.tidewire);
    const [cleanMs, roughMs] = await interleavedMs(
      texts.map((sql) => ours.run.bind(ours, sql)),
      timing,
    );
    rows.push([id, millis(cleanMs), millis(roughMs), decimals(roughMs / cleanMs), String(rowCount)]);
    figures.push({ id, value: roughMs, unit: 'ms', cleanMs });
  }
  const timed = figures.filter(({ value }) => value !== null);
  const failed = figures.filter(({ failure }) => failure !== undefined);
  let chart;
  if (timed.length > 0) {
    const [cleanMean, roughMean] = ['cleanMs', 'value'].map((key) => geometricMean(timed.map((figure) => figure[key])));
    rows.push(['geometric mean', millis(cleanMean), millis(roughMean), decimals(roughMean / cleanMean), '']);
    chart = barChart({
      title: 'Taxi trips, clean and as life has them (ms, logarithmic)',
      unit: 'ms',
      series: ['clean', 'hostile'],
      groups: timed.map(({ id, cleanMs, value }) => ({ label: id, values: [cleanMs, value] })),
    });
  }
  const remark =
    failed.length === 0
      ? `All ${figures.length} answers are equal to PostgreSQL's.`
      : `${failed.length} of ${figures.length} queries FAILED.`;
  report(
    {
      name: 'hostile',
      title: 'Taxi trips, hostile',
      intro:
        'One row in 50 comes late and is still in memory; 2,000 rows of NULLs, NaN, infinities, far years and strange texts are among them; one row in a hundred is deleted.',
      sections: [
        {
          title: 'Ours',
          header: ['query', 'clean', 'hostile', 'slowdown', 'rows'],
          rows,
          remarks: [remark],
        },
      ],
      chart,
    },
    context,
  );
  return figures;
}

function overRoughTrips(sql) {
  return Object.fromEntries(
    Object.entries(sql).map(([peer, text]) => [peer, text.replace(/\btrips\b/g, 'rough_trips')]),
  );
}
