// npm run bench [-- --quick] [-- --only ingest|tsbs]: see bench/README.md.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { postgresPrograms, startPostgres } from '../test/support/postgres-cluster.mjs';
import { cpuData } from './lib/cpu-data.mjs';
import { startTidewire } from './lib/tidewire.mjs';
import { ingest } from './suites/ingest.mjs';
import { tsbs } from './suites/tsbs.mjs';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const size = flags.quick ? { hosts: 100, days: 2 } : { hosts: 100, days: 3 };
const data = cpuData(size);

const tidewire = await startTidewire();
const hasPostgres = postgresPrograms() !== undefined;
if (!hasPostgres)
  console.log('PostgreSQL is not installed here: ours alone, no ratios (Debian: apt-get install postgresql-15)');
const postgres = hasPostgres
  ? await startPostgres({
      shared_buffers: '1GB',
      work_mem: '256MB',
      max_wal_size: '8GB',
      maintenance_work_mem: '512MB',
    })
  : undefined;
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
  postgres?.stop();
}
