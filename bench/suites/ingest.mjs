import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { FIELDS } from '../lib/cpu-data.mjs';
import { printTable } from '../lib/measure.mjs';

const LINES_PER_REQUEST = 5000;
const NEWLINE = 0x0a;

/**
 * How fast the cpu data set goes in: line protocol over HTTP in requests of 5,000 lines (two connections, each request
 * acknowledged durably), beside PostgreSQL's COPY of the same rows into an indexed table.
 */
export async function ingest({ data, tidewire, postgres, client }) {
  const ours = await writeLineProtocol(join(data, 'cpu.lp'), tidewire.httpPort);
  const rows = [['Tidewire, line protocol', rate(ours.rows, ours.seconds), ours.seconds.toFixed(1), '1.00']];
  let theirs;
  if (postgres !== undefined) {
    theirs = await copyIntoPostgres(data, postgres, client, ours.rows);
    const ratio = ours.rows / ours.seconds / (theirs.rows / theirs.seconds);
    rows.push([
      `PostgreSQL ${postgres.version}, COPY`,
      rate(theirs.rows, theirs.seconds),
      theirs.seconds.toFixed(1),
      ratio.toFixed(2),
    ]);
  }
  console.log(`\nIngest: ${ours.rows.toLocaleString('en')} points of 10 fields`);
  printTable(['', 'points/s', 'seconds', 'ours ÷ this'], rows);
  return { pointsPerSecond: ours.rows / ours.seconds, postgresPointsPerSecond: theirs && theirs.rows / theirs.seconds };
}

async function writeLineProtocol(path, port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const inFlight = new Set();
  let rows = 0;
  const start = performance.now();
  for await (const { body, lines } of bodies(path)) {
    rows += lines;
    const sent = post(agent, port, body).finally(() => inFlight.delete(sent));
    inFlight.add(sent);
    if (inFlight.size >= 2) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  agent.destroy();
  return { rows, seconds: (performance.now() - start) / 1000 };
}

async function* bodies(path) {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 8 << 20 })) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    let lines = 0;
    let at = bytes.indexOf(NEWLINE);
    while (at >= 0) {
      lines += 1;
      if (lines === LINES_PER_REQUEST) {
        yield { body: bytes.subarray(from, at + 1), lines };
        from = at + 1;
        lines = 0;
      }
      at = bytes.indexOf(NEWLINE, at + 1);
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield { body: rest, lines: rest.reduce((count, byte) => count + (byte === NEWLINE ? 1 : 0), 0) };
}

function post(agent, port, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/write' }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        response.statusCode === 204 ? resolve() : reject(new Error(`${response.statusCode} ${text}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function copyIntoPostgres(data, postgres, client, rows) {
  const fields = FIELDS.map((name) => `${name} double precision`).join(', ');
  await client.query(`CREATE TABLE tags (id int PRIMARY KEY, hostname text, region text, datacenter text, rack text, os text,
    arch text, team text, service text, service_version text, service_environment text)`);
  await client.query(`CREATE TABLE cpu (time timestamptz NOT NULL, tags_id int, hostname text, ${fields})`);
  await client.query('CREATE INDEX ON cpu (hostname, time DESC)');
  await client.query('CREATE INDEX ON cpu (time DESC)');
  copy(postgres, 'tags', join(data, 'tags.csv'));
  const start = performance.now();
  copy(postgres, 'cpu', join(data, 'cpu_pg.csv'));
  const seconds = (performance.now() - start) / 1000;
  await client.query('VACUUM ANALYZE cpu');
  return { rows, seconds };
}

function copy(postgres, table, file) {
  execFileSync('psql', [
    '-h',
    '127.0.0.1',
    '-p',
    String(postgres.port),
    '-U',
    'postgres',
    '-q',
    '-c',
    `\\copy ${table} FROM '${file}' CSV`,
  ]);
}

function rate(rows, seconds) {
  return Math.round(rows / seconds).toLocaleString('en');
}
