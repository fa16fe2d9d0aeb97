import { Agent, request } from 'node:http';

const LINES_PER_REQUEST = 5000;
const IN_FLIGHT = 2;
const NEWLINE = 0x0a;

/**
 * Writes line protocol, given as buffers that are cut anywhere, in requests of 5,000 lines, two at a time; returns how
 * many lines there were. `target` is the path of the endpoint.
 */
export async function writeLines(chunks, port, { target = '/write' } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const inFlight = new Set();
  let lineCount = 0;
  for await (const { body, lines } of bodies(chunks)) {
    lineCount += lines;
    const sent = post({ agent, port, target }, body).finally(() => inFlight.delete(sent));
    inFlight.add(sent);
    if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
  agent.destroy();
  return lineCount;
}

async function* bodies(chunks) {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    let lines = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
      if (++lines < LINES_PER_REQUEST) continue;
      yield { body: bytes.subarray(from, at + 1), lines };
      from = at + 1;
      lines = 0;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield { body: rest, lines: rest.reduce((count, byte) => count + (byte === NEWLINE ? 1 : 0), 0) };
}

function post({ agent, port, target }, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: target }, (response) => {
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
