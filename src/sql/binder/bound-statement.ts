import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { LogicalPlan, OutputColumn } from '../plan/logical-plan.ts';

/** What a statement comes to after binding. `parameterTypes[n]` is the type of `$n+1`. */
export type BoundStatement =
  | BoundQuery
  | BoundModification
  | BoundTruncate
  | BoundCreateTable
  | BoundDropTable
  | BoundSet
  | BoundSetTransaction
  | BoundShow
  | BoundTransaction
  | BoundSavepoint
  | BoundExplain
  | BoundDeallocate
  | BoundDiscard
  | BoundUnlisten;

/** A statement that writes the rows of one table. */
export type BoundModification = BoundInsert | BoundUpdate | BoundDelete;

export interface BoundQuery {
  readonly kind: 'query';
  readonly plan: LogicalPlan;
}

interface Modification {
  readonly table: TableDescriptor;
  readonly source: LogicalPlan;
  /** The result's columns, which stand last in the source; undefined: no RETURNING, and no result. */
  readonly returning: readonly OutputColumn[] | undefined;
}

/**
 * `source` gives one column for each visible column of the table, in table order, already of the column's type; after
 * them what RETURNING shows.
 */
export interface BoundInsert extends Modification {
  readonly kind: 'insert';
}

/** `source` gives each row once: the columns that name it, the full new row, what RETURNING shows. */
export interface BoundUpdate extends Modification {
  readonly kind: 'update';
  readonly nameCount: number;
}

/** `source` gives each row once: the columns that name it, what RETURNING shows. */
export interface BoundDelete extends Modification {
  readonly kind: 'delete';
  readonly nameCount: number;
}

export interface BoundTruncate {
  readonly kind: 'truncate';
  readonly tables: readonly TableDescriptor[];
}

export interface NewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly isNotNull: boolean;
}

export interface BoundCreateTable {
  readonly kind: 'create-table';
  readonly schemaName: string;
  readonly tableName: string;
  readonly ifNotExists: boolean;
  readonly columns: readonly NewColumn[];
  /** Positions in `columns`. */
  readonly timeSeries:
    | { readonly timeColumn: number; readonly tagColumns: readonly number[]; readonly partitionMicros: number }
    | undefined;
  readonly primaryKey: { readonly name: string; readonly columns: readonly number[] } | undefined;
}

export interface BoundDropTable {
  readonly kind: 'drop-table';
  readonly tables: readonly TableDescriptor[];
  /** Names that do not exist, under IF EXISTS: a notice each. */
  readonly missing: readonly string[];
}

export interface BoundSet {
  readonly kind: 'set';
  readonly name: string;
  /** undefined: RESET or SET … TO DEFAULT; name 'all' resets all. */
  readonly value: string | undefined;
  readonly isLocal: boolean;
  /** Written RESET, which its command tag repeats. */
  readonly isReset?: boolean;
}

export interface BoundShow {
  readonly kind: 'show';
  readonly name: string;
}

export interface BoundTransaction {
  readonly kind: 'transaction';
  readonly action: 'begin' | 'commit' | 'rollback';
  /** Command tag: START TRANSACTION differs from BEGIN. */
  readonly tag: string;
  readonly isolation: BoundIsolation | undefined;
  readonly isReadOnly: boolean | undefined;
}

/** Reading uncommitted reads what is committed, as in PostgreSQL, but keeps its name. */
export type BoundIsolation = 'read uncommitted' | 'read committed' | 'repeatable read';

export interface BoundSetTransaction {
  readonly kind: 'set-transaction';
  /** The running transaction, or the defaults of the session. */
  readonly target: 'transaction' | 'session';
  readonly isolation: BoundIsolation | undefined;
  readonly isReadOnly: boolean | undefined;
}

export interface BoundSavepoint {
  readonly kind: 'savepoint';
  readonly action: 'define' | 'release' | 'rollback-to';
  readonly name: string;
}

export interface BoundExplain {
  readonly kind: 'explain';
  readonly analyze: boolean;
  readonly statement: BoundQuery | BoundModification;
}

export interface BoundDeallocate {
  readonly kind: 'deallocate';
  readonly name: string | undefined;
}

export interface BoundDiscard {
  readonly kind: 'discard';
  readonly target: 'all' | 'plans' | 'sequences' | 'temp';
}

export interface BoundUnlisten {
  readonly kind: 'unlisten';
}
