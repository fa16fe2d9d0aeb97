import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { Instance } from '../database/instance.ts';
import { SqlError } from '../errors/sql-error.ts';
import { Interval } from '../types/interval.ts';
import { type ImportOptions, importFile, openImportSource } from './import/import-file.ts';
import { ImportError } from './import/import-source.ts';
import { Interruption } from './import/interruption.ts';
import { importTypeContext } from './import/type-context.ts';

const MICROS_PER_DAY = 86_400_000_000;

interface ImportFlags {
  readonly table: string;
  readonly time: string;
  readonly tags: string;
  readonly partition: string;
  readonly database: string;
  readonly dataDir: string;
}

/** `tidewire import FILE`: a Parquet or CSV file becomes a time-series table. */
export function importCommand(): Command {
  return new Command('import')
    .description('store a Parquet or CSV file as a new time-series table (the server must not be running)')
    .argument('<file>', 'a .parquet or .csv file; a CSV file names its columns in the first line')
    .requiredOption('--table <name>', 'name of the table to make')
    .requiredOption('--time <column>', 'the column that holds the time; without a zone it is taken as UTC')
    .option('--tags <columns>', 'columns that identify a series, separated by commas', '')
    .option('--partition <interval>', 'time that one partition spans', '1 day')
    .option('--database <name>', 'database to import into', 'tidewire')
    .option('--data-dir <directory>', 'where the data lies', './tidewire-data')
    .action(async (file: string, flags: ImportFlags) => {
      const source = await openImportSource(file, importTypeContext());
      const options: ImportOptions = {
        table: flags.table,
        timeColumn: flags.time,
        tagColumns: flags.tags === '' ? [] : flags.tags.split(',').map((name) => name.trim()),
        partitionMicros: parsePartition(flags.partition),
      };
      const instance = await Instance.open({ directory: resolve(flags.dataDir) });
      try {
        const database = instance.database(flags.database);
        if (database === undefined) throw new ImportError(`there is no database "${flags.database}"`);
        const interruption = new Interruption();
        const bar = progressBar(source.rowCount);
        const rowCount = await importFile(database, source, {
          ...options,
          onProgress: (rows) => {
            interruption.check();
            bar.update(rows);
          },
        }).finally(() => {
          bar.stop();
          interruption.end();
        });
        process.stdout.write(`imported ${rowCount} rows into ${flags.table}\n`);
      } finally {
        await instance.close();
      }
    });
}

/** A bar on standard error, which prints a line now and then where that is no terminal. */
export function progressBar(rowCount: number): SingleBar {
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {value} of {total} rows | {duration_formatted}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 1000,
  });
  bar.start(rowCount, 0);
  return bar;
}

function parsePartition(text: string): number {
  const interval = parseInterval(text);
  const micros = interval === undefined ? 0 : Number(interval.micros) + interval.days * MICROS_PER_DAY;
  if (interval === undefined || interval.months !== 0 || !(micros > 0) || !Number.isSafeInteger(micros)) {
    throw new ImportError(
      `--partition takes a positive length of days, hours or smaller units, not "${text.slice(0, 40)}"`,
      "For example --partition '30 days'.",
    );
  }
  return micros;
}

function parseInterval(text: string): Interval | undefined {
  try {
    return Interval.parse(text);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}
