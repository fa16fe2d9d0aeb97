import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cpuDataset } from '../datasets/cpu.mjs';
import { tripsDataset } from '../datasets/trips.mjs';
import { printTable } from '../lib/measure.mjs';
import { startDuckdb } from '../peers/duckdb.mjs';
import { startPostgresPeer } from '../peers/postgres.mjs';
import { settledBytes, startTidewire } from '../peers/tidewire.mjs';
import { storedColumns } from './stored-columns.mjs';

const MB = 1_000_000;

/** `targetBytes` is what we have set ourselves. */
function dataSets({ rows, hosts, days }) {
  return [
    { dataset: tripsDataset(rows), targetBytes: 30 * MB },
    { dataset: cpuDataset({ hosts, days }), targetBytes: 25 * MB },
  ];
}

/** How many bytes the same rows take: in our segments, in DuckDB's file, in PostgreSQL's table without its indexes. */
export async function sizes(size) {
  const summary = [];
  for (const { dataset, targetBytes } of dataSets(size)) {
    const [table] = dataset.tables;
    const ours = await storedByTidewire(dataset);
    const theirs = await storedBy(startDuckdb, dataset, ({ file }) => statSync(file).size);
    const inPostgres = await storedBy(startPostgresPeer, wideForPostgres(dataset), async ({ answer }) => {
      const { rows } = await answer(`SELECT pg_table_size('${table.name}')`);
      return Number(rows[0][0]);
    });
    printColumns(table, ours);
    const ratio = (bytes) => (bytes === undefined ? '' : (ours.tableBytes / bytes).toFixed(2));
    const megabytes = (bytes) => (bytes === undefined ? '' : (bytes / MB).toFixed(1));
    summary.push([
      `${table.name}, ${ours.rowCount.toLocaleString('en')} rows`,
      megabytes(ours.tableBytes),
      `≤ ${targetBytes / MB}${ours.tableBytes <= targetBytes ? '' : ' MISSED'}`,
      megabytes(theirs),
      ratio(theirs),
      megabytes(inPostgres),
      ratio(inPostgres),
      ours.loadSeconds.toFixed(1),
    ]);
  }
  console.log('\nBytes on disk, in MB. Ours: all files of the table. The log, which is recycled, is not among them.');
  const header = ['', 'Tidewire', 'target', 'DuckDB', 'ours ÷ this', 'PostgreSQL', 'ours ÷ this', 'our load, s'];
  printTable(header, summary);
}

/** PostgreSQL's one table with all columns, as the others have it. */
function wideForPostgres({ name, tables }) {
  return { name, tables: tables.map((table) => ({ ...table, postgresIndexes: [] })) };
}

/** The bytes that a peer takes, or undefined, with a word, where it can't be had. */
async function storedBy(start, dataset, bytesOf) {
  let peer;
  try {
    peer = await start();
  } catch (error) {
    console.log(`left out: ${error.message}`);
    return undefined;
  }
  try {
    await peer.load(dataset);
    return await bytesOf(peer);
  } finally {
    await peer.stop();
  }
}

async function storedByTidewire(dataset) {
  const ours = await startTidewire();
  const [{ name }] = dataset.tables;
  try {
    const { seconds } = await ours.load(dataset);
    // What stands in memory becomes segments, and small ones are merged.
    await ours.client.query(`VACUUM ${name}`);
    const tables = join(ours.server.directory, 'db');
    return { tableBytes: await settledBytes(tables), loadSeconds: seconds, ...(await storedColumns(tables)) };
  } finally {
    await ours.stop();
  }
}

function printColumns({ name, tags, fields }, { columns: stored, rowCount }) {
  const columns = ['time', ...tags, ...fields.map(([field]) => field)];
  const named = new Map([
    [-103, '(row id)'],
    [-102, '(row written whole)'],
    [-101, '(nanoseconds)'],
  ]);
  const rows = [...stored].map(([number, column]) => [
    named.get(number) ?? columns[number - 1] ?? String(number),
    column.type,
    column.encoding,
    ((column.valueBytes * 8) / rowCount).toFixed(2),
    ((column.indexBytes * 8) / rowCount).toFixed(2),
    ((100 * column.packedBytes) / Math.max(column.valueBytes, 1)).toFixed(0),
    ((column.valueBytes + column.indexBytes) / MB).toFixed(2),
  ]);
  console.log(`\n${name}: what each column takes (tags are stored once per series)`);
  printTable(['', 'type', 'encoding', 'bits/value', 'bits in footer', '% compressed', 'MB'], rows);
}
