import { cpuDataset } from '../datasets/cpu.mjs';
import { devicesDataset, HISTORY_DEVICE } from '../datasets/devices.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { median, printTable } from '../lib/measure.mjs';
import { processorMs } from '../lib/process-facts.mjs';
import { millis } from '../lib/query-report.mjs';
import { startTidewire } from '../peers/tidewire.mjs';
import { cpuQueries, lastPointForms } from '../queries/cpu.mjs';
import { rustsQueries } from '../queries/rusts.mjs';
import { tripsQueries } from '../queries/trips.mjs';
import { roadOf } from './road-of.mjs';

/** So many calls until a statement's code has been compiled. */
const WARM_UPS = 15;
const CALLS = 15;

/**
 * What each query of trips, TSBS and RusTs costs our server in processor time (all of its threads; a busy machine
 * disturbs that less than the clock), and whether it takes the fast road. The plans of those that could and do not are
 * printed whole.
 */
export async function plans({ tripRows, hosts, days, devices, deviceDays }) {
  const { trips: rustsTrips, simulator } = rustsQueries({ device: HISTORY_DEVICE });
  const sets = [
    { dataset: tripsDataset(tripRows), queries: [...tripsQueries(), ...rustsTrips] },
    { dataset: cpuDataset({ hosts, days }), queries: [...cpuQueries(hosts), ...lastPointForms()] },
    { dataset: devicesDataset({ devices, days: deviceDays }), queries: simulator },
  ];
  const ours = await startTidewire();
  const slowRoads = [];
  try {
    for (const { dataset, queries } of sets) {
      await ours.load(dataset);
      const rows = [];
      const sum = { processor: 0, clock: 0 };
      for (const { id, sql } of queries) {
        const plan = await planOf(ours, sql.tidewire);
        const road = roadOf(plan);
        if (road === undefined) slowRoads.push({ id, sql: sql.tidewire, plan });
        const { processor, clock } = await costOf(ours, sql.tidewire);
        sum.processor += processor ?? 0;
        sum.clock += clock;
        rows.push([id, millis(processor), millis(clock), road ?? 'NOT FUSED']);
      }
      rows.push(['sum', millis(sum.processor), millis(sum.clock), '']);
      console.log(`\n${dataset.name}`);
      printTable(['query', 'processor, ms', 'clock (median), ms', 'road'], rows);
    }
  } finally {
    await ours.stop();
  }
  for (const { id, sql, plan } of slowRoads) console.log(`\n${id}: ${sql}\n${plan.join('\n')}`);
}

async function planOf({ client }, sql) {
  const { rows } = await client.query(`EXPLAIN ANALYZE ${sql}`);
  return rows.map((row) => row['QUERY PLAN']);
}

async function costOf(ours, sql) {
  for (let call = 0; call < WARM_UPS; call++) await ours.run(sql);
  const before = processorMs(ours.server.pid);
  const times = [];
  for (let call = 0; call < CALLS; call++) {
    const start = performance.now();
    await ours.run(sql);
    times.push(performance.now() - start);
  }
  const after = processorMs(ours.server.pid);
  return { processor: before === undefined ? undefined : (after - before) / CALLS, clock: median(times) };
}
