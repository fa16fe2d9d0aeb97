/** What pg_stat_activity tells of one session. Times in µs since 2000-01-01 UTC. */
export interface SessionActivity {
  readonly processId: number;
  readonly databaseOid: number;
  readonly databaseName: string;
  readonly roleOid: number;
  readonly roleName: string;
  readonly applicationName: string;
  /** Where the client is; undefined: on a socket of this machine without an address. */
  readonly client: { readonly address: string; readonly port: number } | undefined;
  readonly backendStart: number;
  readonly transactionStart: number | undefined;
  readonly queryStart: number | undefined;
  readonly stateChange: number;
  readonly state: 'active' | 'idle' | 'idle in transaction' | 'idle in transaction (aborted)';
  /** It waits for a lock that somebody else has. */
  readonly isWaiting: boolean;
  /** What runs, or ran last. */
  readonly query: string;
  /** Who asks may not know what others do: the rest is empty. */
  readonly isHidden: boolean;
}

/** A lock as pg_locks lists it; what does not name the kind of thing that is locked is undefined. */
export interface HeldLock {
  readonly kind: 'relation' | 'advisory' | 'virtualxid';
  readonly databaseOid: number | undefined;
  readonly relationOid?: number;
  readonly advisory?: { readonly classId: number; readonly objectId: number; readonly subId: number };
  readonly processId: number;
  /** PostgreSQL's name of what the mode keeps out: `RowExclusiveLock`. */
  readonly mode: string;
  readonly isGranted: boolean;
}
