import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SqlError } from '../../../src/errors/sql-error.ts';
import { loadParser, parseSql } from '../../../src/sql/syntax/parse-sql.ts';

/** Recordings of real clients, beside the repository where it is developed; not part of it. */
const CORPUS = fileURLToPath(new URL('../../../../shared/client-corpus', import.meta.url));

await loadParser();

describe.skipIf(!existsSync(CORPUS))('what real clients send (skipped where the recordings are missing)', () => {
  for (const client of clientsOf(CORPUS)) {
    test(`${client} converts or is refused with 0A000`, () => {
      const surprises: string[] = [];
      let converted = 0;
      for (const statement of statementsOf(join(CORPUS, client))) {
        try {
          for (const parsed of parseSql(statement)) {
            converted++;
            expect(parsed.text).not.toBe('');
          }
        } catch (error) {
          if (!isRefusal(error)) surprises.push(`${error}\n${statement}`);
        }
      }
      expect(surprises).toEqual([]);
      expect(converted).toBeGreaterThan(0);
    });
  }
});

/** Clients also send statements that PostgreSQL itself refuses; those answer 42601 here as there. */
function isRefusal(error: unknown): boolean {
  return error instanceof SqlError && (error.code === '0A000' || error.code === '42601');
}

function clientsOf(directory: string): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

function* statementsOf(directory: string): Generator<string> {
  for (const file of readdirSync(directory).sort()) {
    yield* readFileSync(join(directory, file), 'utf8').split(/^-- ;;$/m);
  }
}
