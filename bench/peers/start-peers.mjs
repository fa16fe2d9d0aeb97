import { startClickhouse } from './clickhouse.mjs';
import { startDuckdb } from './duckdb.mjs';
import { startInfluxdb } from './influxdb.mjs';
import { startPostgresPeer } from './postgres.mjs';
import { startTidewire } from './tidewire.mjs';

const STARTERS = {
  postgres: ['PostgreSQL', startPostgresPeer],
  duckdb: ['DuckDB', startDuckdb],
  clickhouse: ['ClickHouse', startClickhouse],
  influxdb: ['InfluxDB', startInfluxdb],
};

export const PEER_NAMES = Object.keys(STARTERS);

/**
 * Ours, then those of the others that are wanted and can be had here; a word about each that is left out. Packages are only
 * downloaded if they may be.
 */
export async function startPeers(wanted, { mayInstall }) {
  const peers = [await startTidewire()];
  for (const name of wanted) {
    const [title, start] = STARTERS[name];
    try {
      peers.push(await start({ mayInstall }));
    } catch (error) {
      console.log(`${title} is left out: ${error.message.split('\n')[0]}`);
    }
  }
  return peers;
}
