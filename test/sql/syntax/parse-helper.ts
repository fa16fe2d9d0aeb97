import { SqlError } from '../../../src/errors/sql-error.ts';
import type { Statement } from '../../../src/sql/syntax/ast.ts';
import type { SyntaxExpression } from '../../../src/sql/syntax/expression-ast.ts';
import { loadParser, parseSql } from '../../../src/sql/syntax/parse-sql.ts';
import type { SelectStatement } from '../../../src/sql/syntax/query-ast.ts';

await loadParser();

export function parseOne(text: string): Statement {
  const parsed = parseSql(text);
  if (parsed.length !== 1) throw new Error(`${parsed.length} statements in ${text}`);
  return parsed[0].statement;
}

export function parseSelect(text: string): SelectStatement {
  const statement = parseOne(text);
  if (statement.kind !== 'select') throw new Error(`${statement.kind} is not a SELECT`);
  return statement;
}

/** The tree of one expression of a select list. */
export function parseExpression(text: string): SyntaxExpression {
  return parseSelect(`SELECT ${text}`).targets[0].expression;
}

/** `value` without its positions, for tables of trees that care about shape alone. */
export function withoutPositions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPositions);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'position')
      .map(([name, field]) => [name, withoutPositions(field)]),
  );
}

/** 'SQLSTATE message @position', for tables of errors. */
export function errorOf(text: string): string {
  try {
    parseSql(text);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { position } = error.fields;
    return `${error.code} ${error.message}${position === undefined ? '' : ` @${position}`}`;
  }
  throw new Error(`parsed: ${text}`);
}
