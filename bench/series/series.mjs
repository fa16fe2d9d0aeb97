import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printTable } from '../lib/measure.mjs';

const MEASURE = join(dirname(fileURLToPath(import.meta.url)), 'measure.mjs');

/**
 * What a million series cost: a row each is loaded by line protocol, then another process opens the directory. Memory is
 * what the process has more of once it has opened it, garbage collected.
 */
export function series({ count }) {
  const rows = [];
  for (const shape of ['tsbs', 'two']) {
    const directory = mkdtempSync(join(tmpdir(), 'tidewire-series-'));
    try {
      const loaded = run(['load', shape, directory, String(count)]);
      const opened = run(['open', shape, directory, String(count)]);
      for (const [name, value] of Object.entries({ ...loaded, ...opened })) rows.push([`${shape}: ${name}`, value]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  console.log(
    `\n${count.toLocaleString('en')} series: with TSBS' 10 tags (a host each), and with 2 tags (50,000 hosts)`,
  );
  printTable(['', ''], rows);
}

function run(args) {
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', MEASURE, ...args], { encoding: 'utf8' }));
}
