import type { SqlType, TypeContext } from '../types/type-definition.ts';
import type { Int64 } from '../types/value.ts';
import type { SystemFacts } from './catalog/system-facts.ts';

/** What functions may know of the world: handed in per statement, so that the library itself stays pure. */
export interface FunctionEnvironment {
  readonly typeContext: TypeContext;
  /** Start of the statement, µs since 2000-01-01 UTC. The transaction's start is `typeContext.transactionStart`. */
  readonly statementStart: number;
  /** The wall clock now, µs since 2000-01-01 UTC. */
  clock(): number;
  /** A number in [0, 1): by chance, or after `seedRandom` the next one of its sequence. */
  random(): number;
  /** From here on, `random` gives the session the numbers that belong to the seed, from -1 to 1. */
  seedRandom(seed: number): void;
  /** Fills `target` with bytes that nobody can guess. */
  fillRandom(target: Uint8Array): void;
  /** The statement goes on so much later, and its clock is ahead as if it had waited already. Absent where none runs. */
  sleep?(micros: number): void;
  /** Absent where no statement runs. */
  readonly advisoryLocks?: AdvisoryLockFacts | undefined;
  /** Absent where there are no sessions. */
  readonly notifications?: NotificationFacts;
  /** Absent where there are no sessions. */
  readonly peers?: PeerFacts;
  readonly session: SessionFacts;
  readonly catalog: CatalogFacts;
  readonly sequences: SequenceFacts;
  /** Absent where nobody looks at the catalog: while line protocol is checked. */
  readonly definitions?: DefinitionFacts;
  /** Likewise. */
  readonly system?: SystemFacts;
}

export interface DefinitionOptions {
  /** For people: no parentheses around the whole, no schema where the search path finds the name. */
  readonly isPretty: boolean;
}

/** Definitions of catalog objects as SQL, as the session would write them; undefined for what does not exist. */
export interface DefinitionFacts {
  /** A default or CHECK out of pg_attrdef or pg_constraint, over the columns of a relation (0: none). */
  expression(stored: string, relationOid: number, options: DefinitionOptions): string | undefined;
  constraint(constraintOid: number, options: DefinitionOptions): string | undefined;
  /** The whole CREATE INDEX. */
  index(indexOid: number, options: DefinitionOptions): string | undefined;
  /** A column of an index, counted from 1. */
  indexColumn(indexOid: number, column: number): string | undefined;
  /** The query of a view; undefined for what is no view. */
  view(oid: number, options: DefinitionOptions): string | undefined;
  /** COMMENT ON of an object of a system table (undefined: whichever has one), or of a column by its number. */
  comment(objectOid: number, catalogName: string | undefined, columnNumber: number): string | undefined;
  /** COMMENT ON of a role or a database, by the name of its system table. */
  sharedComment(objectOid: number, catalogName: string): string | undefined;
}

/** LISTEN and NOTIFY of the session. */
export interface NotificationFacts {
  /** When the transaction commits. Throws 22023. */
  notify(channel: string, payload: string): void;
  /** Those it listens to. */
  readonly channels: readonly string[];
  /** How much of the room for what waits to be delivered is taken, from 0 to 1. */
  readonly queueUsage: number;
}

/** What can be done to a session from outside. */
export type Signal = 'cancel' | 'terminate';

/** The other sessions of the instance. */
export interface PeerFacts {
  /** False, and a warning, when there is no such session. Throws 42501. */
  signal(processId: number, signal: Signal): boolean;
  /** pg_reload_conf. Throws 42501. */
  reload(): void;
  /** The sessions that a session waits for. */
  blocking(processId: number): readonly number[];
  /** pg_stat_statements_reset: what is undefined may be any. Throws 42501. */
  forgetStatements(which: {
    readonly roleOid?: number;
    readonly databaseOid?: number;
    readonly queryId?: bigint;
  }): void;
}

/** What an advisory lock stands for, as pg_locks has it: `subId` 1 is a bigint in two halves, 2 are two integers. */
export interface AdvisoryLockName {
  readonly classId: number;
  readonly objectId: number;
  readonly subId: 1 | 2;
}

/** Advisory locks as one session takes them. */
export interface AdvisoryLockFacts {
  /** The statement goes on when the session has the lock. */
  lock(name: AdvisoryLockName, mode: 'shared' | 'exclusive', scope: 'session' | 'transaction'): void;
  /** False where it would have to wait. */
  tryLock(name: AdvisoryLockName, mode: 'shared' | 'exclusive', scope: 'session' | 'transaction'): boolean;
  /** Once; false, and a warning, when the session has no such lock of its own. */
  unlock(name: AdvisoryLockName, mode: 'shared' | 'exclusive'): boolean;
  /** All that are not of a transaction. */
  unlockAll(): void;
}

/** Sequences by OID, as one session counts on. Each throws 42809 for what is no sequence. */
export interface SequenceFacts {
  /** nextval. Throws 2200H at the limit, 25006 in a read-only transaction. */
  next(oid: number): Int64;
  /** currval: what `next` gave this session last. Throws 55000 when it gave nothing yet. */
  current(oid: number): Int64;
  /** lastval: what `next` gave this session last, of whichever sequence. Throws 55000. */
  last(): Int64;
  /** setval; `isCalled` false: the value is still to come. Throws 22003 outside the sequence's bounds, 25006. */
  set(oid: number, value: Int64, isCalled: boolean): void;
  /** The value that anyone got last; undefined: nobody has called. */
  lastValue(oid: number): Int64 | undefined;
  /** Where it stands: what was given last, or what is still to come. Throws 42501 for who may not read it. */
  state(oid: number): { readonly lastValue: Int64; readonly isCalled: boolean };
}

export interface SessionFacts {
  readonly databaseName: string;
  readonly userName: string;
  readonly sessionUserName: string;
  readonly processId: number;
  readonly serverVersion: string;
  /** Full text of version(). */
  readonly versionText: string;
  readonly serverStart: number;
  /** Effective schemas of the search path, with or without the implicit pg_catalog. */
  currentSchemas(includeImplicit: boolean): readonly string[];
  /** The value of a setting, or undefined when there is none of that name. */
  setting(name: string): string | undefined;
  /** set_config; `isLocal` ends with the transaction. Throws SqlError for unknown names and bad values. */
  changeSetting(name: string, value: string, isLocal: boolean): void;
}

export interface CatalogFacts {
  roleName(oid: number): string | undefined;
  isRelationVisible(oid: number): boolean;
  isTypeVisible(oid: number): boolean;
  isFunctionVisible(oid: number): boolean;
  relationOid(name: string): number | undefined;
  /** Schema-qualified where the search path would not find it. */
  relationName(oid: number): string | undefined;
  typeOf(oid: number): SqlType | undefined;
  /**
   * The qualified name of the sequence that goes with a column. Throws 42P01 for an unknown table, 42703 for an unknown
   * column.
   */
  sequenceOf(tableName: string, columnName: string): string | undefined;
}
