import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { cpuData, FIELDS } from '../lib/cpu-data.mjs';
import { duckdb } from '../lib/duckdb.mjs';
import { printTable } from '../lib/measure.mjs';
import { startTidewire } from '../lib/tidewire.mjs';
import { TRIP_FIELDS, TRIP_TAGS, tripsData } from '../lib/trips-data.mjs';
import { linesOf, sendLines, tripLines } from './line-protocol-load.mjs';
import { filesBelow, storedColumns } from './stored-columns.mjs';

const MB = 1_000_000;

const CPU_TAGS = [
  'hostname',
  'region',
  'datacenter',
  'rack',
  'os',
  'arch',
  'team',
  'service',
  'service_version',
  'service_environment',
];

/** `targetBytes` is what we have set ourselves. */
function dataSets({ rows, hosts, days }) {
  const trips = tripsData(rows);
  const cpu = cpuData({ hosts, days });
  const quoted = TRIP_FIELDS.map(([name, type]) => `"${name}" ${type}`).join(', ');
  return [
    {
      name: 'trips',
      targetBytes: 30 * MB,
      csv: trips,
      columns: ['time', ...TRIP_TAGS, ...TRIP_FIELDS.map(([name]) => name)],
      definition: `time timestamptz NOT NULL, ${TRIP_TAGS.map((name) => `${name} text`).join(', ')}, ${quoted}`,
      options: `WITH (tidewire.time = 'time', tidewire.tags = '${TRIP_TAGS.join(', ')}')`,
      lines: () => tripLines(trips),
    },
    {
      name: 'cpu',
      targetBytes: 25 * MB,
      csv: join(cpu, 'cpu.csv'),
      columns: ['time', ...CPU_TAGS, ...FIELDS],
      definition: `time timestamptz NOT NULL, ${CPU_TAGS.map((name) => `${name} text`).join(', ')}, ${FIELDS.map((name) => `${name} bigint`).join(', ')}`,
      // Made by the first line, as InfluxDB's clients have it.
      options: undefined,
      lines: () => linesOf(join(cpu, 'cpu.lp')),
    },
  ];
}

/** How many bytes the same rows take: in our segments, in DuckDB's file, in PostgreSQL's table. */
export async function sizes({ postgres, ...size }) {
  const peer = await duckdb();
  const summary = [];
  for (const set of dataSets(size)) {
    const ours = await storedByTidewire(set);
    const theirs = peer && (await storedByDuckdb(peer, set));
    const postgresBytes = postgres && (await storedByPostgres(postgres, set));
    printColumns(set, ours);
    const ratio = (bytes) => (bytes === undefined ? '' : (ours.tableBytes / bytes).toFixed(2));
    const megabytes = (bytes) => (bytes === undefined ? '' : (bytes / MB).toFixed(1));
    summary.push([
      `${set.name}, ${ours.rowCount.toLocaleString('en')} rows`,
      megabytes(ours.tableBytes),
      `≤ ${set.targetBytes / MB}${ours.tableBytes <= set.targetBytes ? '' : ' MISSED'}`,
      megabytes(theirs),
      ratio(theirs),
      megabytes(postgresBytes),
      ratio(postgresBytes),
      ours.loadSeconds.toFixed(1),
    ]);
  }
  console.log('\nBytes on disk, in MB. Ours: all files of the table. The log, which is recycled, is not among them.');
  const header = ['', 'Tidewire', 'target', 'DuckDB', 'ours ÷ this', 'PostgreSQL', 'ours ÷ this', 'our load, s'];
  printTable(header, summary);
}

async function storedByTidewire(set) {
  const server = await startTidewire();
  const client = new pg.Client(server.connection);
  try {
    await client.connect();
    if (set.options !== undefined) await client.query(`CREATE TABLE ${set.name} (${set.definition}) ${set.options}`);
    const start = performance.now();
    const rowCount = await sendLines(set.lines(), server.httpPort);
    const loadSeconds = (performance.now() - start) / 1000;
    // What stands in memory becomes segments, and small ones are merged.
    await client.query(`VACUUM ${set.name}`);
    const counted = Number((await client.query(`SELECT count(*) AS n FROM ${set.name}`)).rows[0].n);
    if (counted !== rowCount) throw new Error(`${set.name}: ${counted} rows of ${rowCount}`);
    const tables = join(server.directory, 'db');
    return { tableBytes: await settledBytes(tables), loadSeconds, ...(await storedColumns(tables)) };
  } finally {
    await client.end().catch(() => {});
    await server.stop();
  }
}

/** The bytes of all files, once those that were merged are gone. */
async function settledBytes(directory) {
  const bytesNow = () => filesBelow(directory).reduce((sum, path) => sum + statSync(path).size, 0);
  for (let before = -1; ; ) {
    const bytes = bytesNow();
    if (bytes === before) return bytes;
    before = bytes;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function printColumns({ name, columns }, { columns: stored, rowCount }) {
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

async function storedByDuckdb({ DuckDBInstance }, set) {
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-duckdb-'));
  try {
    const file = join(directory, 'data.duckdb');
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE ${set.name} (${set.definition})`);
    await connection.run(`COPY ${set.name} FROM '${set.csv}' (HEADER)`);
    await connection.run('CHECKPOINT');
    connection.closeSync();
    instance.closeSync();
    return statSync(file).size;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The table alone, without the indexes that a query would want. */
async function storedByPostgres(postgres, set) {
  const client = new pg.Client(postgres.connection);
  await client.connect();
  try {
    await client.query(`CREATE TABLE ${set.name} (${set.definition})`);
    const to = ['-h', '127.0.0.1', '-p', String(postgres.port), '-U', 'postgres', '-q'];
    execFileSync('psql', [...to, '-c', `\\copy ${set.name} FROM '${set.csv}' CSV HEADER`]);
    const { rows } = await client.query(`SELECT pg_table_size('${set.name}') AS bytes`);
    await client.query(`DROP TABLE ${set.name}`);
    return Number(rows[0].bytes);
  } finally {
    await client.end();
  }
}
