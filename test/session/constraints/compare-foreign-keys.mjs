// Runs random programs over tables with foreign keys on a PostgreSQL and on a Tidewire, and says where they differ:
//
//   node test/session/constraints/compare-foreign-keys.mjs POSTGRES_URL TIDEWIRE_URL [--runs N] [--seed N] [--record FILE]
//
// --record writes what PostgreSQL answered, which the tests replay.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import pg from 'pg';
import { contents, program, run, TABLES } from './foreign-key-programs.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    record: { type: 'string' },
  },
});
const [postgresUrl, tidewireUrl] = positionals;
const postgres = new pg.Client({ connectionString: postgresUrl });
const tidewire = new pg.Client({ connectionString: tidewireUrl });
await postgres.connect();
await tidewire.connect();
const schema = `foreign_keys_${process.pid}`;
await postgres.query(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}`);

const recorded = [];
let statementCount = 0;
let errorCount = 0;
try {
  await fc.assert(
    fc.asyncProperty(program, async ({ tables, statements }) => {
      const steps = [];
      for (const client of [postgres, tidewire]) {
        await client.query('ROLLBACK').catch(() => {});
        await client.query(`DROP TABLE IF EXISTS ${[...TABLES].reverse().join(', ')} CASCADE`);
        for (const sql of tables) await client.query(sql);
      }
      for (const sql of statements) {
        const [expected, actual] = await Promise.all([run(postgres, sql), run(tidewire, sql)]);
        const [expectedRows, actualRows] = await Promise.all([contents(postgres), contents(tidewire)]);
        steps.push({ sql, outcome: expected, rows: expectedRows });
        statementCount++;
        if (/^\d/.test(expected)) errorCount++;
        const before = () =>
          `${tables.join(';\n')};\n${steps.map((step) => `${step.sql}; -- ${step.outcome}\n   -- ${step.rows}`).join('\n')}`;
        if (expected !== actual) throw new Error(`${before()}\nPostgreSQL: ${expected}\nTidewire:   ${actual}`);
        if (expectedRows !== actualRows)
          throw new Error(`${before()}\nPostgreSQL: ${expectedRows}\nTidewire:   ${actualRows}`);
      }
      recorded.push({ tables, steps: steps.map(({ sql, outcome, rows }) => [sql, outcome, rows]) });
    }),
    { numRuns: Number(values.runs), seed: Number(values.seed), endOnFailure: process.env.SHRINK === undefined },
  );
  console.log(`${values.runs} programs, ${statementCount} statements, ${errorCount} of them errors: no difference`);
  if (values.record !== undefined)
    writeFileSync(values.record, `[\n${recorded.map((made) => JSON.stringify(made)).join(',\n')}\n]\n`);
} finally {
  await postgres.query('ROLLBACK').catch(() => {});
  await postgres.query(`DROP SCHEMA ${schema} CASCADE`);
  await postgres.end();
  await tidewire.end();
}
