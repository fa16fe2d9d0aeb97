import { postgresPrograms, startPostgres } from '../../test/support/postgres-cluster.mjs';
import { copyTable } from '../lib/copy-in.mjs';
import { definitionOf } from './definition.mjs';
import { WirePeer } from './wire-peer.mjs';

const SETTINGS = { shared_buffers: '1GB', work_mem: '256MB', max_wal_size: '8GB', maintenance_work_mem: '512MB' };

/** Debian's PostgreSQL in a cluster of its own. */
export async function startPostgresPeer() {
  if (postgresPrograms() === undefined) {
    throw new Error('not installed here (Debian: apt-get install postgresql-15)');
  }
  const cluster = await startPostgres(SETTINGS);
  const wire = await WirePeer.connect(cluster.connection);
  return {
    name: 'postgres',
    title: 'PostgreSQL',
    version: `PostgreSQL ${(await wire.answer('SHOW server_version')).rows[0][0].split(' ')[0]}`,
    cluster,
    client: wire.client,
    run: (sql) => wire.run(sql),
    drain: (sql) => wire.drain(sql),
    answer: (sql, values) => wire.answer(sql, values),
    load: (dataset) => load(wire.client, dataset),
    append: (table) => copyTable(wire.client, table),
    async drop(dataset) {
      for (const { name } of tablesOf(dataset)) await wire.client.query(`DROP TABLE IF EXISTS ${name} CASCADE`);
    },
    async stop() {
      await wire.end();
      cluster.stop();
    },
  };
}

const tablesOf = (dataset) => dataset.postgresTables ?? dataset.tables;

/** The seconds are those of COPY into tables which have their indexes. */
async function load(client, dataset) {
  let seconds = 0;
  for (const table of tablesOf(dataset)) {
    await client.query(`CREATE TABLE ${table.name} (${table.definition ?? definitionOf(table)})`);
    for (const index of table.postgresIndexes ?? []) await client.query(`CREATE INDEX ON ${table.name} ${index}`);
    const start = performance.now();
    await copyTable(client, table);
    seconds += (performance.now() - start) / 1000;
    await client.query(`VACUUM ANALYZE ${table.name}`);
  }
  for (const statement of dataset.postgresAfterLoad ?? []) await client.query(statement);
  return { seconds };
}
