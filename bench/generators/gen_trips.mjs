// node gen_trips.mjs OUT.csv [rows=1250000] : NYC high-volume for-hire trips look-alike, time-sorted.
import fs from 'node:fs';
import { rng } from './rng.mjs';

const [out, rows = '1250000'] = process.argv.slice(2),
  N = +rows,
  R = rng(20240101);
const COLS = [
  'time',
  'hvfhs_license_num',
  'dispatching_base_num',
  'PULocationID',
  'DOLocationID',
  'trip_miles',
  'trip_time',
  'base_passenger_fare',
  'tolls',
  'bcf',
  'sales_tax',
  'congestion_surcharge',
  'airport_fee',
  'tips',
  'driver_pay',
  'shared_request_flag',
  'shared_match_flag',
  'access_a_ride_flag',
  'wav_request_flag',
  'wav_match_flag',
];
const t0 = Date.UTC(2024, 0, 1),
  _span = 30 * 86400,
  perHour = [];
for (let h = 0; h < 720; h++) {
  const d = h % 24;
  perHour.push(
    0.35 + 0.65 * (0.5 + 0.5 * Math.sin(((d - 11) / 24) * 2 * Math.PI)) + (Math.floor(h / 24) % 7 > 4 ? 0.25 : 0),
  );
}
const tot = perHour.reduce((a, b) => a + b),
  secs = new Float64Array(N);
let k = 0;
for (let h = 0; h < 720; h++) {
  const end = h === 719 ? N : Math.round((perHour.slice(0, h + 1).reduce((a, b) => a + b) / tot) * N);
  for (; k < end; k++) secs[k] = h * 3600 + R.int(3600);
}
secs.sort();
const fd = fs.openSync(out, 'w');
let buf = `${COLS.join(',')}\n`;
const f2 = (x) => (Math.round(x * 100) / 100).toString(),
  yn = (p) => (R.u() < p ? 'Y' : 'N');
for (let i = 0; i < N; i++) {
  const uber = R.u() < 0.73,
    miles = Math.min(80, Math.exp(R.n() * 0.85 + 1.05)),
    tt = Math.round(240 + miles * (150 + 60 * R.u()));
  const fare = Math.max(5, 3 + miles * 2.6 + (tt / 60) * 0.45 + R.n() * 2),
    toll = R.u() < 0.08 ? [6.94, 11.19, 13.88, 16.06][R.int(4)] : 0;
  const pu = 1 + ((R.u() * R.u() * 263) | 0),
    dO = 1 + ((R.u() * R.u() * 265) | 0);
  const base = uber ? ['B03404', 'B03404', 'B03404', 'B02764', 'B02872', 'B02395'][R.int(6)] : 'B03406';
  buf +=
    new Date(t0 + secs[i] * 1000).toISOString().replace('T', ' ').replace('.000Z', '+00') +
    ',' +
    (uber ? 'HV0003' : 'HV0005') +
    ',' +
    base +
    ',' +
    pu +
    ',' +
    dO +
    ',' +
    f2(miles) +
    ',' +
    tt +
    ',' +
    f2(fare) +
    ',' +
    toll +
    ',' +
    f2(fare * 0.0275) +
    ',' +
    f2(fare * 0.08875) +
    ',' +
    (R.u() < 0.35 ? '2.75' : '0') +
    ',' +
    (R.u() < 0.07 ? '2.5' : '0') +
    ',' +
    (R.u() < 0.19 ? f2(fare * (0.1 + 0.15 * R.u())) : '0') +
    ',' +
    f2(fare * (0.7 + 0.15 * R.u())) +
    ',' +
    yn(0.02) +
    ',' +
    yn(0.01) +
    ',' +
    (uber ? ' ' : 'N') +
    ',' +
    yn(0.002) +
    ',' +
    yn(0.05) +
    '\n';
  if (buf.length > 4e6) {
    fs.writeSync(fd, buf);
    buf = '';
  }
}
fs.writeSync(fd, buf);
fs.closeSync(fd);
