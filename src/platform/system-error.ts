import { errorCode } from './file-system.ts';

const texts: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EBADF: 'Bad file descriptor',
  EDQUOT: 'Disk quota exceeded',
  EFBIG: 'File too large',
  EIO: 'Input/output error',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
};

/** The operating system's own words for an error, as they end PostgreSQL's messages. */
export function systemErrorText(error: unknown): string {
  const text = texts[errorCode(error) ?? ''];
  return text ?? (error instanceof Error ? error.message : String(error));
}

/** Whether there was no room for a write: the only failure of a write after which another attempt makes sense. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
}
