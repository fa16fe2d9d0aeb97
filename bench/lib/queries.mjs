// Query sets per dialect. q(d) returns [{id, sql}] ; d: pg | ts | duck | ch | sqlite | influx (null = not expressible)
const D = (s, d) =>
  d === 'sqlite'
    ? `${Date.parse(s.replace(' ', 'T') + 'Z') * 1000}`
    : d === 'influx'
      ? `'${s.replace(' ', 'T')}Z'`
      : d === 'ch'
        ? `toDateTime('${s}','UTC')`
        : `TIMESTAMPTZ '${s}+00'`;
const bucket = {
  pg: (i) => `date_bin('${i}', time, TIMESTAMPTZ '2024-01-01 00:00:00+00')`,
  ts: (i) => `time_bucket('${i}', time)`,
  duck: (i) => `time_bucket(INTERVAL '${i}', time)`,
  ch: (i) =>
    ({ '1 hour': 'toStartOfHour(time)', '1 day': 'toStartOfDay(time)', '1 minute': 'toStartOfMinute(time)' })[i],
  sqlite: (i) => {
    const w = { '1 hour': 3600, '1 day': 86400, '1 minute': 60 }[i] * 1e6;
    return `(time/${w})*${w}`;
  },
  influx: () => '',
};
export function trips(d) {
  const b = bucket[d],
    t0 = D('2024-01-15 00:00:00', d),
    t1 = D('2024-01-16 00:00:00', d),
    inf = d === 'influx',
    I = (s) => (inf ? s : undefined);
  const L = [
    ['count', inf ? 'SELECT count(base_passenger_fare) FROM trips' : 'SELECT count(*) FROM trips'],
    [
      'sum_avg',
      'SELECT sum(base_passenger_fare), avg(base_passenger_fare) FROM trips'.replace(/mean/g, 'avg'),
      I('SELECT sum(base_passenger_fare), mean(base_passenger_fare) FROM trips'),
    ],
    ['min_max', 'SELECT min(trip_miles), max(trip_miles) FROM trips'],
    [
      'filter_agg',
      'SELECT count(*), avg(base_passenger_fare) FROM trips WHERE trip_miles > 10',
      I('SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips WHERE trip_miles > 10'),
    ],
    [
      'filter_multi',
      "SELECT count(*), sum(tips) FROM trips WHERE trip_miles > 5 AND tips > 5 AND hvfhs_license_num = 'HV0003'",
      I("SELECT count(tips), sum(tips) FROM trips WHERE trip_miles > 5 AND tips > 5 AND hvfhs_license_num = 'HV0003'"),
    ],
    [
      'tag_filter',
      "SELECT count(*), avg(tips) FROM trips WHERE hvfhs_license_num = 'HV0005'",
      I("SELECT count(tips), mean(tips) FROM trips WHERE hvfhs_license_num = 'HV0005'"),
    ],
    [
      'time_range_1d',
      `SELECT count(*), avg(base_passenger_fare) FROM trips WHERE time >= ${t0} AND time < ${t1}`,
      I(`SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips WHERE time >= ${t0} AND time < ${t1}`),
    ],
    [
      'group_tag2',
      'SELECT hvfhs_license_num, count(*), avg(base_passenger_fare) FROM trips GROUP BY hvfhs_license_num',
      I('SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips GROUP BY hvfhs_license_num'),
    ],
    [
      'group_tag5',
      'SELECT dispatching_base_num, count(*), sum(driver_pay), max(tips) FROM trips GROUP BY dispatching_base_num',
      I('SELECT count(base_passenger_fare), sum(driver_pay), max(tips) FROM trips GROUP BY dispatching_base_num'),
    ],
    [
      'bucket_1h',
      `SELECT ${b('1 hour')} AS h, count(*), avg(base_passenger_fare) FROM trips GROUP BY h ORDER BY h`,
      I('SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips GROUP BY time(1h)'),
    ],
    [
      'bucket_1d_tag',
      `SELECT ${b('1 day')} AS d, hvfhs_license_num, sum(driver_pay) FROM trips GROUP BY d, hvfhs_license_num ORDER BY d, hvfhs_license_num`,
      I('SELECT sum(driver_pay) FROM trips GROUP BY time(1d), hvfhs_license_num'),
    ],
    ['last10', 'SELECT * FROM trips ORDER BY time DESC LIMIT 10'],
    ['select_1000', 'SELECT * FROM trips LIMIT 1000'],
    [
      'top10',
      'SELECT time, base_passenger_fare FROM trips ORDER BY base_passenger_fare DESC LIMIT 10',
      I('SELECT top(base_passenger_fare, 10) FROM trips'),
    ],
    [
      'p95',
      d === 'ch'
        ? 'SELECT quantileExact(0.95)(base_passenger_fare) FROM trips'
        : d === 'sqlite'
          ? 'SELECT base_passenger_fare FROM trips ORDER BY base_passenger_fare LIMIT 1 OFFSET 1187500'
          : 'SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY base_passenger_fare) FROM trips',
      I('SELECT percentile(base_passenger_fare, 95) FROM trips'),
    ],
    [
      'stddev',
      d === 'ch'
        ? 'SELECT stddevSamp(base_passenger_fare) FROM trips'
        : d === 'sqlite'
          ? 'SELECT sqrt((sum(base_passenger_fare*base_passenger_fare)-sum(base_passenger_fare)*sum(base_passenger_fare)/count(*))/(count(*)-1)) FROM trips'
          : 'SELECT stddev(base_passenger_fare) FROM trips',
    ],
    [
      'having',
      'SELECT "PULocationID", count(*) AS c FROM trips GROUP BY "PULocationID" HAVING count(*) > 5000 ORDER BY c DESC',
      I(null),
    ],
    [
      'distinct_low',
      d === 'ch' ? 'SELECT uniqExact("PULocationID") FROM trips' : 'SELECT count(DISTINCT "PULocationID") FROM trips',
      I('SELECT count(distinct("PULocationID")) FROM trips'),
    ],
    [
      'distinct_high',
      d === 'ch'
        ? 'SELECT uniqExact(base_passenger_fare) FROM trips'
        : 'SELECT count(DISTINCT base_passenger_fare) FROM trips',
      I('SELECT count(distinct(base_passenger_fare)) FROM trips'),
    ],
    [
      'range_rows_1h',
      `SELECT time, base_passenger_fare, trip_miles FROM trips WHERE time >= ${t0} AND time < ${D('2024-01-15 01:00:00', d)} ORDER BY time`,
    ],
  ];
  return L.map(([id, sql, inf]) => ({ id, sql: d === 'influx' && inf !== undefined ? inf : sql }));
}
const F = [
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
const H8 = [3, 14, 25, 36, 47, 58, 69, 80].map((h) => `host_${h}`);
export function cpu(d) {
  const b = bucket[d],
    inf = d === 'influx',
    rng = (h) => {
      const s = Date.UTC(2024, 0, 2, 3, 0, 0),
        f = (x) => new Date(x).toISOString().slice(0, 19).replace('T', ' ');
      return `time >= ${D(f(s), d)} AND time < ${D(f(s + h * 3600e3), d)}`;
    };
  const hosts = (n) =>
    inf
      ? '(' +
        H8.slice(0, n)
          .map((h) => `hostname='${h}'`)
          .join(' OR ') +
        ')'
      : n === 1
        ? `hostname = '${H8[0]}'`
        : `hostname IN (${H8.slice(0, n)
            .map((h) => `'${h}'`)
            .join(',')})`;
  const agg = (f, n) =>
    F.slice(0, n)
      .map((x) => `${f}(${x})`)
      .join(', ');
  const sg = (m, n, h) =>
    inf
      ? `SELECT ${agg('max', m)} FROM cpu WHERE ${hosts(n)} AND ${rng(h)} GROUP BY time(1m)`
      : `SELECT ${b('1 minute')} AS m, ${agg('max', m)} FROM cpu WHERE ${hosts(n)} AND ${rng(h)} GROUP BY m ORDER BY m`;
  const mx = (n) =>
    inf
      ? `SELECT ${agg('max', 10)} FROM cpu WHERE ${hosts(n)} AND ${rng(8)} GROUP BY time(1h)`
      : `SELECT ${b('1 hour')} AS h, ${agg('max', 10)} FROM cpu WHERE ${hosts(n)} AND ${rng(8)} GROUP BY h ORDER BY h`;
  const dg = (m) =>
    inf
      ? `SELECT ${agg('mean', m)} FROM cpu WHERE ${rng(12)} GROUP BY time(1h), hostname`
      : `SELECT ${b('1 hour')} AS h, hostname, ${agg('avg', m)} FROM cpu WHERE ${rng(12)} GROUP BY h, hostname ORDER BY h, hostname`;
  const last = {
    pg: 'SELECT DISTINCT ON (t.hostname) * FROM tags t INNER JOIN LATERAL (SELECT * FROM cpu c WHERE c.hostname = t.hostname ORDER BY time DESC LIMIT 1) AS b ON true ORDER BY t.hostname, b.time DESC',
    duck: 'SELECT DISTINCT ON (hostname) * FROM cpu ORDER BY hostname, time DESC',
    ch: 'SELECT * FROM cpu ORDER BY hostname, time DESC LIMIT 1 BY hostname',
    sqlite:
      'SELECT c.* FROM tags t JOIN cpu c ON c.hostname=t.hostname AND c.time=(SELECT max(time) FROM cpu x WHERE x.hostname=t.hostname)',
    influx: 'SELECT * FROM cpu GROUP BY "hostname" ORDER BY time DESC LIMIT 1',
  };
  last.ts = last.pg;
  return [
    ['single-groupby-1-1-1', sg(1, 1, 1)],
    ['single-groupby-1-1-12', sg(1, 1, 12)],
    ['single-groupby-1-8-1', sg(1, 8, 1)],
    ['single-groupby-5-1-1', sg(5, 1, 1)],
    ['single-groupby-5-1-12', sg(5, 1, 12)],
    ['single-groupby-5-8-1', sg(5, 8, 1)],
    ['cpu-max-all-1', mx(1)],
    ['cpu-max-all-8', mx(8)],
    ['double-groupby-1', dg(1)],
    ['double-groupby-5', dg(5)],
    ['double-groupby-all', dg(10)],
    ['high-cpu-all', `SELECT * FROM cpu WHERE usage_user > 90.0 AND ${rng(12)}`],
    ['high-cpu-1', `SELECT * FROM cpu WHERE usage_user > 90.0 AND ${hosts(1)} AND ${rng(12)}`],
    ['lastpoint', last[d]],
    [
      'groupby-orderby-limit',
      inf
        ? `SELECT max(usage_user) FROM cpu WHERE time < '2024-01-03T12:00:00Z' AND time >= '2024-01-01T00:00:00Z' GROUP BY time(1m) ORDER BY time DESC LIMIT 5`
        : `SELECT ${b('1 minute')} AS m, max(usage_user) FROM cpu WHERE time < ${D('2024-01-03 12:00:00', d)} GROUP BY m ORDER BY m DESC LIMIT 5`,
    ],
  ].map(([id, sql]) => ({ id, sql }));
}
const med = (a) => [...a].sort((x, y) => x - y)[a.length >> 1];
// run(sql) -> rows count ; median of 7 after 2 warm-ups
export async function measure(name, set, run) {
  const out = {};
  for (const { id, sql } of set) {
    if (!sql) {
      out[id] = null;
      continue;
    }
    try {
      let n = 0;
      for (let i = 0; i < 2; i++) n = await run(sql);
      const t = [];
      for (let i = 0; i < 7; i++) {
        const s = performance.now();
        n = await run(sql);
        t.push(performance.now() - s);
      }
      out[id] = { ms: +med(t).toFixed(2), min: +Math.min(...t).toFixed(2), rows: n };
      console.log(name.padEnd(10), id.padEnd(24), String(out[id].ms).padStart(9), 'ms', String(n).padStart(7), 'rows');
    } catch (e) {
      out[id] = null;
      console.log(name, id, 'ERROR', String(e.message).slice(0, 200));
    }
  }
  return out;
}
