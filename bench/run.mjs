// npm run bench [-- --quick] [-- --only ingest|tsbs] [-- sizes] [-- series]: see bench/README.md.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { postgresPrograms, startPostgres } from '../test/support/postgres-cluster.mjs';
import { cpuData } from './lib/cpu-data.mjs';
import { startTidewire } from './lib/tidewire.mjs';
import { series } from './series/series.mjs';
import { sizes } from './sizes/sizes.mjs';
import { ingest } from './suites/ingest.mjs';
import { tsbs } from './suites/tsbs.mjs';

const { values: flags, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
  allowPositionals: true,
});
const size = flags.quick ? { hosts: 100, days: 2 } : { hosts: 100, days: 3 };

if (positionals.includes('series')) {
  series({ count: flags.quick ? 200_000 : 1_000_000 });
  process.exit();
}

const hasPostgres = postgresPrograms() !== undefined;
if (!hasPostgres)
  console.log('PostgreSQL is not installed here, it is left out (Debian: apt-get install postgresql-15)');
const postgres = hasPostgres
  ? await startPostgres({
      shared_buffers: '1GB',
      work_mem: '256MB',
      max_wal_size: '8GB',
      maintenance_work_mem: '512MB',
    })
  : undefined;
try {
  if (positionals.includes('sizes')) await sizes({ ...size, rows: flags.quick ? 800_000 : 1_250_000, postgres });
  else await speed();
} finally {
  postgres?.stop();
}

async function speed() {
  const data = cpuData(size);
  const tidewire = await startTidewire();
  try {
    const ours = new pg.Client(tidewire.connection);
    const theirs = postgres === undefined ? undefined : new pg.Client(postgres.connection);
    await ours.connect();
    await theirs?.connect();
    await ingest({ data, tidewire, postgres, client: theirs });
    if (flags.only !== 'ingest') await tsbs({ ours, theirs, runs: flags.quick ? 3 : 7 });
    await ours.end();
    await theirs?.end();
  } finally {
    await tidewire.stop();
  }
}
