import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = join(dirname(fileURLToPath(import.meta.url)), '..');

export const FIELDS = [
  'usage_user',
  'usage_system',
  'usage_idle',
  'usage_nice',
  'usage_iowait',
  'usage_irq',
  'usage_softirq',
  'usage_steal',
  'usage_guest',
  'usage_guest_nice',
];

/** The directory that holds the TSBS-like cpu set of `hosts` hosts and `days` days; generated once and kept. */
export function cpuData({ hosts, days }) {
  const directory = join(BENCH, 'data', `cpu-${hosts}x${days}`);
  if (existsSync(directory)) return directory;
  const unfinished = `${directory}.unfinished`;
  mkdirSync(unfinished, { recursive: true });
  console.log(`generating the cpu data set (${hosts} hosts, ${days} days) …`);
  execFileSync(process.execPath, [join(BENCH, 'generators', 'gen_cpu.mjs'), unfinished, String(hosts), String(days)]);
  renameSync(unfinished, directory);
  return directory;
}
