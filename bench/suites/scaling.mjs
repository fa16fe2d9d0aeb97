import { CpuPoints } from '../generators/cpu-points.mjs';
import { writeLines } from '../lib/line-protocol.mjs';
import { interleavedMs } from '../lib/measure.mjs';
import { millis } from '../lib/query-report.mjs';
import { report } from '../lib/results.mjs';
import { lineChart } from '../lib/svg-chart.mjs';
import { startTidewire } from '../peers/tidewire.mjs';

const HOUR = "time >= TIMESTAMPTZ '2024-01-01 03:00:00+00' AND time < TIMESTAMPTZ '2024-01-01 04:00:00+00'";

/** So many calls until a statement's code has been compiled. */
const WARM_UPS = 15;

/** Five classes of queries; the first two should not care how much data there is. */
const CLASSES = [
  ['one series, an hour', `SELECT time, usage_user FROM cpu WHERE hostname = 'host_3' AND ${HOUR} ORDER BY time`],
  ['last point', 'SELECT DISTINCT ON (hostname) * FROM cpu ORDER BY hostname, time DESC'],
  ['aggregate of all', 'SELECT count(*), avg(usage_user), max(usage_system) FROM cpu WHERE usage_idle > 20'],
  [
    'double-groupby of all',
    "SELECT time_bucket('1 hour', time) AS h, hostname, avg(usage_user) FROM cpu GROUP BY h, hostname ORDER BY h, hostname",
  ],
  [
    'buckets of all',
    "SELECT time_bucket('1 hour', time) AS h, count(*), avg(usage_user) FROM cpu GROUP BY h ORDER BY h",
  ],
];

/** What a query costs when a table grows to three and to ten times its size: the cpu set of 3, 9 and 30 days. */
export async function scaling(context) {
  const { timing, sizes } = context;
  const { hosts, steps } = sizes.scaling;
  const ours = await startTidewire();
  const points = new CpuPoints(hosts);
  const times = CLASSES.map(() => []);
  const rowCounts = [];
  try {
    for (const days of steps) {
      await writeLines(linesUntil(days, points), ours.server.httpPort);
      await ours.settle();
      rowCounts.push(Number((await ours.answer('SELECT count(*) FROM cpu')).rows[0][0]));
      for (const [kind, [, sql]] of CLASSES.entries()) {
        if (rowCounts.length === 1) for (let call = 0; call < WARM_UPS; call++) await ours.run(sql);
        const [ms] = await interleavedMs([() => ours.run(sql)], { ...timing, runs: Math.max(timing.runs, 1) });
        times[kind].push(ms);
      }
    }
  } finally {
    await ours.stop();
  }
  const labels = rowCounts.map((count) => `${(count / 1e6).toFixed(2)} M rows`);
  const rows = CLASSES.map(([name], kind) => [
    name,
    ...times[kind].map(millis),
    (times[kind].at(-1) / times[kind][0]).toFixed(1),
  ]);
  const chart = lineChart({
    title: 'Time of a query by size of the table (both axes logarithmic)',
    unit: 'ms',
    xs: rowCounts,
    xLabels: labels,
    series: CLASSES.map(([name], kind) => ({ name, values: times[kind] })),
  });
  report(
    {
      name: 'scaling',
      title: 'Cost and size',
      intro: `${hosts} hosts of TSBS' cpu set, over ${steps.join(', ')} days.`,
      sections: [
        {
          title: 'Ours',
          header: ['', ...labels, `${(rowCounts.at(-1) / rowCounts[0]).toFixed(0)}× the rows costs`],
          rows,
        },
      ],
      chart,
    },
    context,
  );
  return CLASSES.flatMap(([name], kind) =>
    times[kind].map((value, index) => ({ id: `${name}, ${labels[index]}`, value, unit: 'ms' })),
  );
}

function* linesUntil(days, points) {
  for (const [text] of points.chunks(days, 'lines')) if (text !== '') yield Buffer.from(text);
}
