import type { ForeignKeyConstraint, KeyConstraint } from '../../catalog/constraint-descriptor.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { type ConstraintScope, catalogOf } from './constraint-scope.ts';
import { type ForeignKey, foreignKeyByOid, typesOf } from './foreign-keys.ts';
import { type ReferenceKey, ReferenceKeys } from './reference-keys.ts';
import { firstMixed, missingOfRemaining, referencedOfGone } from './remaining-references.ts';

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
  /** For each key the row that brought it. */
  readonly rows: readonly number[];
  /** What was put off together: of several violations the one of the first row is reported. */
  readonly statement: object;
}

/** Never changes, so that a savepoint keeps all of them by keeping the last. */
interface PendingChecks {
  readonly last: PendingCheck;
  readonly before: PendingChecks | undefined;
}

/** What ROLLBACK TO goes back to. */
export interface DeferredState {
  readonly pending: PendingChecks | undefined;
  readonly modes: ReadonlyMap<number, boolean>;
  readonly all: boolean | undefined;
}

/**
 * Foreign keys that are checked at the end of the transaction, or when SET CONSTRAINTS says so. Checks go by value: a row
 * that is gone by then, or refers elsewhere, is not asked for.
 */
export class DeferredConstraints {
  #pending: PendingChecks | undefined;
  /** By constraint, as SET CONSTRAINTS said last; then what it said of ALL. */
  #modes: ReadonlyMap<number, boolean> = new Map();
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
    const last: PendingCheck = { side, changedOid, childOid: child.oid, constraintOid: constraint.oid, ...what };
    this.#pending = { last, before: this.#pending };
  }

  get hasPending(): boolean {
    return this.#pending !== undefined;
  }

  /** Throws 55006 when rows of the table are still to be checked: it stays as it is until then. */
  refuseChange(command: string, table: TableDescriptor | undefined): void {
    if (table === undefined || !oldestFirst(this.#pending).some(({ changedOid }) => changedOid === table.oid)) return;
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
    let waiting: PendingChecks | undefined;
    const due = new Map<string, DueChecks>();
    const statements = new Map<object, number>();
    for (const last of oldestFirst(this.#pending)) {
      const key = foreignKeyByOid(catalogOf(scope), last.childOid, last.constraintOid);
      if (key === undefined) continue;
      if (!options.isEnd && this.isDeferred(key.constraint)) {
        waiting = { last, before: waiting };
        continue;
      }
      const statement = statements.get(last.statement) ?? statements.size;
      statements.set(last.statement, statement);
      const name = `${last.side} ${last.constraintOid}`;
      const checks = due.get(name) ?? new DueChecks(last.side, key);
      due.set(name, checks);
      checks.add(last, statement);
      const turn = scope.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    await checkTogether(scope, [...due.values()]);
    this.#pending = waiting;
  }

  save(): DeferredState {
    return { pending: this.#pending, modes: this.#modes, all: this.#all };
  }

  restore({ pending, modes, all }: DeferredState): void {
    this.#pending = pending;
    this.#modes = modes;
    this.#all = all;
  }

  /** The transaction is over. */
  clear(): void {
    this.#pending = undefined;
    this.#modes = new Map();
    this.#all = undefined;
  }
}

function oldestFirst(pending: PendingChecks | undefined): PendingCheck[] {
  const checks: PendingCheck[] = [];
  for (let at = pending; at !== undefined; at = at.before) checks.push(at.last);
  return checks.reverse();
}

/** What one foreign key has put off on one side in the whole transaction: looked up in one go. */
class DueChecks {
  readonly side: PendingCheck['side'];
  readonly key: ForeignKey;
  readonly #keys: ReferenceKeys;
  /** For each key the statement that brought it first, and the row in it. */
  readonly #statements: number[] = [];
  readonly #rows: number[] = [];

  constructor(side: PendingCheck['side'], key: ForeignKey) {
    this.side = side;
    this.key = key;
    this.#keys = new ReferenceKeys(typesOf(side === 'parent' ? key.parentColumns : key.childColumns));
  }

  add({ keys, rows }: PendingCheck, statement: number): void {
    for (let at = 0; at < keys.length; at++) {
      if (this.#keys.add(keys[at]) < this.#rows.length) continue;
      this.#statements.push(statement);
      this.#rows.push(rows[at]);
    }
  }

  async firstViolation(scope: ConstraintScope): Promise<Violation | undefined> {
    const find = FINDERS[this.side];
    const found = await find(scope, this.key, this.#keys.keys);
    if (found === undefined) return undefined;
    const { number, error } = found;
    return { statement: this.#statements[number], row: this.#rows[number], error };
  }
}

const FINDERS = { child: missingOfRemaining, parent: referencedOfGone, 'mixed nulls': firstMixed } as const;

interface Violation {
  readonly statement: number;
  readonly row: number;
  readonly error: SqlError;
}

/** Throws 23503 for the first row that violates one of the foreign keys. */
async function checkTogether(scope: ConstraintScope, due: readonly DueChecks[]): Promise<void> {
  let first: Violation | undefined;
  for (const checks of due) {
    const found = await checks.firstViolation(scope);
    if (found !== undefined && (first === undefined || isBefore(found, first))) first = found;
  }
  if (first !== undefined) throw first.error;
}

function isBefore(left: Violation, right: Violation): boolean {
  return left.statement === right.statement ? left.row < right.row : left.statement < right.statement;
}
