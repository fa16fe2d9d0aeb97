import pg from 'pg';
import {
  type Engine,
  type ErrorRecord,
  formatRow,
  formatSqlTestFile,
  type QueryRecord,
  type SqlTestFile,
  type SqlTestRecord,
} from './sql-test-file.ts';

export interface SqlTestFailure {
  /** `path:line` of the record. */
  readonly where: string;
  readonly sql: string;
  readonly reason: string;
}

export interface SqlTestOutcome {
  readonly executed: number;
  readonly failures: readonly SqlTestFailure[];
  /** The file as it would read with the answers that came. */
  readonly rewritten: string;
}

const STATEMENT_WITHIN_MS = 30_000;
/** Sums of doubles may be added in another order. */
const RELATIVE_TOLERANCE = 1e-12;

/** What a statement came to, with every value as the text that the server sent. */
type Answer =
  | {
      readonly kind: 'result';
      readonly count: number | null;
      readonly columns: readonly { readonly name: string; readonly typeOid: number }[];
      readonly rows: readonly (readonly (string | null)[])[];
    }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly position: number | undefined };

/** Runs the records of a file in order on a connection of their own. A failed record does not stop the file. */
export async function runSqlTestFile(file: SqlTestFile, url: string, engine: Engine): Promise<SqlTestOutcome> {
  const client = new pg.Client({
    connectionString: url,
    query_timeout: STATEMENT_WITHIN_MS,
    types: { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig,
  });
  await client.connect();
  // A connection that breaks shows in the next statement; unheard, the event would end the process.
  client.on('error', () => {});
  try {
    await ask(client, "SET TimeZone TO 'UTC'", []);
    const schema = engine === 'postgresql' ? await enterOwnSchema(client, file.path) : undefined;
    const outcome = await runRecords(file, client, engine);
    if (schema !== undefined) await client.query(`ROLLBACK; DROP SCHEMA ${schema} CASCADE`);
    return outcome;
  } finally {
    await client.end();
  }
}

/** On a PostgreSQL that is not ours nothing is touched but a schema of the file's own. */
async function enterOwnSchema(client: pg.Client, path: string): Promise<string> {
  const schema = `sqltest_${process.pid}_${path.replace(/[^a-z0-9]+/gi, '_').toLowerCase()}`.slice(-60);
  const name = /^[a-z_]/.test(schema) ? schema : `s${schema}`;
  await client.query(`CREATE SCHEMA ${name}; SET search_path TO ${name}`);
  return name;
}

async function runRecords(file: SqlTestFile, client: pg.Client, engine: Engine): Promise<SqlTestOutcome> {
  const failures: SqlTestFailure[] = [];
  const rewritten: SqlTestFile['parts'][number][] = [];
  let executed = 0;
  for (const part of file.parts) {
    if (part.kind === 'passage' || !isFor(part, engine)) {
      rewritten.push(part);
      continue;
    }
    executed++;
    const answer = await ask(client, part.sql, part.bindings);
    const reason = judge(part, answer);
    if (reason !== undefined) failures.push({ where: `${file.path}:${part.line}`, sql: part.sql, reason });
    rewritten.push(withAnswer(part, answer));
  }
  return { executed, failures, rewritten: formatSqlTestFile(rewritten) };
}

function isFor(record: SqlTestRecord, engine: Engine): boolean {
  if (record.condition === undefined) return true;
  return (record.condition.engine === engine) === (record.condition.kind === 'onlyif');
}

async function ask(client: pg.Client, sql: string, bindings: readonly (string | null)[]): Promise<Answer> {
  try {
    const result = await client.query({
      text: sql,
      rowMode: 'array',
      ...(bindings.length === 0 ? {} : { values: [...bindings] }),
    });
    // Several statements in one text give several results; the last one counts.
    const last: pg.QueryArrayResult = Array.isArray(result) ? result.at(-1) : result;
    return {
      kind: 'result',
      count: last.rowCount,
      columns: (last.fields ?? []).map((field) => ({ name: field.name, typeOid: field.dataTypeID })),
      rows: last.rows as (string | null)[][],
    };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) {
      return { kind: 'error', code: 'no answer', message: String(error), position: undefined };
    }
    return {
      kind: 'error',
      code: error.code ?? '',
      message: error.message,
      position: error.position === undefined ? undefined : Number(error.position),
    };
  }
}

/** Why the answer is wrong, or undefined. */
function judge(record: SqlTestRecord, answer: Answer): string | undefined {
  if (record.kind === 'error') return judgeError(record, answer);
  if (answer.kind === 'error') return `error ${answer.code}: ${answer.message}`;
  switch (record.kind) {
    case 'ok':
      return undefined;
    case 'count':
      return answer.count === record.count ? undefined : `${answer.count} rows, not ${record.count}`;
    case 'describe':
      return differenceOf(record.columns, answer.columns.map(describeColumn));
    case 'query':
      return judgeRows(record, answer);
  }
}

function judgeError(record: ErrorRecord, answer: Answer): string | undefined {
  if (answer.kind === 'result') return `no error, but ${answer.rows.length} rows; expected ${record.code}`;
  const got = `error ${answer.code} @${answer.position ?? '-'}: ${answer.message}`;
  if (answer.code !== record.code) return `${got}; expected ${record.code}`;
  if (record.message !== undefined && answer.message !== record.message) return `${got}; expected: ${record.message}`;
  if (record.position !== undefined && answer.position !== record.position) {
    return `${got}; expected position ${record.position}`;
  }
  return undefined;
}

function judgeRows(record: QueryRecord, answer: Answer & { kind: 'result' }): string | undefined {
  const types = typesOf(answer);
  if (types !== record.types) return `columns are ${types || 'none'}, not ${record.types}`;
  const rows = answer.rows.map(formatRow);
  const expected = record.sort === 'rowsort' ? [...record.rows].sort() : record.rows;
  const got = record.sort === 'rowsort' ? rows.sort() : rows;
  const isEqual = expected.length === got.length && expected.every((row, i) => isSameRow(row, got[i], types));
  return isEqual ? undefined : differenceOf(expected, got);
}

/** Equal texts, or texts that differ only in the last digits of columns of type double precision and real. */
function isSameRow(expected: string, got: string, types: string): boolean {
  if (expected === got) return true;
  const expectedValues = expected.split('  ');
  const gotValues = got.split('  ');
  if (expectedValues.length !== types.length || gotValues.length !== types.length) return false;
  return expectedValues.every(
    (value, i) => value === gotValues[i] || (types[i] === 'R' && isNear(value, gotValues[i])),
  );
}

function isNear(expected: string, got: string): boolean {
  const wanted = Number(expected);
  const difference = Math.abs(wanted - Number(got));
  // The same number in other words is a mistake of the output, not of the sum.
  return difference > 0 && difference <= Math.abs(wanted) * RELATIVE_TOLERANCE;
}

function differenceOf(expected: readonly string[], got: readonly string[]): string | undefined {
  if (expected.length === got.length && expected.every((line, i) => line === got[i])) return undefined;
  return `expected\n${expected.join('\n')}\n  got\n${got.join('\n')}`;
}

/** The record with what the server answered; only ever asked of PostgreSQL. */
function withAnswer(record: SqlTestRecord, answer: Answer): SqlTestRecord {
  const { line, condition, bindings, sql } = record;
  if (answer.kind === 'error') {
    const position = record.kind === 'error' && record.position !== undefined ? answer.position : undefined;
    return { line, condition, bindings, sql, kind: 'error', code: answer.code, position, message: answer.message };
  }
  switch (record.kind) {
    case 'ok':
    case 'error':
      return { line, condition, bindings, sql, kind: 'ok' };
    case 'count':
      return { ...record, count: answer.count ?? 0 };
    case 'describe':
      return { ...record, columns: answer.columns.map(describeColumn) };
    case 'query': {
      const rows = answer.rows.map(formatRow);
      return { ...record, types: typesOf(answer), rows: record.sort === 'rowsort' ? rows.sort() : rows };
    }
  }
}

function typesOf(answer: Answer & { kind: 'result' }): string {
  return answer.columns.map((column) => TYPES[column.typeOid]?.[1] ?? 'T').join('');
}

function describeColumn(column: { name: string; typeOid: number }): string {
  return `${column.name}  ${TYPES[column.typeOid]?.[0] ?? `type ${column.typeOid}`}`;
}

/** Name in pg_type, and the letter of `query`: whole numbers, numeric, floating point, boolean, anything else. */
const TYPES: Readonly<Record<number, readonly [name: string, letter: string]>> = {
  16: ['bool', 'B'],
  17: ['bytea', 'T'],
  18: ['char', 'T'],
  19: ['name', 'T'],
  20: ['int8', 'I'],
  21: ['int2', 'I'],
  23: ['int4', 'I'],
  25: ['text', 'T'],
  26: ['oid', 'I'],
  700: ['float4', 'R'],
  701: ['float8', 'R'],
  705: ['unknown', 'T'],
  1000: ['_bool', 'T'],
  1007: ['_int4', 'T'],
  1009: ['_text', 'T'],
  1016: ['_int8', 'T'],
  1022: ['_float8', 'T'],
  1042: ['bpchar', 'T'],
  1043: ['varchar', 'T'],
  1082: ['date', 'T'],
  1083: ['time', 'T'],
  1114: ['timestamp', 'T'],
  1184: ['timestamptz', 'T'],
  1186: ['interval', 'T'],
  1231: ['_numeric', 'T'],
  1266: ['timetz', 'T'],
  1700: ['numeric', 'N'],
  2206: ['regtype', 'T'],
  2278: ['void', 'T'],
  2950: ['uuid', 'T'],
};

export function formatFailures(failures: readonly SqlTestFailure[]): string {
  return failures
    .map(({ where, sql, reason }) => `${where}\n  ${sql.replaceAll('\n', '\n  ')}\n  ${reason}`)
    .join('\n\n');
}
