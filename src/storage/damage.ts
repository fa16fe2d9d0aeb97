import { CorruptionError } from '../errors/corruption-error.ts';
import { errorCode } from '../platform/file-system.ts';

/** Errors of the operating system that say the same tomorrow; too many open files, for one, does not. */
const LASTING_CODES: readonly (string | undefined)[] = ['ENOENT', 'EIO', 'EISDIR', 'ENOTDIR'];

/** Whether what was to be read is broken or gone. Anything else that goes wrong is no statement about the data. */
export function isDamage(error: unknown): error is Error {
  return error instanceof CorruptionError || (error instanceof Error && LASTING_CODES.includes(errorCode(error)));
}
