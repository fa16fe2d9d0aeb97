import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuDataset } from '../datasets/cpu.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { loopDelayUnderLoad } from '../lib/loop-delay.mjs';
import { millis } from '../lib/query-report.mjs';
import { report } from '../lib/results.mjs';
import { startTidewire } from '../peers/tidewire.mjs';

const PROBE = new URL('../lib/loop-probe.mjs', import.meta.url);
const SECONDS = 10;

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

/** How late the event loop is while full scans run and points come in. Ours alone. */
async function loopDelay(context) {
  const { sizes } = context;
  const datasets = { trips: tripsDataset(sizes.tripRows), cpu: cpuDataset({ hosts: 100, days: sizes.days }) };
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-probe-'));
  const probeFile = join(directory, 'delays.json');
  const ours = await startTidewire({
    nodeArguments: ['--import', PROBE.href],
    environment: { TIDEWIRE_LOOP_PROBE: probeFile },
  });
  const rows = [];
  const figures = [];
  try {
    for (const [name, queries] of Object.entries(SCANS)) {
      await ours.load(datasets[name]);
      const delays = await loopDelayUnderLoad(ours.server, { queries, seconds: SECONDS, probeFile });
      const { p50, p99, max, own99, queriesPerSecond, write50, write99 } = delays;
      const own = own99 === undefined ? '' : millis(own99);
      rows.push([
        name,
        millis(p50),
        millis(p99),
        millis(max),
        own,
        queriesPerSecond.toFixed(0),
        millis(write50),
        millis(write99),
      ]);
      figures.push({ id: `${name}, p99`, value: p99, unit: 'ms' });
      if (own99 !== undefined) figures.push({ id: `${name}, p99 of its own work`, value: own99, unit: 'ms' });
    }
  } finally {
    await ours.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const header = ['full scans of', 'p50', 'p99', 'max', 'p99 of its own work', 'scans/s', 'write p50', 'write p99'];
  report(
    {
      name: 'loop-delay',
      title: 'Delay of the event loop',
      intro: 'Eight clients run full scans without a pause, a writer sends 1,000 points a second in ten requests; ms.',
      sections: [
        {
          title: 'Ours',
          header,
          rows,
          remarks: [
            '- Clients and server share the cores. "Its own work" leaves out the time in which the thread of the event loop was ready and other threads had the core.',
          ],
        },
      ],
    },
    context,
  );
  return figures;
}

export { loopDelay as 'loop-delay' };
