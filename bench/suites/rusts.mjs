import { devicesDataset, HISTORY_DEVICE } from '../datasets/devices.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { millis } from '../lib/query-report.mjs';
import { runQuerySuite } from '../lib/query-suite.mjs';
import { rustsQueries } from '../queries/rusts.mjs';

/** What we have set ourselves for all 44 queries over 1.25 million trips, and what RusTs says that it needs for them. */
const AIM_MS = 250;
const AIM_ROWS = 1_250_000;
const RUSTS_MS = 37_000;

/** What RusTs publishes for itself: 44 queries over trips, 20 of a simulated monitor of devices. */
export function rusts(context) {
  const { source, trips, simulator } = rustsQueries({ device: HISTORY_DEVICE });
  const { tripRows, devices, deviceDays } = context.sizes;
  return runQuerySuite(
    {
      name: 'rusts',
      title: "RusTs' queries",
      intro: `Asked with ${source}: 44 over ${tripRows.toLocaleString('en')} trips, then 20 over the latest of ${devices} monitored devices, relative to now().`,
      parts: [
        {
          title: '44 over trips',
          dataset: () => tripsDataset(tripRows),
          queries: trips,
          remarksOn: totalRemarks(tripRows),
        },
        {
          title: '20 of the simulator',
          dataset: () => devicesDataset({ devices, days: deviceDays }),
          queries: simulator,
        },
      ],
    },
    context,
  );
}

function totalRemarks(tripRows) {
  return (results) => {
    const times = results.map(({ ms }) => ms.tidewire);
    if (times.includes(undefined)) return [];
    const total = times.reduce((sum, ms) => sum + ms, 0);
    const all = `All ${times.length} together: ${millis(total)} ms`;
    if (tripRows !== AIM_ROWS) return [`${all} (the aim of ${AIM_MS} ms is one for 1.25 million trips).`];
    const verdict = total <= AIM_MS ? '' : ', MISSED here';
    const factor = (RUSTS_MS / total).toFixed(0);
    return [
      `${all} (aim ${AIM_MS} ms${verdict}). RusTs publishes 37 s for its own 1.25 million trips on its own machine, ${factor} times as much.`,
    ];
  };
}
