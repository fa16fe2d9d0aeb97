import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunksOf } from '../datasets/rows-source.mjs';
import { csvAsLines } from '../lib/csv-as-lines.mjs';
import { writeLines } from '../lib/line-protocol.mjs';

const START_ATTEMPTS = 100;
const START_POLL_MS = 100;
const DATABASE = 'bench';

/**
 * InfluxDB 1: `influxd` from the PATH, or the program that INFLUXD names. Its answers are not compared: it merges rows
 * of a series that have one time, and InfluxQL asks a little differently.
 */
export async function startInfluxdb() {
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-influxdb-'));
  const [port, rpcPort] = [await freePort(), await freePort()];
  const settings = join(directory, 'influxdb.conf');
  writeFileSync(settings, configuration(directory, { port, rpcPort }));
  const child = spawn(process.env.INFLUXD ?? 'influxd', ['-config', settings], { stdio: 'ignore' });
  let problem;
  const exited = new Promise((resolve) => {
    const end = (error) => {
      problem ??= error;
      resolve();
    };
    child.once('exit', (code) => end(new Error(`influxd ended with status ${code}`)));
    child.once('error', () => end(new Error('not installed here (Debian: apt-get install influxdb)')));
  });
  const base = `http://127.0.0.1:${port}`;
  const ask = async (statement) => {
    const target = `${base}/query?db=${DATABASE}&epoch=ns&q=${encodeURIComponent(statement)}`;
    const response = await fetch(target, { method: 'POST' });
    const { results } = await response.json();
    if (results?.[0]?.error !== undefined) throw new Error(results[0].error);
    return results;
  };
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  const version = await waitForPing(base, () => problem).catch((error) => {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  });
  await ask(`CREATE DATABASE ${DATABASE}`);
  return {
    name: 'influxdb',
    title: 'InfluxDB',
    version: `InfluxDB ${version}`,
    run: ask,
    async load(dataset) {
      const start = performance.now();
      const target = `/write?db=${DATABASE}`;
      if (dataset.lineProtocol !== undefined) await writeLines(chunksOf(dataset.lineProtocol), port, { target });
      else for (const table of dataset.tables) await writeLines(csvAsLines(table), port, { target });
      return { seconds: (performance.now() - start) / 1000 };
    },
    async drop(dataset) {
      for (const { name } of dataset.tables) await ask(`DROP MEASUREMENT ${name}`);
    },
    stop,
  };
}

function configuration(directory, { port, rpcPort }) {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${directory}/meta"
[data]
dir = "${directory}/data"
wal-dir = "${directory}/wal"
query-log-enabled = false
index-version = "tsi1"
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
max-body-size = 0
[monitor]
store-enabled = false
`;
}

async function waitForPing(base, problem) {
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
    if (problem() !== undefined) throw problem();
    const response = await fetch(`${base}/ping`).catch(() => undefined);
    if (response?.ok) return response.headers.get('x-influxdb-version') ?? '1';
    await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
  }
  throw new Error('influxd does not answer');
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
