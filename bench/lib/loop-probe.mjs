// Loaded into a server with `node --import`: at SIGUSR2 it writes how late the event loop was since the last one, in ms,
// to the file that TIDEWIRE_LOOP_PROBE names. On a machine with other work the loop is also late because its thread does
// not run: `own` is what the thread itself has computed between two looks at the clock (Linux only).
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();

const readOwnMs = ownTime();
let own = [];
if (readOwnMs !== undefined) {
  let before = readOwnMs();
  setInterval(() => {
    const now = readOwnMs();
    own.push(now - before);
    before = now;
  }, RESOLUTION_MS).unref();
}

process.on('SIGUSR2', () => {
  // What is measured is from one timer to the next: the time it was set to is no delay.
  const late = (nanos) => Math.max(nanos / 1e6 - RESOLUTION_MS, 0);
  own.sort((a, b) => a - b);
  const figures = {
    p50: late(delays.percentile(50)),
    p99: late(delays.percentile(99)),
    max: late(delays.max),
    own99: own[Math.floor(own.length * 0.99)],
    ownMax: own.at(-1),
    count: delays.count,
  };
  delays.reset();
  own = [];
  writeFileSync(process.env.TIDEWIRE_LOOP_PROBE, JSON.stringify(figures));
});

/** Reads how long the main thread has run on a processor so far. */
function ownTime() {
  let file;
  try {
    file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return undefined;
  }
  process.on('exit', () => closeSync(file));
  const bytes = Buffer.alloc(64);
  return () => {
    const length = readSync(file, bytes, 0, bytes.length, 0);
    return Number(bytes.toString('latin1', 0, length).split(' ')[0]) / 1e6;
  };
}
