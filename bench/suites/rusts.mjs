import { devicesDataset, HISTORY_DEVICE } from '../datasets/devices.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { runQuerySuite } from '../lib/query-suite.mjs';
import { rustsQueries } from '../queries/rusts.mjs';

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
        { title: '44 over trips', dataset: () => tripsDataset(tripRows), queries: trips },
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
