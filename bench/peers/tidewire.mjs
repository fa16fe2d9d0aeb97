import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chunksOf } from '../datasets/rows-source.mjs';
import { builtFile } from '../lib/built.mjs';
import { csvAsLines } from '../lib/csv-as-lines.mjs';
import { writeLines } from '../lib/line-protocol.mjs';
import { definitionOf } from './definition.mjs';
import { WirePeer } from './wire-peer.mjs';

const SETTLE_POLL_MS = 300;
const PROBE = new URL('../lib/loop-probe.mjs', import.meta.url);
const PROBE_POLL_MS = 5;

/**
 * The built server on free ports and a new data directory, with its default settings. From `watchLoop` to `loopDelays` the
 * delays of its event loop are measured.
 */
export async function startServer() {
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-bench-'));
  const probeFile = `${directory}.delays.json`;
  const serve = ['serve', '--data-dir', directory, '--pg-port', '0', '--http-port', '0'];
  const child = spawn(process.execPath, ['--import', PROBE.href, builtFile('main.js'), ...serve], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TIDEWIRE_LOOP_PROBE: probeFile },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let ready;
  await new Promise((resolve, reject) => {
    exited.then((code) => reject(new Error(`the server ended with status ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.msg === 'ready') ready = event;
      // What it does in its first seconds would be measured too.
      else if (event.msg.startsWith('warm')) resolve();
      else if (event.level >= 50) console.error(line);
    });
  });
  return {
    directory,
    pid: child.pid,
    httpPort: ready.httpPort,
    connection: { host: '127.0.0.1', port: ready.pgPort, user: 'postgres', database: 'tidewire' },
    watchLoop: () => child.kill('SIGUSR2'),
    async loopDelays() {
      rmSync(probeFile, { force: true });
      child.kill('SIGUSR2');
      return readWhenWritten(probeFile);
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
      rmSync(probeFile, { force: true });
    },
  };
}

async function readWhenWritten(file) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PROBE_POLL_MS));
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text.endsWith('}')) return JSON.parse(text);
  }
}

/** Ours, through pgwire with node-postgres. */
export async function startTidewire() {
  const server = await startServer();
  const wire = await WirePeer.connect(server.connection);
  return {
    name: 'tidewire',
    title: 'Tidewire',
    version: 'Tidewire',
    server,
    client: wire.client,
    run: (sql) => wire.run(sql),
    drain: (sql) => wire.drain(sql),
    answer: (sql, values) => wire.answer(sql, values),
    load: (dataset) => load(wire.client, server, dataset),
    async drop(dataset) {
      for (const { name } of dataset.tables) await wire.client.query(`DROP TABLE IF EXISTS ${name}`);
    },
    append: (table) => writeLines(table.lines?.() ?? csvAsLines(table), server.httpPort),
    settle: () => settledBytes(server.directory),
    async stop() {
      await wire.end();
      await server.stop();
    },
  };
}

/** By line protocol. A data set that comes as such makes its table itself, the others' tables have no key. */
async function load(client, server, dataset) {
  const start = performance.now();
  if (dataset.lineProtocol !== undefined) await writeLines(chunksOf(dataset.lineProtocol), server.httpPort);
  else {
    for (const table of dataset.tables) {
      await createTable(client, table);
      await writeLines(csvAsLines(table), server.httpPort);
    }
  }
  const seconds = (performance.now() - start) / 1000;
  // As the others have it: in their files, not in what memory has gathered. The hostile suite asks the same with both.
  await client.query('VACUUM');
  await settledBytes(server.directory);
  return { seconds };
}

export function createTable(client, table) {
  return client.query(
    `CREATE TABLE ${table.name} (${definitionOf(table)}) WITH (tidewire.time = 'time', tidewire.tags = '${table.tags.join(', ')}')`,
  );
}

/** All files below a directory. */
export function filesBelow(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** The bytes of all files, once no more are written and those that were merged are gone. */
export async function settledBytes(directory) {
  const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const bytesNow = () => filesBelow(directory).reduce((sum, path) => sum + sizeOf(path), 0);
  for (let before = -1; ; ) {
    const bytes = bytesNow();
    if (bytes === before) return bytes;
    before = bytes;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }
}
