import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { RecordField } from '../../types/sql-record.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { CopyStatement } from '../syntax/copy-ast.ts';
import type { DefinitionStatement } from '../syntax/definition-ast.ts';
import type { ExplainOptions } from '../syntax/explain-ast.ts';
import type { RelationName } from '../syntax/located.ts';
import type {
  CloseCursorStatement,
  DeclareCursorStatement,
  FetchStatement,
  ListenStatement,
  NotifyStatement,
  PrepareStatement,
  UnlistenStatement,
} from '../syntax/session-ast.ts';
import type { CreateTableAsStatement } from '../syntax/table-definition-ast.ts';
import type { LockMode } from '../syntax/transaction-ast.ts';
import type { CursorRows } from './cursor-rows.ts';

/** What a statement comes to after binding. `parameterTypes[n]` is the type of `$n+1`. */
export type BoundStatement =
  | BoundQuery
  | BoundModification
  | BoundTruncate
  | BoundLock
  | BoundVacuum
  | BoundAnalyze
  | BoundDefinition
  | BoundCreateTableAs
  | BoundCreateHypertable
  | BoundSetConstraints
  | BoundSet
  | BoundSetTransaction
  | BoundShow
  | BoundTransaction
  | BoundSavepoint
  | BoundExplain
  | BoundPrepare
  | BoundExecute
  | BoundDeallocate
  | BoundDiscard
  | BoundDeclareCursor
  | BoundUtility;

/** A statement that writes the rows of one table. */
export type BoundModification = BoundInsert | BoundUpdate | BoundDelete;

export interface BoundQuery {
  readonly kind: 'query';
  readonly plan: LogicalPlan;
  readonly with?: readonly BoundCommonTable[];
}

/**
 * The tables of a WITH clause in which one at least changes rows: they belong to the statement as a whole, each may read
 * those before it, and the changes are made even where nobody reads what they return.
 */
export type BoundCommonTable = {
  readonly id: number;
  readonly name: string;
} & ({ readonly plan: LogicalPlan } | { readonly modification: BoundModification });

interface Modification {
  readonly table: TableDescriptor;
  /** Another name that the statement gives it: for EXPLAIN. */
  readonly alias?: string | undefined;
  readonly source: LogicalPlan;
  /** The result's columns, which stand last in the source; undefined: no RETURNING, and no result. */
  readonly returning: readonly OutputColumn[] | undefined;
  readonly with?: readonly BoundCommonTable[];
}

/**
 * `source` gives one column for each visible column of the table, in table order, already of the column's type; after
 * them what RETURNING shows.
 */
export interface BoundInsert extends Modification {
  readonly kind: 'insert';
  /** With it the source gives the rows alone: RETURNING is computed over those that were written. */
  readonly onConflict?: BoundConflict | undefined;
}

/** ON CONFLICT. */
export interface BoundConflict {
  /**
   * The unique keys, by the OIDs of their indexes, for which a row that is there already takes the place of an error;
   * that of a time-series table has the index of its key. Several: whichever a row runs into.
   */
  readonly arbiterOids: readonly number[];
  /** How the user has named them: the name of their constraint, their columns, or neither. */
  readonly target: 'constraint' | 'columns' | 'none';
  /** undefined: DO NOTHING. */
  readonly update: ConflictUpdate | undefined;
  /** undefined: no RETURNING. */
  readonly returning: RowsPlan | undefined;
}

/** A plan over rows that are there when it is executed: it reads them as the common table of this number. */
export interface RowsPlan {
  readonly id: number;
  readonly source: LogicalPlan;
}

/**
 * DO UPDATE. It reads rows of the table, all columns by their position, and beside each the row that was to be inserted.
 * The source gives those that fulfil the condition: what names the row, the full new row, `oldColumns`.
 */
export interface ConflictUpdate extends RowsPlan {
  readonly nameCount: number;
  readonly oldColumns: readonly number[];
  /** Positions in `table.columns` of those that the source reads; the others may be NULL. */
  readonly reads: readonly number[];
  /** A column of some unique index is assigned to: one row's change may make another one's key free or taken. */
  readonly changesKeys: boolean;
  /** For EXPLAIN: over the rows that `source` reads. */
  readonly where: Expression | undefined;
}

/** WHERE CURRENT OF: the slots of the source that hold what names the row on which the cursor stands. */
export interface CurrentRow {
  readonly cursor: string;
  readonly slots: readonly number[];
}

/** `source` gives each row once: the columns that name it, the full new row, `oldColumns`, what RETURNING shows. */
export interface BoundUpdate extends Modification {
  readonly kind: 'update';
  readonly current?: CurrentRow;
  readonly nameCount: number;
  readonly oldColumns: readonly number[];
}

/** `source` gives each row once: the columns that name it, `oldColumns`, what RETURNING shows. */
export interface BoundDelete extends Modification {
  readonly kind: 'delete';
  readonly current?: CurrentRow;
  readonly nameCount: number;
  /** Positions in `table.columns` of those whose values before the statement enforcing constraints needs. */
  readonly oldColumns: readonly number[];
}

export interface BoundVacuum {
  readonly kind: 'vacuum';
  readonly isFull: boolean;
  readonly isVerbose: boolean;
  /** undefined: every table of the database. */
  readonly tables: readonly TableDescriptor[] | undefined;
  readonly analyze?: BoundAnalyze | undefined;
}

export interface BoundAnalyze {
  readonly kind: 'analyze';
  readonly isVerbose: boolean;
  /** undefined: every table of the database. */
  readonly tables: readonly AnalyzedTable[] | undefined;
}

export interface AnalyzedTable {
  readonly table: TableDescriptor;
  /** Positions in `table.columns`. */
  readonly columns: readonly number[];
}

export interface BoundTruncate {
  readonly kind: 'truncate';
  readonly tables: readonly TableDescriptor[];
  readonly restartsIdentity: boolean;
  /** Tables with foreign keys to these are emptied too; otherwise they are in the way. */
  readonly isCascade: boolean;
}

/** The names are looked up when it runs, under the locks. */
export interface BoundLock {
  readonly kind: 'lock';
  readonly relations: readonly RelationName[];
  readonly mode: LockMode;
  readonly isNoWait: boolean;
}

/**
 * CREATE, ALTER and DROP: bound part by part while they run, under their locks, since each part sees what the parts
 * before it have made (and so errors show when it runs, as in PostgreSQL).
 */
export interface BoundDefinition {
  readonly kind: 'definition';
  readonly statement: DefinitionStatement;
}

/** The table is bound when it is made; its query before, as any query is. */
export interface BoundCreateTableAs {
  readonly kind: 'create-table-as';
  readonly statement: CreateTableAsStatement;
  readonly query: BoundQuery;
}

/**
 * SELECT create_hypertable(…), which is a command that gives one row. Its arguments read no column; undefined: left out.
 * The table is looked at when it runs.
 */
export interface BoundCreateHypertable {
  readonly kind: 'create-hypertable';
  readonly relation: Expression;
  readonly timeColumn: Expression;
  /** An interval, or a number of microseconds. */
  readonly partition: Expression | undefined;
  readonly ifNotExists: Expression | undefined;
  readonly migrateData: Expression | undefined;
  /** What would make a difference that we cannot make, were it not NULL. */
  readonly refused: readonly { readonly name: string; readonly value: Expression; readonly position: number }[];
  /** The table's number, in the older form its schema and name, and whether it was made. */
  readonly fields: readonly RecordField[];
  /** One column for each field, or one with the record (`SELECT * FROM create_hypertable(…)` or without FROM). */
  readonly columns: readonly OutputColumn[];
}

export interface BoundSetConstraints {
  readonly kind: 'set-constraints';
  /** undefined: ALL. */
  readonly names: readonly RelationName[] | undefined;
  readonly isDeferred: boolean;
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
  /** AND CHAIN. */
  readonly chains: boolean;
  readonly isolation: BoundIsolation | undefined;
  readonly isReadOnly: boolean | undefined;
  readonly isDeferrable: boolean | undefined;
}

/** Reading uncommitted reads what is committed, as in PostgreSQL, but keeps its name. */
export type BoundIsolation = 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable';

export interface BoundSetTransaction {
  readonly kind: 'set-transaction';
  /** The running transaction, or the defaults of the session. */
  readonly target: 'transaction' | 'session';
  readonly isolation: BoundIsolation | undefined;
  readonly isReadOnly: boolean | undefined;
  readonly isDeferrable: boolean | undefined;
}

export interface BoundSavepoint {
  readonly kind: 'savepoint';
  readonly action: 'define' | 'release' | 'rollback-to';
  readonly name: string;
}

export interface BoundExplain {
  readonly kind: 'explain';
  readonly analyze: boolean;
  readonly options: ExplainOptions;
  readonly statement: BoundQuery | BoundModification | BoundExecute | BoundCreateTableAs;
}

export interface BoundPrepare {
  readonly kind: 'prepare';
  readonly name: string;
  /** Of `$1`, `$2` …; undefined where they are to be inferred. */
  readonly declaredTypes: readonly (TypeDefinition | undefined)[];
  readonly statement: PrepareStatement['statement'];
}

/** A prepared statement with its parameters, which read no column. */
export interface BoundExecute {
  readonly kind: 'execute';
  readonly name: string;
  readonly parameters: readonly Expression[];
}

export interface BoundDeallocate {
  readonly kind: 'deallocate';
  readonly name: string | undefined;
}

export interface BoundDiscard {
  readonly kind: 'discard';
  readonly target: 'all' | 'plans' | 'sequences' | 'temp';
}

/** The query is planned as any other, and run when rows are fetched. */
export interface BoundDeclareCursor {
  readonly kind: 'declare-cursor';
  readonly statement: DeclareCursorStatement;
  readonly query: BoundQuery;
  /** Of a query whose rows are rows of tables: the columns that name these, behind those that are shown. */
  readonly rows: CursorRows | undefined;
}

/** What is looked at when it runs, as in PostgreSQL: until then there is nothing to bind it to. */
export interface BoundUtility {
  readonly kind: 'utility';
  readonly statement:
    | CopyStatement
    | FetchStatement
    | CloseCursorStatement
    | ListenStatement
    | UnlistenStatement
    | NotifyStatement;
}
