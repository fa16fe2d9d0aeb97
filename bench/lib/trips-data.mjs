import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = join(dirname(fileURLToPath(import.meta.url)), '..');

export const TRIP_TAGS = ['hvfhs_license_num', 'dispatching_base_num'];

/** The fields of the trips set with their SQL types. */
export const TRIP_FIELDS = [
  ['PULocationID', 'bigint'],
  ['DOLocationID', 'bigint'],
  ['trip_miles', 'double precision'],
  ['trip_time', 'bigint'],
  ['base_passenger_fare', 'double precision'],
  ['tolls', 'double precision'],
  ['bcf', 'double precision'],
  ['sales_tax', 'double precision'],
  ['congestion_surcharge', 'double precision'],
  ['airport_fee', 'double precision'],
  ['tips', 'double precision'],
  ['driver_pay', 'double precision'],
  ['shared_request_flag', 'text'],
  ['shared_match_flag', 'text'],
  ['access_a_ride_flag', 'text'],
  ['wav_request_flag', 'text'],
  ['wav_match_flag', 'text'],
];

/** The CSV file of `rows` taxi trips, ordered by time; generated once and kept. */
export function tripsData(rows = 1_250_000) {
  const file = join(BENCH, 'data', `trips-${rows}.csv`);
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  console.log(`generating the trips data set (${rows} rows) …`);
  execFileSync(process.execPath, [join(BENCH, 'generators', 'gen_trips.mjs'), `${file}.unfinished`, String(rows)]);
  renameSync(`${file}.unfinished`, file);
  return file;
}
