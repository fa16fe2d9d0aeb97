import { rowsOf, strangeInserts } from './rough-rows.mjs';
import { tripsDataset } from './trips.mjs';

const LATE_EVERY = 50;

const TEXTS = ["''", "' '", "'NULL'", "'\\'", "'\"'", "''''", "'🌡️ 21 °C'", "'two\nlines'", `'${'x'.repeat(3000)}'`];
const TAGS = ["'HV0003'", "'HV0005'", "'__proto__'", "'温度'", "'A b, c=d'", 'NULL'];
const INTEGERS = ['0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808', 'NULL', '132'];
// Nothing so large that a sum would depend on its order.
const AMOUNTS = ['0', "'-0'", '0.1', '5e-324', '123456.789', '-7.25', 'NULL'];
const STRANGE_MILES = ["'NaN'", "'Infinity'", "'-Infinity'", '1.7976931348623157e308', 'NULL', '3.5'];
const TIMES = [
  '0001-01-01 00:00:00+00',
  '9999-12-31 23:59:59.999999+00',
  '1969-12-31 23:59:59.999999+00',
  '2024-01-15 00:00:00.000001+00',
  '2024-01-15 00:30:00+00',
  '2024-01-29 23:59:59.999999+00',
];

/**
 * Trips as life has them, in `rough_trips`: of the rows of `trips` every 50th comes late, after all others; with it come
 * `strangeRows` of NULLs, NaN, infinities, integers past 2^53, the years 1 and 9999, and texts and tags that break what
 * they can. Then about a row in a hundred is deleted, all over the table.
 */
export function roughTrips(rows, { strangeRows = 2000 } = {}) {
  const [trips] = tripsDataset(rows).tables;
  const table = { ...trips, name: 'rough_trips', hasHeader: false };
  const part = (isLate) => () =>
    rowsOf(trips.csv, (row, number) => ((number % LATE_EVERY === 0) === isLate ? row : undefined), trips);
  const literal = (pick, [field, type]) => {
    if (type === 'text') return pick(TEXTS);
    if (type === 'bigint') return pick(INTEGERS);
    return pick(field === 'trip_miles' ? STRANGE_MILES : AMOUNTS);
  };
  const strange = strangeInserts(table.name, strangeRows, (pick) => [
    `'${pick(TIMES)}'`,
    ...table.tags.map(() => pick(TAGS)),
    ...table.fields.map((field) => literal(pick, field)),
  ]);
  return {
    name: `rough-trips-${rows}`,
    tables: [{ ...table, csv: part(false) }],
    late: { ...table, csv: part(true) },
    afterwards: [...strange, 'DELETE FROM rough_trips WHERE trip_time % 97 = 3'],
  };
}
