import { createHash } from 'node:crypto';
import { postgresTypeName, typeLetter } from './postgres-type-names.ts';
import { type ErrorRecord, formatRow, type QueryRecord, type SqlTestRecord, writeValue } from './sql-test-file.ts';
import type { Answer, ColumnDescription, MessageFields, StatementResult } from './statement-client.ts';

/** Sums of doubles may be added in another order. */
const RELATIVE_TOLERANCE = 1e-12;

/** The fields of an error that stand below `----`, in this order. Schemas are left out: each engine has its own. */
const ERROR_FIELDS: readonly (readonly [letter: string, name: string])[] = [
  ['D', 'DETAIL'],
  ['H', 'HINT'],
  ['W', 'CONTEXT'],
  ['t', 'TABLE'],
  ['c', 'COLUMN'],
  ['d', 'DATATYPE'],
  ['n', 'CONSTRAINT'],
];
/** Only what is written is checked, except for these, which may not come unasked either. */
const STRICT_FIELDS: readonly string[] = ['DETAIL', 'HINT'];

/** Why the answer is wrong, or undefined. */
export function judgeAnswer(record: SqlTestRecord, answer: Answer): string | undefined {
  if (record.kind === 'error') return judgeError(record, answer) ?? judgeNotices(record, answer);
  if (answer.error !== undefined) return writeError(answer.error);
  return judgeResult(record, lastResult(answer), record.isBinary) ?? judgeNotices(record, answer);
}

function judgeResult(
  record: Exclude<SqlTestRecord, ErrorRecord>,
  result: StatementResult,
  isBinary: boolean,
): string | undefined {
  switch (record.kind) {
    case 'ok':
      return undefined;
    case 'count':
      return countOf(result) === record.count ? undefined : `${countOf(result)} rows, not ${record.count}`;
    case 'tag':
      return result.tag === record.tag ? undefined : `tag is ${result.tag}, not ${record.tag}`;
    case 'describe':
      return differenceOf(record.columns, (result.columns ?? []).map(describeColumn));
    case 'query':
      return judgeRows(record, result, isBinary);
  }
}

function judgeNotices(record: SqlTestRecord, answer: Answer): string | undefined {
  return record.notices === undefined ? undefined : differenceOf(record.notices, answer.notices.map(writeNotice));
}

function judgeError(record: ErrorRecord, { error, results }: Answer): string | undefined {
  if (error === undefined) return `no error, but ${results.at(-1)?.rows.length ?? 0} rows; expected ${record.code}`;
  const got = writeError(error);
  if (error.get('C') !== record.code) return `${got}; expected ${record.code}`;
  if (record.message !== undefined && messageOf(error) !== record.message) return `${got}; expected: ${record.message}`;
  if (record.position !== undefined && (positionOf(error) ?? 'none') !== record.position) {
    return `${got}; expected position ${record.position}`;
  }
  return record.fields === undefined ? undefined : judgeFields(record.fields, error);
}

function judgeFields(expected: readonly string[], error: MessageFields): string | undefined {
  const names = new Set([...STRICT_FIELDS, ...expected.map((line) => line.slice(0, line.indexOf(':')))]);
  const got = fieldsOf(error).filter((line) => names.has(line.slice(0, line.indexOf(':'))));
  return differenceOf(expected, got);
}

function judgeRows(record: QueryRecord, result: StatementResult, isBinary: boolean): string | undefined {
  const types = typesOf(result);
  if (types !== record.types) return `columns are ${types || 'none'}, not ${record.types}`;
  if (record.hasColumns && record.columns !== columnsLine(result)) {
    return `columns are\n${columnsLine(result)}\n  not\n${record.columns}`;
  }
  const got = rowsOf(result, record, isBinary);
  const expected = record.sort === 'rowsort' ? [...record.rows].sort() : record.rows;
  const letters = record.sort === 'valuesort' ? '' : types;
  const isEqual = expected.length === got.length && expected.every((row, i) => isSameRow(row, got[i], letters));
  return isEqual ? undefined : differenceOf(expected, got);
}

/** The lines below `----` (and below the line of columns) for a result. */
function rowsOf(result: StatementResult, { sort, isHashed }: QueryRecord, isBinary: boolean): readonly string[] {
  const rows = result.rows.map((row) => row.map((value) => showValue(value, isBinary)));
  let lines = rows.map(formatRow);
  if (sort === 'rowsort') lines.sort();
  // By bytes of UTF-16, on both sides alike.
  else if (sort === 'valuesort') lines = rows.flat().map(writeValue).sort();
  if (!isHashed) return lines;
  const hash = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
  return [`${result.rows.length} rows hash to ${hash}`];
}

function showValue(value: Buffer | null, isBinary: boolean): string | null {
  if (value === null) return null;
  return isBinary ? `0x${value.toString('hex')}` : value.toString('utf8');
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
export function withAnswer(record: SqlTestRecord, answer: Answer): SqlTestRecord {
  const { line, condition, connection, isBackground, isExtended, isBinary, bindings, sql } = record;
  const notices = record.notices === undefined ? undefined : answer.notices.map(writeNotice);
  const base = { line, condition, connection, isBackground, isExtended, isBinary, bindings, notices, sql };
  if (answer.error !== undefined) return errorRecord(record, answer.error, base);
  const result = lastResult(answer);
  switch (record.kind) {
    case 'ok':
    case 'error':
      return { ...base, kind: 'ok' };
    case 'count':
      return { ...base, kind: 'count', count: countOf(result) };
    case 'tag':
      return { ...base, kind: 'tag', tag: result.tag ?? '' };
    case 'describe':
      return { ...base, kind: 'describe', columns: (result.columns ?? []).map(describeColumn) };
    case 'query':
      return {
        ...record,
        notices,
        types: typesOf(result),
        columns: record.hasColumns ? columnsLine(result) : undefined,
        rows: rowsOf(result, record, isBinary),
      };
  }
}

/** A new record gets all there is to say; one that left out the position or the fields did so on purpose. */
function errorRecord(
  record: SqlTestRecord,
  error: MessageFields,
  base: Omit<ErrorRecord, 'kind' | 'code' | 'position' | 'message' | 'fields'>,
): ErrorRecord {
  const isNew = record.kind !== 'error' || record.code === '';
  const position = positionOf(error);
  const fields = fieldsOf(error).filter((field) => !field.startsWith('CONTEXT:'));
  const hasFields = record.kind === 'error' && record.fields !== undefined;
  return {
    ...base,
    kind: 'error',
    code: error.get('C') ?? '',
    position: isNew ? position : record.position === undefined ? undefined : (position ?? 'none'),
    message: messageOf(error),
    fields: (isNew && fields.length > 0) || hasFields ? fields : undefined,
  };
}

/** Several statements in one text give several results; the last one counts. */
function lastResult(answer: Answer): StatementResult {
  return answer.results.at(-1) ?? { columns: undefined, rows: [], tag: undefined };
}

function countOf({ tag, rows }: StatementResult): number {
  const count = /(\d+)$/.exec(tag ?? '')?.[1];
  return count === undefined ? rows.length : Number(count);
}

function typesOf({ columns = [] }: StatementResult): string {
  return columns.map(({ typeOid }) => typeLetter(typeOid)).join('');
}

function describeColumn({ name, typeOid }: ColumnDescription): string {
  return `${name}  ${postgresTypeName(typeOid)}`;
}

function columnsLine({ columns = [] }: StatementResult): string {
  if (columns.length === 0) return '(no columns)';
  return columns.map(({ name, typeOid }) => `${writeValue(name)} ${postgresTypeName(typeOid)}`).join('  ');
}

function positionOf(error: MessageFields): number | undefined {
  const position = error.get('P');
  return position === undefined ? undefined : Number(position);
}

function messageOf(error: MessageFields): string {
  return writeValue(error.get('M') ?? '') ?? '';
}

function writeError(error: MessageFields): string {
  return `error ${error.get('C')} @${error.get('P') ?? '-'}: ${messageOf(error)}`;
}

/** `NOTICE 42P07 relation "t" already exists, skipping`. */
function writeNotice(notice: MessageFields): string {
  return `${notice.get('V') ?? notice.get('S')} ${notice.get('C')} ${messageOf(notice)}`;
}

function fieldsOf(error: MessageFields): string[] {
  return ERROR_FIELDS.flatMap(([letter, name]) => {
    const value = error.get(letter);
    return value === undefined ? [] : [`${name}: ${writeValue(value)}`];
  });
}
