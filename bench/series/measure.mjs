// node --expose-gc measure.mjs load|open tsbs|two DIRECTORY COUNT: prints figures as JSON (series.mjs).
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { rng } from '../generators/rng.mjs';
import { importBuilt } from '../lib/built.mjs';
import { medianMs } from '../lib/measure.mjs';

const { Database } = await importBuilt('index.js');

const [phase, shape, directory, countText] = process.argv.slice(2);
const count = Number(countText);
const LINES = 5000;
const REGIONS = ['us-east-1', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1', 'sa-east-1'];
const { u: random } = rng(7);
const pick = (values) => values[Math.floor(random() * values.length)];

function tagsOf(id) {
  if (shape !== 'tsbs') return `host=host_${id % 50_000},sensor=sensor_${Math.floor(id / 50_000)}`;
  const region = pick(REGIONS);
  return (
    `hostname=host_${id},region=${region},datacenter=${region}${pick('abc')},rack=${Math.floor(random() * 100)},` +
    `os=${pick(['Ubuntu16.10', 'Ubuntu16.04LTS', 'Ubuntu15.10'])},arch=${pick(['x64', 'x86'])},` +
    `team=${pick(['SF', 'NYC', 'LON', 'CHI'])},service=${Math.floor(random() * 20)},` +
    `service_version=${Math.floor(random() * 2)},service_environment=${pick(['production', 'staging', 'test'])}`
  );
}

async function load() {
  const database = await Database.open(directory, { durability: 'os_default' });
  const start = performance.now();
  for (let from = 0; from < count; from += LINES) {
    let body = '';
    for (let id = from; id < Math.min(from + LINES, count); id++)
      body += `cpu,${tagsOf(id)} usage=${id % 100} 1704067200\n`;
    await database.write(body, { precision: 's' });
  }
  const seconds = (performance.now() - start) / 1000;
  await database.close();
  return { 'new series a second': Math.round(count / seconds).toLocaleString('en') };
}

async function open() {
  globalThis.gc();
  const rssBefore = process.memoryUsage().rss;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  const database = await Database.open(directory);
  const openMs = performance.now() - start;
  delay.disable();
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 100));
  globalThis.gc();
  const bytes = (process.memoryUsage().rss - rssBefore) / count;
  const host = shape === 'tsbs' ? 'hostname' : 'host';
  const figures = {
    'bytes of memory a series': bytes.toFixed(0),
    'open, ms': openMs.toFixed(0),
    'longest the event loop waited meanwhile, ms': (delay.max / 1e6).toFixed(0),
  };
  const queries = {
    'equality of one host, ms': `SELECT count(*) AS n FROM cpu WHERE ${host} = 'host_77'`,
    'hosts by a regular expression, ms': `SELECT count(*) AS n FROM cpu WHERE ${host} ~ '77$'`,
    'newest 10 rows, ms': 'SELECT * FROM cpu ORDER BY time DESC LIMIT 10',
  };
  for (const [name, sql] of Object.entries(queries)) {
    figures[name] = (await medianMs(() => database.query(sql), 5)).ms.toFixed(1);
  }
  await database.close();
  return figures;
}

console.log(JSON.stringify(phase === 'load' ? await load() : await open()));
