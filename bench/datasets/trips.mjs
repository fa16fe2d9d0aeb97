import { generatedFile } from './generated-file.mjs';

const TAGS = ['hvfhs_license_num', 'dispatching_base_num'];

const FIELDS = [
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

/** `rows` taxi trips over 30 days, ordered by time: a table without a key. */
export function tripsDataset(rows = 1_250_000) {
  return {
    name: `trips-${rows}`,
    tables: [
      {
        name: 'trips',
        tags: TAGS,
        fields: FIELDS,
        csv: generatedFile(`trips-${rows}.csv`, 'gen_trips.mjs', [String(rows)]),
        hasHeader: true,
        clickhouseOrder: 'time',
        postgresIndexes: ['(time)'],
      },
    ],
  };
}
