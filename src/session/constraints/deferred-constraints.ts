import type { ForeignKeyConstraint, KeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { mixedNulls } from './check-references.ts';
import { type ConstraintScope, catalogOf } from './constraint-scope.ts';
import { type ForeignKey, foreignKeyByOid } from './foreign-keys.ts';
import type { ReferenceKey } from './reference-keys.ts';
import { hasMixedNulls, missingOfRemaining, referencedOfGone } from './remaining-references.ts';

/**
 * A check that was put off: that the parent has these keys (of the child's types), that nothing refers to them (of the
 * parent's types), or that no row of the child has a key which is NULL in part (MATCH FULL).
 */
interface PendingCheck {
  readonly side: 'child' | 'parent' | 'mixed nulls';
  /** The table whose rows were changed: the child, or the parent. */
  readonly changedOid: number;
  readonly childOid: number;
  readonly constraintOid: number;
  readonly keys: readonly ReferenceKey[];
  /** For each key the row that brought it; that of MATCH FULL. */
  readonly rows: readonly number[];
  /** What was put off together: of several violations the one of the first row is reported. */
  readonly statement: object;
}

/** What ROLLBACK TO goes back to. */
export interface DeferredState {
  readonly pending: readonly PendingCheck[];
  readonly modes: ReadonlyMap<number, boolean>;
  readonly all: boolean | undefined;
}

/**
 * Foreign keys that are checked at the end of the transaction, or when SET CONSTRAINTS says so. Checks go by value: a row
 * that is gone by then, or refers elsewhere, is not asked for.
 */
export class DeferredConstraints {
  #pending: PendingCheck[] = [];
  /** By constraint, as SET CONSTRAINTS said last; then what it said of ALL. */
  #modes = new Map<number, boolean>();
  #all: boolean | undefined;

  isDeferred({ oid, isDeferrable, isInitiallyDeferred }: ForeignKeyConstraint | KeyConstraint): boolean {
    return isDeferrable && (this.#modes.get(oid) ?? this.#all ?? isInitiallyDeferred);
  }

  defer(
    side: PendingCheck['side'],
    { child, parent, constraint }: ForeignKey,
    what: Pick<PendingCheck, 'keys' | 'rows' | 'statement'>,
  ): void {
    if (what.rows.length === 0) return;
    const changedOid = side === 'parent' ? parent.oid : child.oid;
    this.#pending.push({ side, changedOid, childOid: child.oid, constraintOid: constraint.oid, ...what });
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Throws 55006 when rows of the table are still to be checked: it stays as it is until then. */
  refuseChange(command: string, table: TableDescriptor | undefined): void {
    if (table === undefined || !this.#pending.some(({ changedOid }) => changedOid === table.oid)) return;
    throw new SqlError(SqlState.ObjectInUse, `cannot ${command} "${table.name}" because it has pending trigger events`);
  }

  setAll(isDeferred: boolean): void {
    this.#modes = new Map();
    this.#all = isDeferred;
  }

  set(constraintOids: readonly number[], isDeferred: boolean): void {
    const modes = new Map(this.#modes);
    for (const oid of constraintOids) modes.set(oid, isDeferred);
    this.#modes = modes;
  }

  /** Checks what is not to wait any longer: everything when the transaction ends. Rejects with 23503, and all still waits. */
  async check(scope: ConstraintScope, options: { readonly isEnd: boolean }): Promise<void> {
    const waiting: PendingCheck[] = [];
    const due: DueCheck[] = [];
    for (const pending of this.#pending) {
      const key = foreignKeyByOid(catalogOf(scope), pending.childOid, pending.constraintOid);
      if (key === undefined) continue;
      if (!options.isEnd && this.isDeferred(key.constraint)) waiting.push(pending);
      else due.push({ ...pending, key });
    }
    for (let from = 0; from < due.length; ) {
      let to = from + 1;
      while (to < due.length && due[to].statement === due[from].statement) to++;
      await checkTogether(scope, due.slice(from, to));
      from = to;
    }
    this.#pending = waiting;
  }

  save(): DeferredState {
    return { pending: this.#pending.slice(), modes: this.#modes, all: this.#all };
  }

  restore({ pending, modes, all }: DeferredState): void {
    this.#pending = pending.slice();
    this.#modes = new Map(modes);
    this.#all = all;
  }

  /** The transaction is over. */
  clear(): void {
    this.#pending = [];
    this.#modes = new Map();
    this.#all = undefined;
  }
}

interface DueCheck extends PendingCheck {
  readonly key: ForeignKey;
}

/** Throws 23503 for the first row that violates one of the foreign keys. */
async function checkTogether(scope: ConstraintScope, checks: readonly DueCheck[]): Promise<void> {
  let first: { readonly row: number; readonly error: SqlError } | undefined;
  for (const check of checks) {
    const found = await violationOf(scope, check);
    if (found !== undefined && (first === undefined || found.row < first.row)) first = found;
  }
  if (first !== undefined) throw first.error;
}

async function violationOf(
  scope: ConstraintScope,
  { side, key, keys, rows }: DueCheck,
): Promise<{ readonly row: number; readonly error: SqlError } | undefined> {
  if (side === 'mixed nulls') {
    return (await hasMixedNulls(scope, key)) ? { row: rows[0], error: mixedNulls(key) } : undefined;
  }
  const find = side === 'child' ? missingOfRemaining : referencedOfGone;
  const violation = await find(scope, key, keys);
  return violation === undefined ? undefined : { row: rows[violation.number], error: violation.error };
}
