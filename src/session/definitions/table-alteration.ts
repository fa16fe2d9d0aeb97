import type { ForeignKeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { SequenceOwner } from '../../catalog/sequence-descriptor.ts';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { storedColumns } from '../../sql/binder/assign-column.ts';
import { isSystemColumn } from '../../sql/binder/bind-column-definitions.ts';
import { checkKeyTypes } from '../../sql/binder/bind-foreign-key.ts';
import { NameChooser } from '../../sql/binder/choose-name.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import type { Value } from '../../types/value.ts';
import { columnsNumbered } from '../constraints/foreign-keys.ts';
import type { DefinitionRun } from './definition-run.ts';
import { rewriteRows, verifyRows } from './rewrite-rows.ts';
import { validateForeignKey } from './validate-foreign-key.ts';

/**
 * One ALTER TABLE under way: its actions change what the table is to be, and note what is to be done with its rows, which
 * are gone through once, at the end.
 *
 *   actions ──► table (as it will be) ──► new rows, verified ──► replaceRows or alterTable ──► indexes, foreign keys
 */
export class TableAlteration {
  readonly run: DefinitionRun;
  /** As it will be. */
  table: TableDescriptor;
  readonly names: NameChooser;
  /** Values that columns get, by column number, over the visible columns of the table as its rows are now. */
  readonly newValues = new Map<number, Expression>();
  /** What rows that are there have in new columns, by column number. */
  readonly missing = new Map<number, Value>();
  /** Columns, by number, in which no row may have NULL. */
  readonly notNull = new Set<number>();
  /** OIDs of CHECKs that every row must satisfy. */
  readonly checks = new Set<number>();
  readonly foreignKeys: ForeignKeyConstraint[] = [];
  /** Foreign keys of other tables whose values are to be found here still. */
  readonly referencing: { readonly tableOid: number; readonly constraint: ForeignKeyConstraint }[] = [];
  readonly sequenceOwners: { readonly sequenceOid: number; readonly owner: SequenceOwner }[] = [];
  /** Columns, by number, that get another type. */
  readonly retyped = new Set<number>();
  /** The rows are to be written anew even where no value changes. */
  movesRows = false;
  #before: TableDescriptor;

  constructor(run: DefinitionRun, table: TableDescriptor) {
    this.run = run;
    this.table = table;
    this.#before = table;
    this.names = new NameChooser(run.catalog, table.schemaName);
  }

  /** The table as its rows are now. */
  get before(): TableDescriptor {
    return this.#before;
  }

  /** Throws 42703, and 0A000 for a system column, which the words say cannot be done what is to be done. */
  column(name: string, action = 'alter'): ColumnDescriptor {
    const column = storedColumns(this.table).find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    if (this.table.columns.some((hidden) => hidden.name === name) || isSystemColumn(name)) {
      throw new SqlError(SqlState.FeatureNotSupported, `cannot ${action} system column "${name}"`);
    }
    throw new SqlError(SqlState.UndefinedColumn, `column "${name}" of relation "${this.table.name}" does not exist`);
  }

  /**
   * A foreign key of this table or of another to it, a column of which has another type by now. The other table's rows must
   * stay as they are: who deletes one of them sees the old values here. Rejects with 42804.
   */
  async recheckForeignKey(tableOid: number, constraint: ForeignKeyConstraint): Promise<void> {
    const isOwn = tableOid === this.table.oid;
    const isSelf = constraint.referencedTableOid === this.table.oid;
    if (!isOwn) await this.run.lock(tableOid, 'share');
    if (!isSelf) await this.run.lock(constraint.referencedTableOid, 'share');
    const table = isOwn ? this.table : this.run.table(tableOid);
    const referenced = isSelf ? this.table : this.run.table(constraint.referencedTableOid);
    checkKeyTypes(
      constraint.name,
      columnsNumbered(table, constraint.columnNumbers),
      columnsNumbered(referenced, constraint.referencedColumnNumbers),
    );
    if (!constraint.isValidated) return;
    if (isOwn) this.foreignKeys.push(constraint);
    else this.referencing.push({ tableOid, constraint });
  }

  /** Puts what was decided so far into the catalog, for what has to be seen there. Before anything is noted of rows. */
  publish(): void {
    if (this.table === this.#before) return;
    this.table = this.run.transaction.schema.alterTable(this.table);
    this.#before = this.table;
  }

  /** What another command has made of the table meanwhile. */
  reload(): void {
    this.table = this.run.table(this.table.oid);
    this.#before = this.table;
  }

  /** Goes through the rows as far as that is needed, and makes the change. Throws what rows can be wrong in. */
  async finish(): Promise<void> {
    const { run } = this;
    const { transaction } = run;
    const hasNewIndexes = this.table.indexes.some(
      ({ oid }) => !this.#before.indexes.some((older) => older.oid === oid),
    );
    if (this.newValues.size > 0 || this.movesRows) await rewriteRows(this);
    else {
      if (this.notNull.size > 0 || this.checks.size > 0) await verifyRows(this);
      if (this.table !== this.#before) transaction.schema.alterTable(this.table);
    }
    const table = run.table(this.table.oid);
    if (hasNewIndexes && table.timeSeries === undefined) {
      await transaction.buildIndexes(table.oid, run.scope.control);
    }
    for (const constraint of this.foreignKeys) await validateForeignKey(run, table, constraint);
    for (const { tableOid, constraint } of this.referencing) {
      await validateForeignKey(run, run.table(tableOid), constraint);
    }
    for (const { sequenceOid, owner } of this.sequenceOwners) {
      const sequence = run.catalog.sequenceByOid(sequenceOid);
      if (sequence !== undefined) transaction.sequences.alter({ ...sequence, owner });
    }
  }
}
