import { cpuDataset } from '../datasets/cpu.mjs';
import { hasPsql, psqlRun } from '../lib/psql-run.mjs';
import { report } from '../lib/results.mjs';
import { barChart } from '../lib/svg-chart.mjs';
import { definitionOf } from '../peers/definition.mjs';
import { createTable } from '../peers/tidewire.mjs';

const HOW = {
  tidewire: 'line protocol over HTTP, requests of 5,000 lines, two at a time, each durable before its answer',
  postgres: "COPY into a table with TSBS' two indexes",
  duckdb: 'COPY from a CSV file, CHECKPOINT',
  clickhouse: 'INSERT from a CSV file',
  influxdb: 'line protocol over HTTP, requests of 5,000 lines, two at a time',
};

const COPIED = 'copied_cpu';
const OUT = 'rows_out';
const OUT_COLUMNS = 'time timestamptz NOT NULL, host text, a double precision, b bigint, c double precision';
const OUT_VALUES =
  "timestamptz '2024-01-01 00:00:00+00' + i * interval '1 second', 'host_' || i % 100, i % 1000 / 10.0, i * 7, i * 31 % 100000 / 1000.0";
/** Ways out; all of them to psql, which throws the rows away. */
const WAYS_OUT = {
  'COPY TO, text': `COPY ${OUT} TO STDOUT`,
  'COPY TO, csv': `COPY ${OUT} TO STDOUT WITH (FORMAT csv)`,
  'COPY TO, binary': `COPY ${OUT} TO STDOUT WITH (FORMAT binary)`,
  'SELECT to psql': `SELECT * FROM ${OUT}`,
};

/** How fast the cpu set goes in, each peer in its own way; then the same way for PostgreSQL and us: COPY, and rows out. */
export async function ingest(context) {
  const { sizes, peers, load } = context;
  const dataset = cpuDataset(sizes);
  const seconds = await load(dataset);
  const rate = (name) => dataset.rowCount / seconds[name];
  const thousands = (number) => Math.round(number).toLocaleString('en');
  const rows = peers.map(({ name, title }) => [
    title,
    thousands(rate(name)),
    seconds[name].toFixed(1),
    (rate('tidewire') / rate(name)).toFixed(2),
    HOW[name],
  ]);
  const chart = barChart({
    title: 'Points of ten fields brought in (a second, logarithmic)',
    unit: '/s',
    series: ['points'],
    groups: peers.map(({ name, title }) => ({ label: title, values: [rate(name)] })),
  });
  const { sections, figures } = await besidePostgres(dataset, context);
  report(
    {
      name: 'ingest',
      title: 'Ingest',
      intro: `${thousands(dataset.rowCount)} points of TSBS' cpu set.`,
      sections: [
        { title: 'Points a second', header: ['', 'points/s', 'seconds', 'ours ÷ this', 'how'], rows },
        ...sections,
      ],
      chart,
    },
    context,
  );
  return [...peers.map(({ name, title }) => ({ id: title, value: rate(name), unit: 'points/s' })), ...figures];
}

/** Through psql on both sides, in turns; the fastest run counts, and the least processor time of the server. */
async function besidePostgres(dataset, { peers, timing }) {
  const ours = peers.find(({ name }) => name === 'tidewire');
  const postgres = peers.find(({ name }) => name === 'postgres');
  if (postgres === undefined || !(await hasPsql())) return { sections: [], figures: [] };
  const sides = [
    { peer: ours, target: { connection: ours.server.connection, pid: ours.server.pid } },
    { peer: postgres, target: { connection: postgres.cluster.connection } },
  ];
  const [table] = dataset.tables;
  const runs = Math.max(3, timing.runs);
  const rows = [];
  const figures = [];
  const compare = async (what, rowCount, command, prepare = () => {}) => {
    const best = sides.map(() => ({ seconds: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY }));
    for (let round = 0; round < runs; round++) {
      for (const [at, { peer, target }] of sides.entries()) {
        await prepare(peer);
        const { seconds, cpu = Number.NaN } = await psqlRun(target, command);
        best[at] = { seconds: Math.min(best[at].seconds, seconds), cpu: Math.min(best[at].cpu, cpu) };
      }
    }
    const [mine, theirs] = best;
    rows.push([
      what,
      ...best.map(({ seconds }) => Math.round(rowCount / seconds).toLocaleString('en')),
      (theirs.seconds / mine.seconds).toFixed(2),
      ...best.map(({ cpu }) => cpu.toFixed(2)),
      (theirs.cpu / mine.cpu).toFixed(2),
    ]);
    for (const [at, { peer }] of sides.entries()) {
      figures.push({ id: `${what}, ${peer.title}`, value: rowCount / best[at].seconds, unit: 'rows/s' });
    }
  };
  const csv = csvPath(table.csv);
  if (csv !== undefined) {
    const header = table.hasHeader === true ? ', HEADER' : '';
    await compare(
      'COPY FROM, csv',
      dataset.rowCount,
      `\\copy ${COPIED} FROM '${csv}' WITH (FORMAT csv${header})`,
      async (peer) => {
        await peer.client.query(`DROP TABLE IF EXISTS ${COPIED}`);
        if (peer === ours) await createTable(peer.client, { ...table, name: COPIED });
        else {
          await peer.client.query(`CREATE TABLE ${COPIED} (${definitionOf(table)})`);
          await peer.client.query(`CREATE INDEX ON ${COPIED} (hostname, time DESC)`);
          await peer.client.query(`CREATE INDEX ON ${COPIED} (time DESC)`);
        }
      },
    );
  }
  const outRows = timing.runs > 3 ? 1_000_000 : 250_000;
  for (const { peer } of sides) {
    const kind = peer === ours ? " WITH (tidewire.time = 'time', tidewire.tags = 'host')" : '';
    await peer.client.query(`CREATE TABLE ${OUT} (${OUT_COLUMNS})${kind}`);
    await peer.client.query(`INSERT INTO ${OUT} SELECT ${OUT_VALUES} FROM generate_series(1, ${outRows}) i`);
    await peer.client.query(`VACUUM ${OUT}`);
  }
  for (const [what, command] of Object.entries(WAYS_OUT)) await compare(what, outRows, command);
  for (const { peer } of sides) await peer.client.query(`DROP TABLE IF EXISTS ${COPIED}, ${OUT}`);
  const header = ['', 'ours, rows/s', 'PostgreSQL, rows/s', 'ratio', 'our CPU, s', "PostgreSQL's", 'ratio'];
  const title = 'Beside PostgreSQL, through psql: rows of the cpu set with its ten tags in, rows of five columns out';
  const remarks = ["PostgreSQL's table for COPY FROM has the same columns and TSBS' two indexes; neither has a key."];
  return { sections: [{ title, header, rows, remarks }], figures };
}

/** Only a file can be told to psql. */
function csvPath(source) {
  return typeof source === 'string' ? source : undefined;
}
