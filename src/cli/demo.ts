import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../server/config.ts';
import { startServer } from '../server/start-server.ts';
import { drawChart } from './demo/draw-chart.ts';
import { drawTable } from './demo/draw-table.ts';
import { QUESTIONS } from './demo/questions.ts';
import { importFile, openImportSource } from './import/import-file.ts';
import { ImportError } from './import/import-source.ts';
import { Interruption } from './import/interruption.ts';
import { importTypeContext } from './import/type-context.ts';
import { progressBar } from './import.ts';

const PARTITION_MICROS = 30 * 86_400_000_000;

/** `tidewire demo`: three million real flights, five questions, asked over the PostgreSQL protocol. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('import three million real flights into a temporary server and ask five questions')
    .action(runDemo);
}

async function runDemo(): Promise<void> {
  const file = flightsFile();
  const { Client } = (await import('pg')).default;
  const directory = await mkdtemp(join(tmpdir(), 'tidewire-demo-'));
  const config = loadConfig({ 'data-dir': directory, 'pg-port': 0, 'http-port': 0 }, undefined);
  const server = await startServer(config, () => {});
  const interruption = new Interruption();
  try {
    say(`A server is up: pgwire on port ${server.pgPort}, HTTP on port ${server.httpPort}.`);
    say('Importing 3 million flights of 2001 (vega-datasets, flights-3m.parquet) …');
    const source = await openImportSource(file, importTypeContext());
    const database = server.instance.database('tidewire');
    if (database === undefined) throw new ImportError('the new data directory has no database "tidewire"');
    const bar = progressBar(source.rowCount);
    const start = performance.now();
    const rowCount = await importFile(database, source, {
      table: 'flights',
      timeColumn: 'date',
      tagColumns: ['origin', 'destination'],
      partitionMicros: PARTITION_MICROS,
      onProgress: (rows) => {
        interruption.check();
        bar.update(rows);
      },
    }).finally(() => bar.stop());
    say(`${rowCount.toLocaleString('en')} rows in ${((performance.now() - start) / 1000).toFixed(1)} s.`);

    const client = new Client({ host: '127.0.0.1', port: server.pgPort, user: 'postgres', database: 'tidewire' });
    await client.connect();
    for (const question of QUESTIONS) {
      interruption.check();
      const asked = performance.now();
      const { rows } = await client.query<Record<string, unknown>>(question.sql);
      const elapsedMs = performance.now() - asked;
      say(`\n${question.title}\n\n  ${question.sql.replaceAll('\n', '\n  ')}\n`);
      say(question.chart === undefined ? drawTable(rows) : drawChart(rows, question.chart));
      say(`\n  ${rows.length} row${rows.length === 1 ? '' : 's'} in ${elapsedMs.toFixed(0)} ms`);
    }
    await client.end();
  } finally {
    await server.stop(1000);
    await rm(directory, { recursive: true, force: true });
    interruption.end();
  }
}

function flightsFile(): string {
  try {
    // The package exports its entry alone, which lies in a folder beside the data.
    const entry = createRequire(import.meta.url).resolve('vega-datasets');
    return join(dirname(entry), '..', 'data', 'flights-3m.parquet');
  } catch {
    throw new ImportError(
      'the demo needs the npm package vega-datasets, which holds the flights',
      'Run the demo from a clone of the repository after "npm ci", or install vega-datasets and pg beside tidewire.',
    );
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
