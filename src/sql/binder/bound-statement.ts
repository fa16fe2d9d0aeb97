import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';

/** What a statement comes to after binding. `parameterTypes[n]` is the type of `$n+1`. */
export type BoundStatement =
  | BoundQuery
  | BoundInsert
  | BoundCreateTable
  | BoundDropTable
  | BoundSet
  | BoundShow
  | BoundTransaction
  | BoundExplain
  | BoundDeallocate;

export interface BoundQuery {
  readonly kind: 'query';
  readonly plan: LogicalPlan;
}

/** `source` gives one column for each visible column of the table, in table order, already of the column's type. */
export interface BoundInsert {
  readonly kind: 'insert';
  readonly table: TableDescriptor;
  readonly source: LogicalPlan;
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
  readonly isolation: 'read committed' | 'repeatable read' | undefined;
  readonly isReadOnly: boolean | undefined;
}

export interface BoundExplain {
  readonly kind: 'explain';
  readonly analyze: boolean;
  readonly statement: BoundQuery;
}

export interface BoundDeallocate {
  readonly kind: 'deallocate';
  readonly name: string | undefined;
}
