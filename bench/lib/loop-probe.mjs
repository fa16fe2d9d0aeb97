// Loaded into a server with `node --import`: from a SIGUSR2 to the next one it watches how late the event loop is, and then
// writes that, in ms, to the file that TIDEWIRE_LOOP_PROBE names; until then it does nothing. On a machine with other work
// the loop is also late because its thread does not run: `own` is what the thread itself has computed between two looks at
// the clock, `waitedShare` for which share of the time it was ready and others had the processor (both Linux only).
import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;

let watch;
process.on('SIGUSR2', () => {
  if (watch === undefined) {
    watch = startWatch();
    return;
  }
  writeFileSync(process.env.TIDEWIRE_LOOP_PROBE, JSON.stringify(watch()));
  watch = undefined;
});

function startWatch() {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const first = threadTimes();
  const start = performance.now();
  const own = [];
  let before = first;
  const timer = setInterval(() => {
    const now = threadTimes();
    if (now !== undefined) own.push(now.ran - before.ran);
    before = now;
  }, RESOLUTION_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    delays.disable();
    // What is measured is from one timer to the next: the time it was set to is no delay.
    const late = (nanos) => Math.max(nanos / 1e6 - RESOLUTION_MS, 0);
    const waited = first === undefined ? undefined : threadTimes().waited - first.waited;
    own.sort((a, b) => a - b);
    return {
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
      own99: own[Math.floor(own.length * 0.99)],
      waitedShare: waited === undefined ? undefined : waited / (performance.now() - start),
    };
  };
}

/** For how many ms the main thread has run so far, and how many it has waited for a processor. */
function threadTimes() {
  try {
    const [ran, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
    return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 };
  } catch {
    return undefined;
  }
}
