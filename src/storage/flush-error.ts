import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { errorCode } from '../platform/file-system.ts';

/** What writers are told when memory is full and the disk does not take it. */
export function flushError(problem: Error): SqlError {
  if (problem instanceof SqlError) return problem;
  const isFull = errorCode(problem) === 'ENOSPC' || errorCode(problem) === 'EDQUOT';
  return new SqlError(isFull ? SqlState.DiskFull : SqlState.IoError, `could not write data: ${problem.message}`);
}
