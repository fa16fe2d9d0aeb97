// npm run bench [-- OPTIONS] [-- compare A.json B.json | sizes | series | plans]: see bench/README.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCH } from './lib/built.mjs';
import { compareRuns } from './lib/compare-runs.mjs';
import { Loader } from './lib/loader.mjs';
import { describeMachine } from './lib/results.mjs';

const { values: flags, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    best: { type: 'boolean', default: false },
    only: { type: 'string' },
    peers: { type: 'string' },
    'no-peers': { type: 'boolean', default: false },
    scale: { type: 'string', default: '1' },
    json: { type: 'string' },
    results: { type: 'string' },
    dist: { type: 'string' },
  },
  allowPositionals: true,
});
// Before anything is imported that asks for it.
if (flags.dist !== undefined) process.env.TIDEWIRE_BENCH_DIST = flags.dist;

/** Each is a function of this name in `suites/<name>.mjs`. */
const SUITES = [
  'ingest',
  'tsbs',
  'trips',
  'rusts',
  'wire',
  'codecs',
  'hostile',
  'scaling',
  'catalog',
  'pgbench',
  'connections',
  'loop-delay',
];

const SIZES = flags.quick
  ? {
      tripRows: 150_000,
      hosts: 40,
      days: 2,
      devices: 40,
      deviceDays: 2,
      wire: { hours: '04', tripDays: 3 },
      scaling: { hosts: 10, steps: [1, 3, 10] },
      codecRoundMs: 15,
      loopSeconds: 3,
      pgbench: { scale: 1, seconds: 1 },
      connections: { idle: 1000, busy: 100, seconds: 2 },
    }
  : {
      tripRows: 1_250_000,
      hosts: 100,
      days: 3,
      devices: 200,
      deviceDays: 7,
      wire: { hours: '12', tripDays: 8 },
      scaling: { hosts: 100, steps: [3, 9, 30] },
      codecRoundMs: 40,
      loopSeconds: 10,
      pgbench: { scale: 10, seconds: 60 },
      connections: { idle: 1000, busy: 100, seconds: 10 },
    };

const [command] = positionals;
if (command === 'compare') compareRuns(positionals[1], positionals[2]);
else if (command === 'series') {
  const { series } = await import('./series/series.mjs');
  series({ count: flags.quick ? 200_000 : 1_000_000 });
} else if (command === 'sizes') await runSizes();
else if (command === 'plans') {
  const { plans } = await import('./plans/plans.mjs');
  await plans(SIZES);
} else if (command === undefined) await runSuites();
else throw new Error(`no command ${command}: compare, sizes, series or plans`);
// ClickHouse leaves threads behind that would keep the process.
process.exit();

async function runSizes() {
  const { sizes } = await import('./sizes/sizes.mjs');
  await sizes({ hosts: SIZES.hosts, days: SIZES.days, rows: flags.quick ? 800_000 : 1_250_000 });
}

async function runSuites() {
  const { PEER_NAMES, startPeers } = await import('./peers/start-peers.mjs');
  const names = listed(flags.only, SUITES) ?? SUITES;
  const machine = describeMachine();
  if (flags.quick && flags.scale !== '1') throw new Error('--scale is for a run by hand, not for a quick one');
  // The slowest of them only takes part in a quick run when it is asked for.
  const usual = flags.quick ? PEER_NAMES.filter((name) => name !== 'influxdb') : PEER_NAMES;
  const wanted = flags['no-peers'] ? [] : (listed(flags.peers, PEER_NAMES) ?? usual);
  const peers = await startPeers(wanted, { mayInstall: !flags.quick });
  if (flags.quick && wanted === usual)
    console.log('InfluxDB is left out: it is slow, ask for it with --peers influxdb');
  let stopping;
  const stopAll = () => {
    stopping ??= stopPeers(peers);
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopAll().finally(() => process.exit(1)));
  const versions = peers.slice(1).map(({ version }) => version);
  const { processor, cores, load } = machine;
  console.log(`${processor}, ${cores} cores, load ${load.toFixed(1)}; ${['Tidewire', ...versions].join(', ')}`);
  const loader = new Loader(peers);
  const context = {
    peers,
    machine,
    versions,
    timing: { runs: flags.check ? 0 : flags.quick ? 3 : 7, best: flags.best },
    sizes: { ...SIZES, scale: Number(flags.scale) },
    load: (dataset, some) => loader.load(dataset, some),
    // What is quick or only checked is no figure to keep.
    folder: flags.results ?? (flags.quick || flags.check ? undefined : join(BENCH, 'results')),
  };
  const suites = {};
  try {
    for (const name of names) {
      const start = performance.now();
      const { [name]: suite } = await import(`./suites/${name}.mjs`);
      suites[name] = await suite(context);
      console.log(`(${name} took ${((performance.now() - start) / 1000).toFixed(0)} s)`);
    }
  } finally {
    await stopAll();
  }
  if (flags.json !== undefined)
    writeFileSync(flags.json, `${JSON.stringify({ machine, versions, suites }, null, 1)}\n`);
  const failed = Object.values(suites).flatMap((figures) => figures.filter(({ failure }) => failure !== undefined));
  for (const { id, failure } of failed) console.log(`FAILED ${id}: ${failure.slice(0, 200)}`);
  if (failed.length > 0) process.exitCode = 1;
}

/** All of them, also when one of them is amid a query and does not like it. */
async function stopPeers(peers) {
  for (const peer of peers) await peer.stop().catch((error) => console.error(error.message));
}

function listed(text, known) {
  const names = text?.split(',');
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`no ${unknown}; there are ${known.join(', ')}`);
  return names;
}
