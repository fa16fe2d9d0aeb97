import { cpuDataset } from '../datasets/cpu.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { loopDelayUnderLoad } from '../lib/loop-delay.mjs';
import { millis } from '../lib/query-report.mjs';
import { report } from '../lib/results.mjs';
import { barChart } from '../lib/svg-chart.mjs';

/** What we have set ourselves for the 99th percentile. */
const AIM_MS = 20;

const SCANS = {
  trips: [
    'SELECT hvfhs_license_num, count(*), avg(base_passenger_fare) FROM trips WHERE trip_miles > 2 GROUP BY 1',
    "SELECT time_bucket('1 hour', time) AS h, count(*), avg(base_passenger_fare), max(tips) FROM trips WHERE tips >= 0 GROUP BY h ORDER BY h",
    'SELECT "PULocationID", count(*), avg(driver_pay) FROM trips GROUP BY 1',
  ],
  cpu: [
    "SELECT time_bucket('1 hour', time) AS h, hostname, avg(usage_user), avg(usage_system) FROM cpu WHERE usage_user > 5 GROUP BY h, hostname ORDER BY h, hostname",
    'SELECT count(*), avg(usage_user), max(usage_system) FROM cpu WHERE usage_idle > 20',
    "SELECT time_bucket('1 minute', time) AS m, max(usage_user) FROM cpu GROUP BY m ORDER BY m",
  ],
};

const HEADER = [
  'full scans of',
  'p50',
  'p99',
  'max',
  'p99 of its own work',
  'waited for a core',
  'stolen from the machine',
  'scans/s',
  'write p50',
  'write p99',
];

/** How late the server's event loop is while full scans run and points come in. Ours alone. */
async function loopDelay(context) {
  const { peers, sizes, load } = context;
  const [ours] = peers;
  const datasets = { trips: tripsDataset(sizes.tripRows), cpu: cpuDataset(sizes) };
  const results = [];
  for (const [name, queries] of Object.entries(SCANS)) {
    await load(datasets[name], [ours]);
    results.push({ name, ...(await loopDelayUnderLoad(ours.server, { queries, seconds: sizes.loopSeconds })) });
  }
  const rows = results.map((result) => [
    result.name,
    ...[result.p50, result.p99, result.max, result.own99].map(millis),
    percent(result.waitedShare),
    percent(result.stolenShare),
    result.queriesPerSecond.toFixed(0),
    millis(result.write50),
    millis(result.write99),
  ]);
  const remarks = [
    ...results.map(
      ({ name, p99 }) => `${name}: p99 ${millis(p99)} ms, aim ${AIM_MS} ms${p99 < AIM_MS ? '' : ': MISSED here'}.`,
    ),
    'Clients and server share the cores. "Its own work" leaves out the time in which the thread of the event loop was ready and others had the core ("waited for a core"). What the host took from this machine is "stolen".',
  ];
  report(
    {
      name: 'loop-delay',
      title: 'Delay of the event loop',
      intro: 'Eight clients run full scans without a pause, a writer sends 1,000 points a second in ten requests; ms.',
      sections: [{ title: 'Ours', header: HEADER, rows, remarks }],
      chart: barChart({
        title: "Delay of the server's event loop under eight clients' full scans (ms, logarithmic)",
        unit: 'ms',
        series: ['p50', 'p99', 'max', 'p99 of its own work'],
        groups: results.map(({ name, p50, p99, max, own99 }) => ({ label: name, values: [p50, p99, max, own99] })),
      }),
    },
    context,
  );
  return results.flatMap(({ name, p99, own99 }) => [
    { id: `${name}, p99`, value: p99, unit: 'ms' },
    ...(own99 === undefined ? [] : [{ id: `${name}, p99 of its own work`, value: own99, unit: 'ms' }]),
  ]);
}

function percent(share) {
  return share === undefined ? '' : `${(100 * share).toFixed(1)} %`;
}

export { loopDelay as 'loop-delay' };
