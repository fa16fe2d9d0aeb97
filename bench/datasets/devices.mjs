import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { rng } from '../generators/rng.mjs';
import { BENCH } from '../lib/built.mjs';

const MINUTE_MS = 60_000;
const FLUSH_CHARACTERS = 1 << 22;

const DEPARTMENTS = ['Engineering', 'Finance', 'Legal', 'Marketing', 'Operations', 'Sales', 'Support'];
const LOCATIONS = ['Berlin', 'London', 'New York', 'Osaka', 'São Paulo', 'Sydney'];
const DEVICE_TYPES = ['desktop', 'laptop', 'tablet', 'thin client'];
const SYSTEMS = ['macOS 14.5', 'macOS 15.1', 'Ubuntu 24.04', 'Windows 10', 'Windows 11'];
const CONNECTIONS = ['cellular', 'ethernet', 'vpn', 'wifi'];
const APPLICATIONS = ['Browser', 'Chat', 'Editor', 'Mail', 'Meetings', 'Spreadsheet'];

/** Whom the histories are about. */
export const HISTORY_DEVICE = 'device-0007';

/**
 * An endpoint monitor's four tables, which end now: the simulator's queries ask for the last minutes, hours and days.
 * A row a minute and device (a row for each of six applications every five minutes), so nothing is kept between runs.
 */
export function devicesDataset({ devices = 200, days = 7 } = {}) {
  const random = rng(11);
  const now = Date.now();
  const fleet = Array.from({ length: devices }, (_, number) => describeDevice(number, random));
  const perMinute = (row) => ({ devices: fleet, everyMs: MINUTE_MS, row });
  const healthTags = ['device_id', 'department', 'device_type', 'os_version'];
  const tables = [
    table('device_health', healthTags, ['cpu_usage', 'memory_usage', 'disk_usage', 'boot_time_sec', 'login_time_sec'], {
      ...perMinute((device) => [
        percent(device.load + random.n() * 12),
        percent(device.memory + random.n() * 6),
        percent(device.disk + random.u()),
        rounded(20 + Math.abs(random.n()) * 15),
        rounded(4 + Math.abs(random.n()) * 5),
      ]),
      spanMs: days * 24 * 60 * MINUTE_MS,
    }),
    table(
      'experience_score',
      ['device_id', 'location'],
      ['overall_score', 'device_score', 'app_score', 'network_score'],
      {
        ...perMinute((device) => {
          const parts = [100 - device.load / 2, 92, 88].map((score) => percent(score + random.n() * 10));
          return [rounded((parts[0] + parts[1] + parts[2]) / 3), ...parts];
        }),
        spanMs: Math.min(days, 1) * 24 * 60 * MINUTE_MS,
      },
    ),
    table('network_health', ['device_id', 'connection_type'], ['latency_ms', 'packet_loss_pct'], {
      ...perMinute((device) => [rounded(device.latency * (0.6 + random.u())), rounded(device.loss * random.u() * 2)]),
      spanMs: Math.min(days, 1) * 24 * 60 * MINUTE_MS,
    }),
    table(
      'app_performance',
      ['device_id', 'application_name'],
      ['response_time_ms', ['error_count', 'bigint'], ['crash_count', 'bigint']],
      {
        devices: fleet.flatMap((device) => APPLICATIONS.map((application_name) => ({ ...device, application_name }))),
        everyMs: 5 * MINUTE_MS,
        row: () => [rounded(40 + Math.abs(random.n()) * 80), random.int(4), random.u() < 0.01 ? 1 : 0],
        spanMs: Math.min(days, 1) * 24 * 60 * MINUTE_MS,
      },
    ),
  ];
  for (const description of tables) writeRows(description, now);
  return { name: 'devices', tables };
}

function describeDevice(number, random) {
  const pick = (values) => values[random.int(values.length)];
  return {
    device_id: `device-${String(number).padStart(4, '0')}`,
    department: pick(DEPARTMENTS),
    location: pick(LOCATIONS),
    device_type: pick(DEVICE_TYPES),
    os_version: pick(SYSTEMS),
    connection_type: pick(CONNECTIONS),
    load: 15 + 60 * random.u(),
    memory: 35 + 50 * random.u(),
    disk: 20 + 78 * random.u(),
    latency: 10 + 120 * random.u() * random.u(),
    loss: 3 * random.u() * random.u(),
    phaseMs: random.int(MINUTE_MS),
  };
}

function table(name, tags, fields, source) {
  return {
    name,
    tags,
    fields: fields.map((field) => (typeof field === 'string' ? [field, 'double precision'] : field)),
    csv: join(BENCH, 'data', 'devices', `${name}.csv`),
    hasHeader: true,
    clickhouseOrder: '(device_id, time)',
    postgresIndexes: ['(device_id, time DESC)', '(time DESC)'],
    source,
  };
}

/** In the order of time, as they would have arrived. */
function writeRows({ csv, tags, fields, source }, now) {
  mkdirSync(join(BENCH, 'data', 'devices'), { recursive: true });
  const file = openSync(csv, 'w');
  let text = `time,${[...tags, ...fields.map(([name]) => name)].join(',')}\n`;
  const { devices, everyMs, spanMs, row } = source;
  const prefixes = devices.map((device) => `,${tags.map((tag) => device[tag]).join(',')},`);
  for (let start = now - spanMs; start < now; start += everyMs) {
    for (const [number, device] of devices.entries()) {
      const millis = start + device.phaseMs;
      if (millis >= now) continue;
      text += `${new Date(millis).toISOString().slice(0, 19).replace('T', ' ')}+00${prefixes[number]}${row(device).join(',')}\n`;
    }
    if (text.length < FLUSH_CHARACTERS) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}

function percent(value) {
  return rounded(Math.min(100, Math.max(0, value)));
}

function rounded(value) {
  return Math.round(value * 100) / 100;
}
