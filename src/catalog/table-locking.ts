/**
 * What a transaction is about to do with a table. Readers take no locks: they have their snapshots.
 *
 *               append  write  share  exclusive
 *   append        –       –      ×        ×        INSERT; UPDATE and DELETE of a plain table, which lock rows as well
 *   write         –       ×      ×        ×        UPDATE and DELETE of a time-series table
 *   share         ×       ×      –        ×        CREATE INDEX, ADD FOREIGN KEY
 *   exclusive     ×       ×      ×        ×        ALTER, DROP, TRUNCATE
 */
export type TableLockMode = 'append' | 'write' | 'share' | 'exclusive';

/** How a lock is waited for. */
export interface LockWait {
  /** Throws when the statement that waits is cancelled. */
  readonly control?: { check(): void } | undefined;
  /** 0 or nothing: as long as it takes. */
  readonly lockTimeoutMs?: number | undefined;
  /** What to throw in place of waiting; undefined: it is waited. */
  readonly refusal?: (() => Error) | undefined;
}

/** A lock that somebody has or waits for. */
export interface TableLockState {
  readonly tableOid: number;
  readonly owner: object;
  readonly mode: TableLockMode;
  readonly isGranted: boolean;
}
