import { query } from './dialects.mjs';

const DAY_START = '2024-01-15 00:00:00';
const DAY_END = '2024-01-16 00:00:00';
const HOUR_END = '2024-01-15 01:00:00';

/** The 20 queries over taxi trips: from one number out of the whole table to rows of an hour. */
export function tripsQueries() {
  return [
    query('count', () => 'SELECT count(*) FROM trips', {
      influxdb: 'SELECT count(base_passenger_fare) FROM trips',
    }),
    query('sum_avg', () => 'SELECT sum(base_passenger_fare), avg(base_passenger_fare) FROM trips', {
      influxdb: 'SELECT sum(base_passenger_fare), mean(base_passenger_fare) FROM trips',
    }),
    query('min_max', () => 'SELECT min(trip_miles), max(trip_miles) FROM trips', {
      influxdb: 'SELECT min(trip_miles), max(trip_miles) FROM trips',
    }),
    query('filter_agg', () => 'SELECT count(*), avg(base_passenger_fare) FROM trips WHERE trip_miles > 10', {
      influxdb: 'SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips WHERE trip_miles > 10',
    }),
    query(
      'filter_multi',
      () => "SELECT count(*), sum(tips) FROM trips WHERE trip_miles > 5 AND tips > 5 AND hvfhs_license_num = 'HV0003'",
      {
        influxdb:
          "SELECT count(tips), sum(tips) FROM trips WHERE trip_miles > 5 AND tips > 5 AND hvfhs_license_num = 'HV0003'",
      },
    ),
    query('tag_filter', () => "SELECT count(*), avg(tips) FROM trips WHERE hvfhs_license_num = 'HV0005'", {
      influxdb: "SELECT count(tips), mean(tips) FROM trips WHERE hvfhs_license_num = 'HV0005'",
    }),
    query('time_range_1d', (d) => `SELECT count(*), avg(base_passenger_fare) FROM trips WHERE ${between(d, DAY_END)}`, {
      influxdb: (d) =>
        `SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips WHERE ${between(d, DAY_END)}`,
    }),
    query(
      'group_tag2',
      () => 'SELECT hvfhs_license_num, count(*), avg(base_passenger_fare) FROM trips GROUP BY hvfhs_license_num',
      {
        influxdb: 'SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips GROUP BY hvfhs_license_num',
      },
    ),
    query(
      'group_tag5',
      () =>
        'SELECT dispatching_base_num, count(*), sum(driver_pay), max(tips) FROM trips GROUP BY dispatching_base_num',
      {
        influxdb:
          'SELECT count(base_passenger_fare), sum(driver_pay), max(tips) FROM trips GROUP BY dispatching_base_num',
      },
    ),
    query(
      'bucket_1h',
      (d) => `SELECT ${d.bucket('1 hour')} AS h, count(*), avg(base_passenger_fare) FROM trips GROUP BY h ORDER BY h`,
      { influxdb: 'SELECT count(base_passenger_fare), mean(base_passenger_fare) FROM trips GROUP BY time(1h)' },
    ),
    query(
      'bucket_1d_tag',
      (d) =>
        `SELECT ${d.bucket('1 day')} AS d, hvfhs_license_num, sum(driver_pay) FROM trips GROUP BY d, hvfhs_license_num ORDER BY d, hvfhs_license_num`,
      { influxdb: 'SELECT sum(driver_pay) FROM trips GROUP BY time(1d), hvfhs_license_num' },
    ),
    query('last10', () => 'SELECT * FROM trips ORDER BY time DESC LIMIT 10', {
      influxdb: 'SELECT * FROM trips ORDER BY time DESC LIMIT 10',
    }),
    query('select_1000', () => 'SELECT * FROM trips LIMIT 1000', { influxdb: 'SELECT * FROM trips LIMIT 1000' }),
    query('top10', () => 'SELECT time, base_passenger_fare FROM trips ORDER BY base_passenger_fare DESC LIMIT 10', {
      influxdb: 'SELECT top(base_passenger_fare, 10) FROM trips',
    }),
    query('p95', () => 'SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY base_passenger_fare) FROM trips', {
      clickhouse: 'SELECT quantileExactInclusive(0.95)(base_passenger_fare) FROM trips',
      influxdb: 'SELECT percentile(base_passenger_fare, 95) FROM trips',
    }),
    query('stddev', () => 'SELECT stddev(base_passenger_fare) FROM trips', {
      clickhouse: 'SELECT stddevSampStable(base_passenger_fare) FROM trips',
      influxdb: 'SELECT stddev(base_passenger_fare) FROM trips',
    }),
    query(
      'having',
      () =>
        'SELECT "PULocationID", count(*) AS c FROM trips GROUP BY "PULocationID" HAVING count(*) > 5000 ORDER BY c DESC',
    ),
    query('distinct_low', () => 'SELECT count(DISTINCT "PULocationID") FROM trips', {
      influxdb: 'SELECT count(distinct("PULocationID")) FROM trips',
    }),
    query('distinct_high', () => 'SELECT count(DISTINCT base_passenger_fare) FROM trips', {
      influxdb: 'SELECT count(distinct(base_passenger_fare)) FROM trips',
    }),
    query('range_rows_1h', rangeRows, { influxdb: rangeRows }),
  ];
}

function rangeRows(d) {
  return `SELECT time, base_passenger_fare, trip_miles FROM trips WHERE ${between(d, HOUR_END)} ORDER BY time`;
}

function between(dialect, end) {
  return `time >= ${dialect.instant(DAY_START)} AND time < ${dialect.instant(end)}`;
}
