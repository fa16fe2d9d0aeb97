const count = 'count(*)';
const byLicense = 'hvfhs_license_num';
const pickup = '"PULocationID"';
const dropoff = '"DOLocationID"';

/** What RusTs asks about taxi trips, in our own words: 44 questions. */
export const OWN_RUSTS_QUERIES = [
  total(count),
  total(count, 'trip_miles > 0'),
  total('sum(trip_miles)'),
  total('avg(base_passenger_fare)'),
  total(`count(DISTINCT ${byLicense})`),
  total(`count(DISTINCT ${pickup})`),
  total('min(trip_miles), max(trip_miles)'),
  total(count, 'trip_miles BETWEEN 1 AND 10'),
  total(count, `${byLicense} = 'HV0003'`),
  total(count, 'trip_miles > 5 AND base_passenger_fare > 20'),
  grouped(byLicense, count),
  grouped(byLicense, 'sum(trip_miles)'),
  grouped(pickup, 'avg(base_passenger_fare)'),
  top(10, pickup, count),
  top(10, pickup, 'sum(trip_miles)'),
  total('count(*), sum(trip_miles), avg(base_passenger_fare), min(tips), max(driver_pay)'),
  grouped(byLicense, 'count(*), sum(trip_miles), avg(base_passenger_fare)'),
  top(10, pickup, 'sum(base_passenger_fare)', { where: 'trip_miles > 0' }),
  top(10, dropoff, count, { where: 'trip_time > 600' }),
  grouped(`${byLicense}, ${pickup}`, count),
  top(20, `${byLicense}, ${pickup}`, count, { where: 'trip_miles > 5' }),
  total('sum(base_passenger_fare)', `${byLicense} = 'HV0003' AND trip_miles > 2`),
  total('avg(base_passenger_fare), avg(trip_miles)', 'trip_miles > 0'),
  total(count, "shared_request_flag = 'Y'"),
  total(count, "wav_match_flag = 'Y'"),
  top(10, 'dispatching_base_num', count),
  top(20, `${pickup}, ${dropoff}`, count),
  grouped(byLicense, 'sum(base_passenger_fare), sum(tips), sum(driver_pay)', 'trip_miles > 1'),
  total('count(*), avg(trip_miles), avg(trip_time), avg(base_passenger_fare)', 'trip_miles > 20'),
  total('count(*), avg(trip_miles), avg(trip_time), avg(base_passenger_fare)', 'trip_miles < 2'),
  ...['airport_fee', 'congestion_surcharge', 'tolls'].map((fee) =>
    total(`count(*), sum(${fee}), avg(${fee})`, `${fee} > 0`),
  ),
  grouped(byLicense, 'sum(tips), avg(tips), count(*)', 'tips > 0'),
  total('min(driver_pay), max(driver_pay), avg(driver_pay), sum(driver_pay)'),
  ...['bcf', 'sales_tax'].map((tax) => total(`sum(${tax}), avg(${tax})`, `${tax} > 0`)),
  top(20, `${pickup}, ${dropoff}`, 'sum(base_passenger_fare)', { also: ', avg(trip_miles)' }),
  grouped(byLicense, 'avg(base_passenger_fare), avg(trip_time)', 'trip_time > 0'),
  total('count(*), avg(trip_miles), avg(base_passenger_fare)', "access_a_ride_flag = 'Y'"),
  grouped('shared_match_flag', 'count(*), avg(trip_miles), avg(base_passenger_fare)'),
  'SELECT * FROM trips LIMIT 10',
  'SELECT * FROM trips ORDER BY time DESC LIMIT 10',
  'SELECT * FROM trips LIMIT 1000',
].map((sql, number) => [`Q${number}`, sql]);

/** What RusTs' simulator of an endpoint monitor asks: 8 dashboards, 7 alerts, 5 histories of a device. */
export const OWN_SIMULATOR_QUERIES = [
  latest('Top devices by CPU', 'device_health', 'device_id, max(cpu_usage) AS max_cpu', {
    after: 'ORDER BY max_cpu DESC LIMIT 10',
  }),
  latest('Departments', 'device_health', 'department, avg(cpu_usage) AS cpu, avg(memory_usage) AS memory'),
  latest('Errors by application', 'app_performance', 'application_name, sum(error_count) AS errors', {
    minutes: 15,
    after: 'ORDER BY errors DESC',
  }),
  latest('Experience by location', 'experience_score', 'location, avg(overall_score) AS score'),
  latest('Device types', 'device_health', 'device_type, count(*) AS devices, avg(cpu_usage) AS cpu'),
  latest(
    'Network by connection type',
    'network_health',
    'connection_type, avg(latency_ms) AS latency, avg(packet_loss_pct) AS loss',
  ),
  latest('Crashes by application', 'app_performance', 'application_name, sum(crash_count) AS crashes', {
    minutes: 60,
    after: 'ORDER BY crashes DESC LIMIT 5',
  }),
  latest('Memory by operating system', 'device_health', 'os_version, avg(memory_usage) AS memory'),
  alert('High CPU', 'device_health', 'max(cpu_usage)', '> 80'),
  alert('High memory', 'device_health', 'max(memory_usage)', '> 85'),
  alert('High latency', 'network_health', 'avg(latency_ms)', '> 100'),
  alert('High packet loss', 'network_health', 'avg(packet_loss_pct)', '> 2'),
  alert('Low experience', 'experience_score', 'min(overall_score)', '< 50'),
  latest('Many errors', 'app_performance', 'device_id, application_name, sum(error_count) AS measured', {
    minutes: 15,
    after: 'HAVING measured > 5',
  }),
  alert('Full disks', 'device_health', 'max(disk_usage)', '> 90'),
  history('CPU of a day', 'device_health', 'cpu_usage, memory_usage', '24 hours'),
  history(
    'Experience of a day',
    'experience_score',
    'overall_score, device_score, app_score, network_score',
    '24 hours',
  ),
  history('Latency of 12 hours', 'network_health', 'latency_ms, packet_loss_pct', '12 hours'),
  history('Responses of 6 hours', 'app_performance', 'response_time_ms, error_count', '6 hours'),
  history('Boots of a week', 'device_health', 'boot_time_sec, login_time_sec', '7 days'),
];

function total(what, where) {
  return `SELECT ${what} FROM trips${where === undefined ? '' : ` WHERE ${where}`}`;
}

function grouped(keys, what, where) {
  return `${total(`${keys}, ${what}`, where)} GROUP BY ${keys}`;
}

function top(limit, keys, measure, { where, also = '' } = {}) {
  return `${grouped(keys, measure + also, where)} ORDER BY ${measure} DESC LIMIT ${limit}`;
}

/** Grouped by the columns of the list that are no aggregates. */
function latest(id, table, list, { minutes = 5, after = '' } = {}) {
  const keys = list.split(', ').filter((item) => !item.includes('('));
  return [
    id,
    `SELECT ${list} FROM ${table} WHERE time > now() - INTERVAL '${minutes} minutes' GROUP BY ${keys.join(', ')} ${after}`.trim(),
  ];
}

function alert(id, table, measure, threshold) {
  return latest(id, table, `device_id, ${measure} AS measured`, { after: `HAVING measured ${threshold}` });
}

function history(id, table, columns, span) {
  return [
    id,
    `SELECT time, ${columns} FROM ${table} WHERE device_id = '{device_id}' AND time > now() - INTERVAL '${span}' ORDER BY time`,
  ];
}
