const CLICKHOUSE_STARTS = {
  '1 minute': 'toStartOfMinute(time)',
  '1 hour': 'toStartOfHour(time)',
  '1 day': 'toStartOfDay(time)',
};

/** How each peer says an instant (given as 'YYYY-MM-DD hh:mm:ss' UTC) and the start of a bucket of `time`. */
export const DIALECTS = {
  tidewire: { instant: standardInstant, bucket: (width) => `time_bucket('${width}', time)` },
  postgres: {
    instant: standardInstant,
    bucket: (width) => `date_bin('${width}', time, TIMESTAMPTZ '2024-01-01 00:00:00+00')`,
  },
  // A bucket of a day by DuckDB's calendar takes a hundred times as long; in UTC these are the same.
  duckdb: {
    instant: standardInstant,
    bucket: (width) => `time_bucket(INTERVAL '${width === '1 day' ? '24 hours' : width}', time)`,
  },
  clickhouse: { instant: (text) => `toDateTime('${text}', 'UTC')`, bucket: (width) => CLICKHOUSE_STARTS[width] },
  influxdb: { instant: (text) => `'${text.replace(' ', 'T')}Z'` },
};

function standardInstant(text) {
  return `TIMESTAMPTZ '${text}+00'`;
}

/**
 * A query in the words of every peer: `write` takes a dialect, `instead` has the text for those who say it differently,
 * or null for those who can't say it. InfluxQL is unlike SQL, so it is only asked what `instead.influxdb` says.
 * `instead.reference` is what PostgreSQL is asked for the comparison of answers, where that isn't its own query.
 */
export function query(id, write, instead = {}) {
  const sql = {};
  for (const [peer, dialect] of Object.entries(DIALECTS)) {
    const written = instead[peer] === undefined && peer !== 'influxdb' ? write : instead[peer];
    const text = typeof written === 'function' ? written(dialect) : written;
    if (typeof text === 'string') sql[peer] = text;
  }
  const { reference } = instead;
  return { id, sql, reference: typeof reference === 'function' ? reference(DIALECTS.postgres) : reference };
}
