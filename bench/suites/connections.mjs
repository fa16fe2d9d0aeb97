import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtFile } from '../lib/built.mjs';
import { DrainedSocket } from '../lib/drained-socket.mjs';
import { report } from '../lib/results.mjs';

const PROBE = new URL('../lib/heap-probe.mjs', import.meta.url);
const AT_ONCE = 50;
/** What we have set ourselves. */
const AIM_KB = 64;

/** What a connection costs that does nothing, and how long a small query takes while many ask. Ours alone. */
export async function connections(context) {
  const { idle, busy, seconds } = context.sizes.connections;
  const server = await startWatched(idle + busy + 10);
  const open = [];
  try {
    // What is made once is made by the first ones.
    for (const client of await connectAll(server.connection, AT_ONCE)) client.end();
    const before = await server.memory();
    open.push(...(await connectAll(server.connection, idle)));
    const after = await server.memory();
    const heapKB = (after.heapUsed - before.heapUsed) / idle / 1024;
    const buffersKB = (after.arrayBuffers - before.arrayBuffers) / idle / 1024;
    const askers = await connectAll(server.connection, busy);
    open.push(...askers);
    const load = await askAll(askers, seconds);
    report(
      {
        name: 'connections',
        title: 'Many connections',
        intro: `${idle.toLocaleString('en')} connections that have asked one question and are idle; then ${busy} more that ask SELECT 1 again and again for ${seconds} seconds.`,
        sections: [
          {
            title: 'Memory of an idle connection',
            header: ['connections', 'heap, KB each', 'buffers, KB each'],
            rows: [[idle.toLocaleString('en'), heapKB.toFixed(1), buffersKB.toFixed(1)]],
            remarks: [`Aim: less than ${AIM_KB} KB of heap${heapKB < AIM_KB ? '' : ': MISSED here'}.`],
          },
          {
            title: 'SELECT 1 under load, ms',
            header: ['connections that ask', 'p50', 'p99', 'max', 'answers/s'],
            rows: [[String(busy), ...[load.p50, load.p99, load.max].map(millis), load.perSecond.toFixed(0)]],
            remarks: ['Clients and server share the cores; each client asks as soon as it is answered.'],
          },
        ],
      },
      context,
    );
    return [
      { id: 'heap of an idle connection', value: heapKB, unit: 'KB' },
      { id: `p99 of SELECT 1, ${busy} connections`, value: load.p99, unit: 'ms' },
    ];
  } finally {
    for (const client of open) client.end();
    await server.stop();
  }
}

async function startWatched(maxConnections) {
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-bench-'));
  const serve = ['serve', '--data-dir', directory, '--pg-port', '0', '--http-port', '0', '--no-warm-up'];
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      '--import',
      PROBE.href,
      builtFile('main.js'),
      ...serve,
      '--max-connections',
      String(maxConnections),
    ],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  const exited = once(child, 'exit');
  const ready = await new Promise((resolve, reject) => {
    exited.then(([code]) => reject(new Error(`the server ended with status ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.msg === 'ready') resolve(event);
    });
  });
  return {
    connection: { host: '127.0.0.1', port: ready.pgPort, user: 'postgres', database: 'tidewire' },
    async memory() {
      const answer = once(child, 'message');
      child.send('memory');
      return (await answer)[0];
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Connections that have asked one question. */
async function connectAll(connection, count) {
  const clients = [];
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, async () => {
      const client = await DrainedSocket.connect(connection);
      await client.query('SELECT 1');
      return client;
    });
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

async function askAll(clients, seconds) {
  const times = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(
    clients.map(async (client) => {
      for (let asked = performance.now(); asked < end; ) {
        await client.query('SELECT 1');
        const answered = performance.now();
        times.push(answered - asked);
        asked = answered;
      }
    }),
  );
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
  return { p50: at(0.5), p99: at(0.99), max: at(1), perSecond: sorted.length / ((performance.now() - start) / 1000) };
}

function millis(value) {
  return value.toFixed(1);
}
