import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFiles } from '../datasets/rows-source.mjs';
import { importInstalled } from './bench-packages.mjs';
import { definitionOf } from './definition.mjs';

const FORMAT = 'JSONCompact';
const CSV_SETTINGS = "date_time_input_format = 'best_effort', input_format_csv_trim_whitespaces = 0";
const TYPES = { timestamptz: "DateTime('UTC')", text: 'LowCardinality(String)', bigint: 'Int64' };

/** ClickHouse in this process (chdb), on MergeTree tables; its rows arrive as text, which is not parsed. */
export async function startClickhouse({ mayInstall = true } = {}) {
  const { Session } = await importInstalled('chdb', { mayInstall });
  const directory = mkdtempSync(join(tmpdir(), 'tidewire-chdb-'));
  const session = new Session(directory);
  session.query('CREATE DATABASE bench ENGINE = Atomic');
  session.query('USE bench');
  session.query('SET output_format_json_quote_64bit_integers = 1');
  const answer = (sql) => {
    const { meta, data } = JSON.parse(session.query(sql, FORMAT));
    return { columns: meta, rows: data };
  };
  return {
    name: 'clickhouse',
    title: 'ClickHouse',
    version: `ClickHouse ${answer('SELECT version()').rows[0][0]} (chdb)`,
    run: async (sql) => session.query(sql, FORMAT),
    answer: async (sql) => answer(sql),
    async load(dataset) {
      const start = performance.now();
      for (const table of dataset.tables) {
        const definition = definitionOf(table, clickhouseType);
        // A blank is only kept where the file is said to hold plain strings.
        const inFile = definition.replaceAll(TYPES.text, 'String');
        session.query(
          `CREATE TABLE ${table.name} (${definition}) ENGINE = MergeTree ORDER BY ${table.clickhouseOrder}`,
        );
        const format = table.hasHeader ? 'CSVWithNames' : 'CSV';
        await withFiles(table.csv, (path) =>
          session.query(
            `INSERT INTO ${table.name} SELECT * FROM file('${path}', ${format}, ${quoted(inFile)}) SETTINGS ${CSV_SETTINGS}`,
          ),
        );
      }
      const seconds = (performance.now() - start) / 1000;
      for (const { name } of dataset.tables) session.query(`OPTIMIZE TABLE ${name} FINAL`);
      return { seconds };
    },
    async drop(dataset) {
      for (const { name } of dataset.tables) session.query(`DROP TABLE IF EXISTS ${name} SYNC`);
    },
    async stop() {
      session.cleanup?.();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function clickhouseType(type) {
  return TYPES[type] ?? (type === 'double precision' ? 'Float64' : type);
}

function quoted(text) {
  return `'${text.replaceAll("'", "\\'")}'`;
}
