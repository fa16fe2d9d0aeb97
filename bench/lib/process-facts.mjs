import { readdirSync, readFileSync } from 'node:fs';

const NANOS_PER_MS = 1e6;

/** What the kernel tells of processes and of the machine; undefined where there is no /proc. */

/** The time in ms that all threads of a process have run on processors so far. */
export function processorMs(pid) {
  return whereProc(() =>
    readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
      const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      return sum + Number(ran) / NANOS_PER_MS;
    }, 0),
  );
}

/** The memory of a process in MB: what is resident now, and the most that ever was. */
export function residentMB(pid) {
  return whereProc(() => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const megabytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1000;
    return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
  });
}

/** What all processors have done since the machine started, for `stolenShare`. */
export function machineTimes() {
  return whereProc(() => parseMachineTimes(readFileSync('/proc/stat', 'utf8')));
}

/** The first line of /proc/stat: ticks in all, without the guests' that are counted as users' too, and those stolen. */
export function parseMachineTimes(text) {
  const ticks = text.split('\n')[0].split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, value) => sum + value, 0), stolen: ticks[7] };
}

/** Which share of the processors' time between two looks the host of this virtual machine gave to others, 0 … 1. */
export function stolenShare(before, after) {
  if (before === undefined || after === undefined || after.all === before.all) return undefined;
  return (after.stolen - before.stolen) / (after.all - before.all);
}

function whereProc(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}
