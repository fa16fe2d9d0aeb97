import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { machineTimes, stolenShare } from './process-facts.mjs';

const WRITES_PER_SECOND = 10;

/**
 * Eight clients ask full scans, one behind the other, while a writer sends `pointsPerSecond` points in ten requests a
 * second. Resolves to the delays of the event loop of `server` (a `startServer`) in ms, which share of the processors'
 * time was stolen meanwhile, how many queries were answered a second, and how long the writer's requests took.
 */
export async function loopDelayUnderLoad(server, { queries, clients = 8, pointsPerSecond = 1000, seconds }) {
  let isOver = false;
  let answered = 0;
  const ask = async (first) => {
    const client = new pg.Client(server.connection);
    await client.connect();
    for (let at = first; !isOver; at++) {
      await client.query(queries[at % queries.length]);
      answered++;
    }
    await client.end();
  };
  const writes = [];
  const write = async () => {
    const points = pointsPerSecond / WRITES_PER_SECOND;
    for (let at = 0; !isOver; at++) {
      const start = performance.now();
      await post(server.httpPort, linesOf(points, at));
      writes.push(performance.now() - start);
      await pause(Math.max(1000 / WRITES_PER_SECOND - (performance.now() - start), 0));
    }
  };
  const running = [...Array.from({ length: clients }, (_, client) => ask(client)), write()];
  const ending = Promise.all(running);
  // What is compiled and read for the first time is not what we ask about.
  await Promise.race([ending, pause(3000)]);
  server.watchLoop();
  const [before, machineBefore] = [answered, machineTimes()];
  writes.length = 0;
  await Promise.race([ending, pause(seconds * 1000)]);
  const delays = await server.loopDelays();
  const stolen = stolenShare(machineBefore, machineTimes());
  const queriesPerSecond = (answered - before) / seconds;
  isOver = true;
  await ending;
  writes.sort((a, b) => a - b);
  return {
    ...delays,
    stolenShare: stolen,
    queriesPerSecond,
    write50: writes[Math.floor(writes.length / 2)],
    write99: writes[Math.floor(writes.length * 0.99)],
  };
}

function linesOf(points, round) {
  const now = Date.now() * 1e6;
  let text = '';
  for (let at = 0; at < points; at++) {
    text += `load,host=host_${at % 50} usage_user=${(at * 7 + round) % 100},usage_system=${at % 13}i ${now + at}\n`;
  }
  return text;
}

async function post(port, body) {
  const sent = request({ host: '127.0.0.1', port, path: '/write?db=tidewire', method: 'POST' });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode >= 300) throw new Error(`a write was answered with ${response.statusCode}`);
}
