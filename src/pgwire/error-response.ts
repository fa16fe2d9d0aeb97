import { CorruptionError } from '../errors/corruption-error.ts';
import { SqlError, type SqlErrorFields } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Log } from '../session/log.ts';
import { FatalError } from './fatal-error.ts';

/** What ErrorResponse and NoticeResponse carry. */
export interface Report {
  readonly severity: 'ERROR' | 'FATAL' | 'WARNING' | 'NOTICE' | 'INFO' | 'LOG' | 'DEBUG';
  readonly code: SqlState;
  readonly message: string;
  readonly fields: SqlErrorFields;
}

/** A field of a report: its code and its value, in the order in which PostgreSQL sends them. */
export function reportFields(report: Report): readonly (readonly [code: string, value: string])[] {
  const { severity, code, message, fields } = report;
  const all: readonly (readonly [string, string | number | undefined])[] = [
    ['S', severity],
    ['V', severity],
    ['C', code],
    ['M', message],
    ['D', fields.detail],
    ['H', fields.hint],
    ['W', fields.where],
    ['s', fields.schemaName],
    ['t', fields.tableName],
    ['c', fields.columnName],
    ['d', fields.dataTypeName],
    ['n', fields.constraintName],
    ['P', fields.position],
    ['R', fields.routine],
  ];
  const present: [string, string][] = [];
  for (const [name, value] of all) if (value !== undefined) present.push([name, String(value)]);
  return present;
}

/**
 * What the client is told of an error. A bug of ours is logged with its stack, and the client learns no more than that
 * it happened.
 */
export function errorReport(error: unknown, log: Log): Report {
  if (error instanceof SqlError) {
    const isFatal = error instanceof FatalError || error.code === SqlState.AdminShutdown;
    return { severity: isFatal ? 'FATAL' : 'ERROR', code: error.code, message: error.message, fields: error.fields };
  }
  if (error instanceof CorruptionError) {
    log('error', 'corrupt data', { error: error.message });
    return { severity: 'ERROR', code: SqlState.DataCorrupted, message: error.message, fields: {} };
  }
  if (isStackOverflow(error)) {
    log('warn', 'stack depth limit exceeded');
    return { severity: 'ERROR', code: SqlState.StatementTooComplex, message: 'stack depth limit exceeded', fields: {} };
  }
  const limit = engineLimit(error);
  if (limit !== undefined) return { severity: 'ERROR', code: limit.code, message: limit.message, fields: limit.fields };
  log('error', 'internal error', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return { severity: 'ERROR', code: SqlState.InternalError, message: 'internal error', fields: {} };
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** What JavaScript itself has no room for: one text or array beyond its limits, or no more memory from the system. */
function engineLimit(error: unknown): SqlError | undefined {
  if (!(error instanceof RangeError)) return undefined;
  if (error.message === 'Invalid string length') {
    return new SqlError(SqlState.ProgramLimitExceeded, 'text value is too long', {
      detail: 'A text holds at most about 500 million characters.',
    });
  }
  const isFull = /^(Invalid (typed )?array length|Array buffer allocation failed|(Map|Set) maximum size exceeded)/;
  return isFull.test(error.message) ? new SqlError(SqlState.OutOfMemory, 'out of memory') : undefined;
}
