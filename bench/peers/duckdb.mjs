import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFiles } from '../datasets/rows-source.mjs';
import { importInstalled } from './bench-packages.mjs';
import { definitionOf } from './definition.mjs';

/** DuckDB in this process, on a file, with as many threads as it likes. */
export async function startDuckdb({ mayInstall = true } = {}) {
  const { DuckDBInstance } = await importInstalled('@duckdb/node-api', { mayInstall });
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-duckdb-'));
  const file = join(directory, 'data.duckdb');
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const facts = await connection.runAndReadAll("SELECT version(), current_setting('threads')");
  const [version, threads] = facts.getRows()[0];
  return {
    name: 'duckdb',
    title: 'DuckDB',
    version: `DuckDB ${version} (${threads} threads)`,
    file,
    run: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
    async answer(sql) {
      const reader = await connection.runAndReadAll(sql);
      return { columns: reader.columnNames().map((name) => ({ name })), rows: reader.getRows() };
    },
    async load(dataset) {
      const start = performance.now();
      for (const table of dataset.tables) {
        await connection.run(`CREATE TABLE ${table.name} (${definitionOf(table)})`);
        await withFiles(table.csv, (path) =>
          connection.run(`COPY ${table.name} FROM '${path}' (FORMAT csv, HEADER ${table.hasHeader === true})`),
        );
      }
      await connection.run('CHECKPOINT');
      return { seconds: (performance.now() - start) / 1000 };
    },
    async drop(dataset) {
      for (const { name } of dataset.tables) await connection.run(`DROP TABLE IF EXISTS ${name}`);
    },
    async stop() {
      connection.closeSync();
      instance.closeSync();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
