import { readFileSync } from 'node:fs';
import { findSqlTestFiles } from '../support/find-sql-tests.ts';
import { parseSqlTestFile, type SqlTestRecord } from '../support/sql-test-file.ts';

export interface ShownStatement {
  /** From the root of the project. */
  readonly file: string;
  readonly sql: string;
  /** Without string literals and comments, in which anything may stand. */
  readonly code: string;
}

/** The statements that records of sql-tests show to work on Tidewire, in the order of the files. */
export async function shownStatements(): Promise<readonly ShownStatement[]> {
  const shown: ShownStatement[] = [];
  for (const file of await findSqlTestFiles()) {
    for (const part of parseSqlTestFile(file, readFileSync(file, 'utf8')).parts) {
      if (part.kind === 'passage' || !isShown(part)) continue;
      shown.push({ file, sql: part.sql, code: withoutTexts(part.sql) });
    }
  }
  return shown;
}

function isShown({ kind, condition }: SqlTestRecord): boolean {
  if (kind === 'error') return false;
  const runsHere = condition === undefined || (condition.kind === 'onlyif') === (condition.engine === 'tidewire');
  return runsHere;
}

function withoutTexts(sql: string): string {
  return sql.replaceAll(/--[^\n]*/g, '').replaceAll(/'(?:[^']|'')*'/g, "''");
}

/** The first file that shows what the pattern describes. */
export function firstShown(shown: readonly ShownStatement[], pattern: RegExp): string | undefined {
  return shown.find(({ code }) => pattern.test(code))?.file;
}
