// node gen_cpu.mjs OUTDIR [hosts=100] [days=3] : TSBS-'cpu-only'-like: cpu.csv (denormalised), cpu_pg.csv + tags.csv (normalised), cpu.lp
import fs from 'node:fs';
import { rng } from './rng.mjs';

const [dir, H = '100', D = '3'] = process.argv.slice(2),
  hosts = +H,
  steps = +D * 8640,
  R = rng(7),
  t0 = Date.UTC(2024, 0, 1);
const FIELDS = [
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
const TAGS = [
  'hostname',
  'region',
  'datacenter',
  'rack',
  'os',
  'arch',
  'team',
  'service',
  'service_version',
  'service_environment',
];
const REG = [
  'us-east-1',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'ap-southeast-1',
  'ap-northeast-1',
  'sa-east-1',
];
const tags = [],
  state = [];
for (let h = 0; h < hosts; h++) {
  const r = REG[R.int(8)];
  tags.push([
    `host_${h}`,
    r,
    r + 'abc'[R.int(3)],
    `${R.int(100)}`,
    ['Ubuntu16.10', 'Ubuntu16.04LTS', 'Ubuntu15.10'][R.int(3)],
    ['x64', 'x86'][R.int(2)],
    ['SF', 'NYC', 'LON', 'CHI'][R.int(4)],
    `${R.int(20)}`,
    `${R.int(2)}`,
    ['production', 'staging', 'test'][R.int(3)],
  ]);
  state.push(FIELDS.map(() => R.u() * 100));
}
const open = (n) => ({ fd: fs.openSync(`${dir}/${n}`, 'w'), b: '' }),
  fl = (o, f) => {
    if (f || o.b.length > 4e6) {
      fs.writeSync(o.fd, o.b);
      o.b = '';
    }
  };
const csv = open('cpu.csv'),
  pg = open('cpu_pg.csv'),
  lp = open('cpu.lp'),
  tg = open('tags.csv');
csv.b = `time,${TAGS.join(',')},${FIELDS.join(',')}\n`;
tg.b = `${tags.map((t, i) => `${i},${t.join(',')}`).join('\n')}\n`;
fl(tg, true);
const lpTag = tags.map((t) => `cpu,${t.map((v, i) => `${TAGS[i]}=${v}`).join(',')} `),
  csvTag = tags.map((t) => t.join(',')),
  pgTag = tags.map((t, i) => `${i},${t[0]}`);
for (let s = 0; s < steps; s++) {
  const ms = t0 + s * 10000,
    iso = new Date(ms).toISOString().replace('T', ' ').replace('.000Z', '+00'),
    ns = `${ms}000000`;
  for (let h = 0; h < hosts; h++) {
    const st = state[h];
    let c = '',
      l = '';
    for (let f = 0; f < 10; f++) {
      st[f] = Math.min(100, Math.max(0, st[f] + R.n()));
      const iv = Math.trunc(st[f]);
      c += `,${iv}`;
      l += `${(f ? ',' : '') + FIELDS[f]}=${iv}i`;
    }
    csv.b += `${iso},${csvTag[h]}${c}\n`;
    pg.b += `${iso},${pgTag[h]}${c}\n`;
    lp.b += `${lpTag[h] + l} ${ns}\n`;
  }
  fl(csv);
  fl(pg);
  fl(lp);
}
for (const o of [csv, pg, lp]) {
  fl(o, true);
  fs.closeSync(o.fd);
}
