import { createReadStream } from 'node:fs';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { TRIP_FIELDS } from '../lib/trips-data.mjs';

const LINES_PER_REQUEST = 5000;
const IN_FLIGHT = 2;

/** Sends lines of line protocol in requests of 5,000, two at a time; returns how many there were. */
export async function sendLines(lines, port) {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const inFlight = new Set();
  const send = async (body) => {
    const sent = post(agent, port, body).finally(() => inFlight.delete(sent));
    inFlight.add(sent);
    if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight);
  };
  let count = 0;
  let batch = [];
  for await (const line of lines) {
    count++;
    batch.push(line);
    if (batch.length < LINES_PER_REQUEST) continue;
    await send(`${batch.join('\n')}\n`);
    batch = [];
  }
  if (batch.length > 0) await send(`${batch.join('\n')}\n`);
  await Promise.all(inFlight);
  agent.destroy();
  return count;
}

export function linesOf(file) {
  return createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) });
}

/** The trips' CSV as line protocol. */
export async function* tripLines(file) {
  let isHeader = true;
  for await (const row of linesOf(file)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const [time, license, base, ...cells] = row.split(',');
    const fields = TRIP_FIELDS.map(([name, type], index) => `${name}=${fieldText(cells[index], type)}`).join(',');
    const millis = Date.parse(`${time.replace(' ', 'T').slice(0, 19)}Z`);
    yield `trips,hvfhs_license_num=${license},dispatching_base_num=${base} ${fields} ${millis}000000`;
  }
}

function fieldText(cell, type) {
  if (type === 'text') return `"${cell}"`;
  return type === 'bigint' ? `${cell}i` : cell;
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
