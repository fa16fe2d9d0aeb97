import { cpuDataset } from './cpu.mjs';
import { rowsOf, strangeInserts } from './rough-rows.mjs';

/** No divisor of the number of hosts: every host has late points. */
const LATE_EVERY = 47;
/** Every second of the late ones corrects what had come before. */
const CORRECTED_EVERY = 2 * LATE_EVERY;

const HOSTS = ["'host_3'", "'host_14'", "'host_25'", "'__proto__'", "'温度'", "'a b, c=d'", 'NULL'];
const TAGS = ["'eu-west-1'", "' '", "'NULL'", "'🌡️'", 'NULL'];
const INTEGERS = ['0', '-1', '91', '100', '9007199254740993', '9223372036854775807', '-9223372036854775808', 'NULL'];
const SECONDS = [
  '0001-01-01 00:00:00',
  '9999-12-31 23:59:59',
  '2024-01-02 02:59:59',
  '2024-01-02 03:00:00',
  '2024-01-02 09:30:00',
  '2024-01-03 11:59:59',
];

/**
 * The cpu set as life has it, in `rough_cpu`: every 47th point comes late, after all others, and half of those correct a
 * point that had come with other values; `strangeRows` have NULLs, integers past 2^53, the years 1 and 9999, and tags that
 * break what they can. Then about a point in a hundred is deleted, all over the table. PostgreSQL has one wide table, too,
 * and is never given what is corrected later.
 */
export function roughCpu({ hosts, days, strangeRows = 2000 }) {
  const clean = cpuDataset({ hosts, days });
  const [cpu] = clean.tables;
  const table = {
    ...cpu,
    name: 'rough_cpu',
    hasHeader: false,
    postgresIndexes: ['(hostname, time DESC)', '(time DESC)'],
  };
  const isLate = (number) => number % LATE_EVERY === 0;
  const csv = (wanted) => () => rowsOf(cpu.csv, (row, number) => (wanted(number) ? row : undefined), cpu);
  const strange = strangeInserts(table.name, strangeRows, (pick, number) => [
    // No two at one time, so that each host has one last point.
    `'${pick(SECONDS)}.${String(number).padStart(6, '0')}+00'`,
    ...table.tags.map((tag) => pick(tag === 'hostname' ? HOSTS : TAGS)),
    ...table.fields.map(() => pick(INTEGERS)),
  ]);
  return {
    name: `rough-${clean.name}`,
    tables: [table],
    lineProtocol: () => rowsOf(clean.lineProtocol, firstLine),
    postgresTables: [{ ...table, csv: csv((number) => !isLate(number)) }],
    late: {
      ...table,
      csv: csv(isLate),
      lines: () => rowsOf(clean.lineProtocol, (line, number) => (isLate(number) ? renamed(line) : undefined)),
    },
    afterwards: [...strange, 'DELETE FROM rough_cpu WHERE usage_nice = 50'],
  };
}

/** What comes of a point at first: nothing where it is late, other values where it is corrected later. */
function firstLine(line, number) {
  if (number % CORRECTED_EVERY === 0) return renamed(line).replace(/=\d+i/g, '=99i');
  return number % LATE_EVERY === 0 ? undefined : renamed(line);
}

function renamed(line) {
  return `rough_${line}`;
}
