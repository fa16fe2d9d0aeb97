import { CPU_FIELDS } from '../generators/cpu-columns.mjs';
import { query } from './dialects.mjs';

const ASKED_HOSTS = 8;
const RANGE_START = Date.UTC(2024, 0, 2, 3);
const HOUR_MS = 3_600_000;

const LAST_POINT = 'SELECT DISTINCT ON (hostname) * FROM cpu ORDER BY hostname, time DESC';

/** TSBS' 15 queries over its cpu set of so many hosts; one to eight of them are asked for, the same from 100 hosts on. */
export function cpuQueries(hostCount) {
  const apart = Math.trunc((Math.min(hostCount, 100) - 12) / ASKED_HOSTS);
  const hosts = Array.from({ length: ASKED_HOSTS }, (_, index) => `host_${3 + index * apart}`);
  const one = hosts.slice(0, 1);
  return [
    singleGroupBy({ fields: 1, hosts: one, hours: 1 }),
    singleGroupBy({ fields: 1, hosts: one, hours: 12 }),
    singleGroupBy({ fields: 1, hosts, hours: 1 }),
    singleGroupBy({ fields: 5, hosts: one, hours: 1 }),
    singleGroupBy({ fields: 5, hosts: one, hours: 12 }),
    singleGroupBy({ fields: 5, hosts, hours: 1 }),
    maxAll(one),
    maxAll(hosts),
    doubleGroupBy('1', 1),
    doubleGroupBy('5', 5),
    doubleGroupBy('all', 10),
    highCpu('high-cpu-all', () => ''),
    highCpu('high-cpu-1', (hostsAre) => ` AND ${hostsAre(one)}`),
    query('lastpoint', () => LAST_POINT, {
      // The fastest that PostgreSQL can say, which is TSBS' own form.
      postgres:
        'SELECT DISTINCT ON (t.hostname) * FROM tags t INNER JOIN LATERAL (SELECT * FROM cpu c WHERE c.hostname = t.hostname ORDER BY time DESC LIMIT 1) AS b ON true ORDER BY t.hostname, b.time DESC',
      clickhouse: 'SELECT * FROM cpu ORDER BY hostname, time DESC LIMIT 1 BY hostname',
      influxdb: 'SELECT * FROM cpu GROUP BY "hostname" ORDER BY time DESC LIMIT 1',
      reference: 'SELECT DISTINCT ON (hostname) * FROM cpu_full ORDER BY hostname, time DESC',
    }),
    query(
      'groupby-orderby-limit',
      (d) =>
        `SELECT ${d.bucket('1 minute')} AS m, max(usage_user) FROM cpu WHERE time < ${d.instant('2024-01-03 12:00:00')} GROUP BY m ORDER BY m DESC LIMIT 5`,
      {
        influxdb: `SELECT max(usage_user) FROM cpu WHERE time < '2024-01-03T12:00:00Z' AND time >= '2024-01-01T00:00:00Z' GROUP BY time(1m) ORDER BY time DESC LIMIT 5`,
      },
    ),
  ];
}

/** Other words for the last point of each host; they stand beside the 15 and in no mean. */
export function lastPointForms() {
  const forms = [
    query(
      'lastpoint, lateral',
      () =>
        'SELECT t.hostname, b.time, b.usage_user FROM (SELECT DISTINCT hostname FROM cpu) t INNER JOIN LATERAL (SELECT * FROM cpu c WHERE c.hostname = t.hostname ORDER BY time DESC LIMIT 1) AS b ON true ORDER BY t.hostname',
      {
        postgres:
          'SELECT t.hostname, b.time, b.usage_user FROM tags t INNER JOIN LATERAL (SELECT * FROM cpu c WHERE c.hostname = t.hostname ORDER BY time DESC LIMIT 1) AS b ON true ORDER BY t.hostname',
        clickhouse: null,
      },
    ),
    query(
      'lastpoint, last()',
      () =>
        'SELECT hostname, max(time) AS time, last(usage_user, time) AS usage_user FROM cpu GROUP BY hostname ORDER BY hostname',
      {
        postgres: 'SELECT DISTINCT ON (hostname) hostname, time, usage_user FROM cpu ORDER BY hostname, time DESC',
        duckdb:
          'SELECT hostname, max(time) AS time, arg_max(usage_user, time) AS usage_user FROM cpu GROUP BY hostname ORDER BY hostname',
        clickhouse:
          'SELECT hostname, max(time) AS t, argMax(usage_user, time) AS usage_user FROM cpu GROUP BY hostname ORDER BY hostname',
      },
    ),
  ];
  return forms.map((form) => ({ ...form, isExtra: true }));
}

function singleGroupBy({ fields, hosts, hours }) {
  return query(
    `single-groupby-${fields}-${hosts.length}-${hours}`,
    (d) =>
      `SELECT ${d.bucket('1 minute')} AS m, ${aggregates('max', fields)} FROM cpu WHERE ${hostsAre(hosts)} AND ${range(d, hours)} GROUP BY m ORDER BY m`,
    {
      influxdb: (d) =>
        `SELECT ${aggregates('max', fields)} FROM cpu WHERE ${influxHosts(hosts)} AND ${range(d, hours)} GROUP BY time(1m)`,
    },
  );
}

function maxAll(hosts) {
  return query(
    `cpu-max-all-${hosts.length}`,
    (d) =>
      `SELECT ${d.bucket('1 hour')} AS h, ${aggregates('max', 10)} FROM cpu WHERE ${hostsAre(hosts)} AND ${range(d, 8)} GROUP BY h ORDER BY h`,
    {
      influxdb: (d) =>
        `SELECT ${aggregates('max', 10)} FROM cpu WHERE ${influxHosts(hosts)} AND ${range(d, 8)} GROUP BY time(1h)`,
    },
  );
}

function doubleGroupBy(name, fields) {
  return query(
    `double-groupby-${name}`,
    (d) =>
      `SELECT ${d.bucket('1 hour')} AS h, hostname, ${aggregates('avg', fields)} FROM cpu WHERE ${range(d, 12)} GROUP BY h, hostname ORDER BY h, hostname`,
    {
      influxdb: (d) =>
        `SELECT ${aggregates('mean', fields)} FROM cpu WHERE ${range(d, 12)} GROUP BY time(1h), hostname`,
    },
  );
}

function highCpu(id, andHosts) {
  const from = (table, d, hosts) =>
    `SELECT * FROM ${table} WHERE usage_user > 90.0${andHosts(hosts)} AND ${range(d, 12)}`;
  return query(id, (d) => from('cpu', d, hostsAre), {
    influxdb: (d) => from('cpu', d, influxHosts),
    reference: (d) => from('cpu_full', d, hostsAre),
  });
}

function aggregates(name, fields) {
  return CPU_FIELDS.slice(0, fields)
    .map((field) => `${name}(${field})`)
    .join(', ');
}

function hostsAre(hosts) {
  if (hosts.length === 1) return `hostname = '${hosts[0]}'`;
  return `hostname IN (${hosts.map((host) => `'${host}'`).join(',')})`;
}

function influxHosts(hosts) {
  return `(${hosts.map((host) => `hostname='${host}'`).join(' OR ')})`;
}

function range(dialect, hours) {
  const text = (millis) => new Date(millis).toISOString().slice(0, 19).replace('T', ' ');
  return `time >= ${dialect.instant(text(RANGE_START))} AND time < ${dialect.instant(text(RANGE_START + hours * HOUR_MS))}`;
}
