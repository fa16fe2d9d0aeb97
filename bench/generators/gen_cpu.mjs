// node gen_cpu.mjs FOLDER [hosts=100] [days=3]: cpu.csv, cpu_pg.csv + tags.csv (normalised), cpu.lp
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CPU_FIELDS, CPU_TAGS } from './cpu-columns.mjs';
import { CpuPoints } from './cpu-points.mjs';

const [folder, hosts = '100', days = '3'] = process.argv.slice(2);
const points = new CpuPoints(Number(hosts));
writeFileSync(join(folder, 'tags.csv'), points.tagRows());
const files = ['cpu.csv', 'cpu_pg.csv', 'cpu.lp'].map((name) => openSync(join(folder, name), 'w'));
writeSync(files[0], `time,${CPU_TAGS.join(',')},${CPU_FIELDS.join(',')}\n`);
for (const texts of points.chunks(Number(days), 'csv', 'normalised', 'lines')) {
  for (const [index, text] of texts.entries()) writeSync(files[index], text);
}
for (const file of files) closeSync(file);
