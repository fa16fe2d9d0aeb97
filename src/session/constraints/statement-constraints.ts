import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { ChangeEvents } from './change-events.ts';
import { type ConstraintScope, catalogOf } from './constraint-scope.ts';
import type { DeferredConstraints } from './deferred-constraints.ts';
import { ReferentialActions } from './referential-actions.ts';
import type { RowChange } from './row-change.ts';
import type { RowChecks, RowViolation } from './row-checks.ts';

/** So many keys are kept before they are looked up: a load of millions of rows must not wait for its end. */
const MAX_KEPT_KEYS = 65_536;

/**
 * The constraints of one statement over one table: its rows are checked as they come, foreign keys at its end, all rows
 * together. What foreign keys change in other tables comes in line behind what the statement changed itself.
 */
export class StatementConstraints {
  readonly #scope: ConstraintScope;
  readonly #table: TableDescriptor;
  readonly #rowChecks: RowChecks;
  readonly #deferred: DeferredConstraints;
  readonly #own: ChangeEvents;

  constructor(
    scope: ConstraintScope,
    table: TableDescriptor,
    session: { readonly rowChecks: RowChecks; readonly deferred: DeferredConstraints },
  ) {
    this.#scope = scope;
    this.#table = table;
    this.#rowChecks = session.rowChecks;
    this.#deferred = session.deferred;
    this.#own = new ChangeEvents(catalogOf(scope), table);
  }

  /**
   * NOT NULL and CHECK over rows before they are written: one column per visible column. The first row that is refused;
   * those before it may be refused for other reasons, which come first.
   */
  firstRefused(rows: Batch): RowViolation | undefined {
    return this.#rowChecks.firstRefused(this.#table, rows, this.#scope.bindContext);
  }

  /** Whether `inserted` may look into tables. */
  get looksUpRows(): boolean {
    return this.#own.hasReferences;
  }

  /** Rows that were added. A promise when there are so many that what they refer to is looked up now; rejects with 23503. */
  inserted(rows: Batch): Promise<void> | undefined {
    this.#own.inserted(rows);
    if (this.#own.keyCount <= MAX_KEPT_KEYS) return undefined;
    // A row may refer to one that comes later in the same statement, but only in its own table.
    return this.#own.checkReferences(this.#scope, this.#deferred, ({ child, parent }) => child.oid !== parent.oid);
  }

  /** Rows that were changed or deleted. The batches are kept to the end of the statement. */
  changed(change: RowChange): void {
    this.#own.changed(change);
  }

  /**
   * The end of the statement: does to other tables what their foreign keys ask for, and checks references. Rejects with
   * 23503, with what the rows of those tables violate, and as any change of them does.
   */
  async finish(): Promise<void> {
    const line: ChangeEvents[] = [this.#own];
    const actions = new ReferentialActions(this.#scope, this.#deferred, {
      checkRows: (table, rows) => this.#rowChecks.check(table, rows, this.#scope.bindContext),
      enqueue: (table, changes) => {
        const events = new ChangeEvents(catalogOf(this.#scope), table);
        for (const change of changes) events.changed(change);
        line.push(events);
      },
    });
    for (const events of line) {
      await actions.parentChanged(events.table, events.changes, events);
      await events.checkReferences(this.#scope, this.#deferred, () => true);
    }
  }
}
