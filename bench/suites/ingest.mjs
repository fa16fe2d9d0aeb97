import { cpuDataset } from '../datasets/cpu.mjs';
import { report } from '../lib/results.mjs';
import { barChart } from '../lib/svg-chart.mjs';

const HOW = {
  tidewire: 'line protocol over HTTP, requests of 5,000 lines, two at a time, each durable before its answer',
  postgres: "COPY into a table with TSBS' two indexes",
  duckdb: 'COPY from a CSV file, CHECKPOINT',
  clickhouse: 'INSERT from a CSV file',
  influxdb: 'line protocol over HTTP, requests of 5,000 lines, two at a time',
};

/** How fast the cpu set goes in, each peer in its own way. */
export async function ingest(context) {
  const { sizes, peers, load } = context;
  const dataset = cpuDataset({ hosts: 100, days: sizes.days });
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
  report(
    {
      name: 'ingest',
      title: 'Ingest',
      intro: `${thousands(dataset.rowCount)} points of TSBS' cpu set.`,
      sections: [{ title: 'Points a second', header: ['', 'points/s', 'seconds', 'ours ÷ this', 'how'], rows }],
      chart,
    },
    context,
  );
  return peers.map(({ name, title }) => ({ id: title, value: rate(name), unit: 'points/s' }));
}
