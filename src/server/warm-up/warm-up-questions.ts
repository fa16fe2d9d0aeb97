const HOSTS = 8;
const POINTS = 4096;
const STEP_SECONDS = 10;
/** 2024-01-01, in seconds since 1970. */
const START_SECONDS = 1_704_067_200;
const FIELDS = ['user', 'system', 'idle', 'wait'];

/** A question, and how it is put: as text, or prepared with parameters in text form. */
export interface WarmUpQuestion {
  readonly text: string;
  readonly parameters?: readonly string[];
}

/** Tables beside the one that line protocol makes: the same without a key, and one that is no time series. */
export const WARM_UP_TABLES = `
  CREATE TABLE warm_up_free (time timestamptz, host text, region text, "user" double precision, system double precision,
    idle double precision, wait double precision, zone bigint) WITH (tidewire.time = 'time', tidewire.tags = 'host, region');
  INSERT INTO warm_up_free (time, host, region, "user", system, idle, wait, zone)
    SELECT time, host, region, "user", system, idle, wait, zone FROM warm_up;
  CREATE TABLE warm_up_device (id integer PRIMARY KEY, name text NOT NULL, weight double precision, seen timestamptz);
  INSERT INTO warm_up_device SELECT n, 'host_' || n, n / 3.0, '2024-01-01Z'::timestamptz + n * interval '1 hour'
    FROM generate_series(0, 999) n`;

/** Some hours of measurements of a few hosts, as line protocol with seconds. */
export function warmUpLines(): string {
  const lines: string[] = [];
  for (let host = 0; host < HOSTS; host++) {
    for (let point = 0; point < POINTS; point++) lines.push(line(host, point));
  }
  return lines.join('\n');
}

/** A few rows that stay in memory, some of them late. */
export function lateWarmUpLines(): string {
  const lines: string[] = [];
  for (let host = 0; host < HOSTS; host++) lines.push(line(host, host * 100), line(host, POINTS + host));
  return lines.join('\n');
}

function line(host: number, point: number): string {
  const values = FIELDS.map((field, index) => `${field}=${((point * (7 + index) + host * 31) % 10_000) / 100}`);
  const seconds = START_SECONDS + point * STEP_SECONDS;
  return `warm_up,host=host_${host},region=region_${host % 3} ${values.join(',')},zone=${point % 50}i ${seconds}`;
}

/**
 * What is asked in one round. The literals change from round to round, as those of a dashboard do, so that planning is
 * as warm as running.
 */
export function warmUpQuestions(round: number): readonly WarmUpQuestion[] {
  const table = round % 2 === 0 ? 'warm_up' : 'warm_up_free';
  const host = `host_${round % HOSTS}`;
  const at = (hours: number): string =>
    new Date((START_SECONDS + hours * 3600 + (round % 7) * 60) * 1000).toISOString();
  const hour = `time >= '${at(1)}' AND time < '${at(2)}'`;
  const day = `time >= '${at(1)}' AND time < '${at(10)}'`;
  const device = String(round);
  return [
    { text: 'SELECT 1' },
    { text: `SELECT count(*) FROM ${table}` },
    { text: `SELECT sum("user"), avg("user"), min(system), max(system), stddev(idle) FROM ${table}` },
    { text: `SELECT count(*), avg(idle) FROM ${table} WHERE "user" > ${round} AND system > 5 AND host = '${host}'` },
    { text: `SELECT count(*), avg("user") FROM ${table} WHERE ${day}` },
    { text: `SELECT region, count(*), sum(wait), max(idle) FROM ${table} GROUP BY region` },
    { text: `SELECT time_bucket('1 hour', time) AS h, count(*), avg("user") FROM ${table} GROUP BY h ORDER BY h` },
    {
      text: `SELECT time_bucket('1 minute', time) AS m, max("user"), max(system) FROM ${table}
        WHERE host = '${host}' AND ${hour} GROUP BY m ORDER BY m`,
    },
    {
      text: `SELECT time_bucket('1 minute', time) AS m, max("user") FROM ${table}
        WHERE host IN ('host_1', 'host_2', '${host}') AND ${hour} GROUP BY m ORDER BY m`,
    },
    {
      text: `SELECT time_bucket('1 hour', time) AS h, host, avg("user"), avg(idle) FROM ${table} WHERE ${day}
        GROUP BY h, host ORDER BY h, host`,
    },
    {
      text: `SELECT time_bucket('1 minute', time) AS m, max("user") FROM ${table} WHERE time < '${at(9)}'
        GROUP BY m ORDER BY m DESC LIMIT 5`,
    },
    { text: `SELECT * FROM ${table} WHERE "user" > 90.0 AND host = '${host}' AND ${day}` },
    { text: `SELECT time, "user", idle FROM ${table} WHERE ${hour} ORDER BY time` },
    { text: `SELECT * FROM ${table} ORDER BY time DESC LIMIT 10` },
    { text: `SELECT * FROM ${table} LIMIT 200` },
    { text: `SELECT time, wait FROM ${table} ORDER BY wait DESC LIMIT 10` },
    { text: `SELECT DISTINCT ON (host) * FROM ${table} ORDER BY host, time DESC` },
    { text: `SELECT host, last("user", time) FROM ${table} GROUP BY host` },
    { text: `SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY "user") FROM ${table} WHERE host = '${host}'` },
    {
      text: `SELECT zone, count(*) AS c FROM ${table} WHERE host = '${host}' GROUP BY zone HAVING count(*) > 9 ORDER BY c`,
    },
    { text: `SELECT count(DISTINCT zone) FROM ${table} WHERE host = '${host}'` },
    { text: 'SELECT * FROM warm_up_device WHERE id = $1', parameters: [device] },
    { text: 'SELECT id, name, weight FROM warm_up_device WHERE name LIKE $1 ORDER BY id', parameters: ['host_1%'] },
    {
      text: `SELECT d.name, count(*) FROM warm_up_device d JOIN ${table} w ON w.host = d.name AND ${hour}
        WHERE d.id < ${10 + (round % 10)} GROUP BY d.name ORDER BY 1`,
    },
    { text: 'BEGIN' },
    {
      text: 'INSERT INTO warm_up_device (id, name, seen) VALUES ($1, $2, now())',
      parameters: [`${1000 + round}`, host],
    },
    { text: 'UPDATE warm_up_device SET weight = $1 WHERE id = $2', parameters: [`${round}.5`, device] },
    { text: 'COMMIT' },
    {
      text: `SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relname = 'warm_up' ORDER BY a.attnum`,
    },
  ];
}
