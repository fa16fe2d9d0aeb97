import type { SqlErrorFields } from '../errors/sql-error.ts';
import type { SqlState } from '../errors/sql-state.ts';

/** Something the client should hear of that is no error. */
export interface Notice {
  readonly severity: 'WARNING' | 'NOTICE' | 'INFO' | 'LOG' | 'DEBUG';
  readonly code: SqlState;
  readonly message: string;
  readonly fields: SqlErrorFields;
}

export type NoticeSink = (notice: Notice) => void;

const RANK: Readonly<Record<string, number>> = {
  debug5: 1,
  debug4: 1,
  debug3: 1,
  debug2: 1,
  debug1: 1,
  log: 2,
  notice: 3,
  warning: 4,
  error: 5,
};

/** Whether `client_min_messages` lets a notice through; INFO always passes. */
export function isWanted(notice: Notice, clientMinMessages: string): boolean {
  if (notice.severity === 'INFO') return true;
  const rank = notice.severity === 'DEBUG' ? 1 : (RANK[notice.severity.toLowerCase()] ?? 3);
  return rank >= (RANK[clientMinMessages] ?? 3);
}

export function warning(code: SqlState, message: string, fields: SqlErrorFields = {}): Notice {
  return { severity: 'WARNING', code, message, fields };
}

export function notice(code: SqlState, message: string, fields: SqlErrorFields = {}): Notice {
  return { severity: 'NOTICE', code, message, fields };
}
