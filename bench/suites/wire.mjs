import { cpuDataset } from '../datasets/cpu.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { CPU_FIELDS } from '../generators/cpu-columns.mjs';
import { differenceOf } from '../lib/compare-answers.mjs';
import { interleavedMs } from '../lib/measure.mjs';
import { report } from '../lib/results.mjs';
import { barChart } from '../lib/svg-chart.mjs';

/** Answers with many rows; their texts are what costs. */
function resultSets({ hours, tripDays }) {
  const cpu = `FROM cpu WHERE time >= TIMESTAMPTZ '2024-01-01 00:00:00+00' AND time < TIMESTAMPTZ '2024-01-01 ${hours}:00:00+00'`;
  const trips = `FROM trips WHERE time < TIMESTAMPTZ '2024-01-${String(1 + tripDays).padStart(2, '0')} 00:00:00+00'`;
  return [
    { id: 'time and an integer', sql: `SELECT time, usage_user ${cpu}` },
    { id: 'time, a tag, 10 integers', sql: `SELECT time, hostname, ${CPU_FIELDS.join(', ')} ${cpu}` },
    { id: 'time and two doubles', sql: `SELECT time, base_passenger_fare, trip_miles ${trips}` },
    { id: 'whole trips, 20 columns', sql: `SELECT * ${trips}` },
  ];
}

/** How many rows a second leave by pgwire: with a client that reads nothing, and through node-postgres. */
export async function wire(context) {
  const { peers, sizes, timing, load } = context;
  const servers = peers.filter(({ drain }) => drain !== undefined);
  await load(cpuDataset(sizes), servers);
  await load(tripsDataset(sizes.tripRows), servers);
  const postgres = peers.find(({ name }) => name === 'postgres');
  const figures = [];
  const rows = [];
  const groups = [];
  for (const { id, sql } of resultSets(sizes.wire)) {
    const [ours] = servers;
    if (postgres !== undefined) {
      const difference = differenceOf(sql, await ours.answer(sql), await postgres.answer(sql));
      if (difference !== undefined) {
        rows.push([id, `FAILED: ${difference}`, '', '', '', '', '']);
        figures.push({ id, value: null, unit: 'rows/s', failure: difference });
        continue;
      }
    }
    const { rowCount, byteCount } = await ours.drain(sql);
    const drained = (
      await interleavedMs(
        servers.map((server) => server.drain.bind(server, sql)),
        timing,
      )
    ).map(perSecond(rowCount));
    const driven = (
      await interleavedMs(
        servers.map((server) => server.run.bind(server, sql)),
        timing,
      )
    ).map(perSecond(rowCount));
    rows.push([
      id,
      rowCount.toLocaleString('en'),
      thousands(drained[0]),
      ((drained[0] / rowCount) * (byteCount / 1e6)).toFixed(0),
      ...(drained[1] === undefined ? [''] : [`${thousands(drained[1])} (${(drained[0] / drained[1]).toFixed(2)}×)`]),
      thousands(driven[0]),
      ...(driven[1] === undefined ? [''] : [`${thousands(driven[1])} (${(driven[0] / driven[1]).toFixed(2)}×)`]),
    ]);
    figures.push({ id: `${id}, drained`, value: drained[0], unit: 'rows/s' });
    figures.push({ id: `${id}, node-postgres`, value: driven[0], unit: 'rows/s' });
    groups.push({ label: `${id}, drained`, values: drained }, { label: 'node-postgres', values: driven });
  }
  const header = [
    'rows of',
    'rows',
    'drained, rows/s',
    'MB/s',
    'PostgreSQL (ours ÷)',
    'node-postgres, rows/s',
    'PostgreSQL (ours ÷)',
  ];
  const chart = barChart({
    title: 'Rows out over pgwire (a second, logarithmic)',
    unit: '/s',
    series: servers.map(({ title }) => title),
    groups,
  });
  report(
    {
      name: 'wire',
      title: 'Rows out',
      intro: 'Results of many rows in text format: read and thrown away by a raw socket, and through node-postgres.',
      sections: [{ title: 'Rows a second', header, rows }],
      chart,
    },
    context,
  );
  return figures;
}

function perSecond(rowCount) {
  return (ms) => (rowCount / ms) * 1000;
}

function thousands(value) {
  return Math.round(value).toLocaleString('en');
}
