import type { ColumnDescriptor, TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { columnOf } from '../../columnar/column-builder.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { unreachable } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { evaluateExpression } from '../../execution/evaluate-constant.ts';
import { oldColumns } from '../../sql/binder/old-columns.ts';
import { bindDefault } from '../../sql/binder/stored-expression.ts';
import { applyTypmod } from '../../types/coerce-length.ts';
import type { Value } from '../../types/value.ts';
import { cascadeQuery } from './cascade-query.ts';
import { type ChildRows, lockChildren } from './child-rows.ts';
import { type ConstraintScope, catalogOf } from './constraint-scope.ts';
import { keyConverter } from './convert-key.ts';
import type { DeferredConstraints } from './deferred-constraints.ts';
import { type ForeignKey, foreignKeysTo, typesOf } from './foreign-keys.ts';
import { withGeneratedValues } from './generated-values.ts';
import type { ReferenceKey } from './reference-keys.ts';
import { childKeys, firstReferencedKey, referencedOfGone } from './remaining-references.ts';
import { addChangedKeys, type ChangedKey, type RowChange } from './row-change.ts';

/** Rows that are written in one go. */
const WRITE_ROWS = 4096;

/** So many keys are gone through one by one where the order matters. */
const MAX_SINGLE_STEPS = 1000;

type ChangingAction = 'cascade' | 'set null' | 'set default';

/** Keys of a parent that have gone, and a foreign key that may refer to them. */
interface Task {
  readonly key: ForeignKey;
  readonly changes: readonly ChangedKey[];
}

export interface ActionHooks {
  /** NOT NULL and CHECK over new rows of a child. */
  readonly checkRows: (table: TableDescriptor, rows: Batch) => void;
  /** Puts what follows from the change of a child at the end of the line. */
  readonly enqueue: (table: TableDescriptor, changes: readonly RowChange[]) => void;
}

/** The parent's side of foreign keys: NO ACTION, RESTRICT, CASCADE, SET NULL, SET DEFAULT. */
export class ReferentialActions {
  readonly #scope: ConstraintScope;
  readonly #deferred: DeferredConstraints;
  readonly #hooks: ActionHooks;

  constructor(scope: ConstraintScope, deferred: DeferredConstraints, hooks: ActionHooks) {
    this.#scope = scope;
    this.#deferred = deferred;
    this.#hooks = hooks;
  }

  /** To be called when a statement has written the rows of `table`. Rejects with 23503 and with what changing the children raises. */
  async parentChanged(table: TableDescriptor, changes: readonly RowChange[], statement: object): Promise<void> {
    if (changes.length === 0) return;
    const keys = foreignKeysTo(catalogOf(this.#scope), table);
    const tasks: Task[] = [];
    for (const key of keys) {
      const task: Task = { key, changes: changedKeysOf(key, changes) };
      if (task.changes.length === 0) continue;
      // Most have nothing to do, which is looked up for all rows together where they cannot act together.
      const isAlone = keys.length === 1 && actionOf(task) !== 'set default';
      if (isAlone || (await this.#hasWork(task))) tasks.push(task);
    }
    for (const step of canActTogether(tasks) ? tasks : rowByRow(tasks)) await this.#act(step, statement);
  }

  async #hasWork(task: Task): Promise<boolean> {
    return this.#isPutOff(task) || (await firstReferencedKey(this.#scope, task.key, oldKeysOf(task))) !== undefined;
  }

  /** Of the actions NO ACTION alone can wait for the end of the transaction. */
  #isPutOff(task: Task): boolean {
    return actionOf(task) === 'no action' && this.#deferred.isDeferred(task.key.constraint);
  }

  async #act(task: Task, statement: object): Promise<void> {
    const { key } = task;
    const action = actionOf(task);
    switch (action) {
      case 'no action':
        if (!this.#isPutOff(task)) return this.#refuseGone(task);
        this.#deferred.defer('parent', key, {
          keys: oldKeysOf(task),
          rows: task.changes.map((change) => change.row),
          statement,
        });
        return;
      case 'restrict': {
        const violation = await firstReferencedKey(this.#scope, key, oldKeysOf(task));
        if (violation !== undefined) throw violation.error;
        return;
      }
      case 'cascade':
      case 'set null':
        return this.#changeChildren(task, action);
      case 'set default':
        await this.#changeChildren(task, action);
        // The default may be the very key that is gone.
        return this.#refuseGone(task);
      default:
        return unreachable(action);
    }
  }

  /** Throws 23503 when there are still rows that refer to a key which is gone. */
  async #refuseGone(task: Task): Promise<void> {
    const violation = await referencedOfGone(this.#scope, task.key, oldKeysOf(task));
    if (violation !== undefined) throw violation.error;
  }

  async #changeChildren(task: Task, action: ChangingAction): Promise<void> {
    const columns = columnsToSet(task, action);
    try {
      if (columns === undefined) await this.#deleteChildren(task);
      else await this.#updateChildren(task, action, columns);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const value = action === 'cascade' ? 'key' : action === 'set null' ? 'NULL' : 'DEFAULT';
      const query = cascadeQuery(task.key, columns === undefined ? undefined : { columns, value });
      const inner = error.fields.where === undefined ? '' : `${error.fields.where}\n`;
      throw new SqlError(error.code, error.message, { ...error.fields, where: `${inner}SQL statement "${query}"` });
    }
  }

  async #deleteChildren(task: Task): Promise<void> {
    const { child } = task.key;
    const { children } = childKeys(this.#scope, task.key, oldKeysOf(task));
    const positions = oldColumns(child, () => true);
    const found = await lockChildren(this.#scope, task.key, children, { positions, isDelete: true });
    const changes: RowChange[] = [];
    for (const { names, rows } of parts(found)) {
      await this.#scope.transaction.delete(child.oid, names, this.#scope.wait);
      changes.push({ rowCount: rows.rowCount, oldColumns: positions, old: rows, rows: undefined });
    }
    if (changes.length > 0) this.#hooks.enqueue(child, changes);
  }

  async #updateChildren(task: Task, action: ChangingAction, columns: readonly ColumnDescriptor[]): Promise<void> {
    const { transaction, wait } = this.#scope;
    const { child, childColumns } = task.key;
    const { children, origins } = childKeys(this.#scope, task.key, oldKeysOf(task));
    const positions = [...child.columns.keys()].filter((at) => child.columns[at].isHidden !== true);
    const found = await lockChildren(this.#scope, task.key, children, { positions, isDelete: false });
    if (found.rows.rowCount === 0) return;
    const newKeys = action === 'cascade' ? this.#newKeys(task, origins) : [];
    const valueFor = (column: ColumnDescriptor): ((keyNumber: number) => Value) => {
      if (action === 'set null') return () => null;
      if (action === 'set default') return this.#defaultOf(column);
      const place = childColumns.indexOf(column);
      return (keyNumber) => newKeys[keyNumber][place];
    };
    const setters = new Map(columns.map((column) => [column, valueFor(column)]));
    const changes: RowChange[] = [];
    for (const { names, rows, keyNumbers } of parts(found)) {
      const changed = withColumns(child, positions, rows, setters, keyNumbers);
      const next = withGeneratedValues(this.#scope.bindContext, child, changed);
      this.#hooks.checkRows(child, next);
      await transaction.update(child.oid, names, next, { ...wait, isPart: true });
      changes.push({ rowCount: rows.rowCount, oldColumns: positions, old: rows, rows: next });
    }
    await transaction.checkKeys(wait);
    this.#hooks.enqueue(child, changes);
  }

  /** For each of the old keys what has come in its place, as the child has it. Throws 22003, 22001. */
  #newKeys({ key, changes }: Task, origins: readonly ReferenceKey[]): readonly (readonly Value[])[] {
    const { childColumns, parentColumns } = key;
    const { environment } = this.#scope.bindContext;
    const byOldKey = new Map(changes.map((change) => [change.old, change.new ?? []]));
    const converters = childColumns.map((column, place) =>
      keyConverter(typesOf([parentColumns[place]]), typesOf([column]), environment),
    );
    return origins.map((origin) =>
      (byOldKey.get(origin) ?? []).map((value, place) => {
        if (value === null) return null;
        const { type } = childColumns[place];
        const converted = converters[place]([value]);
        if (converted === undefined) {
          throw new SqlError(SqlState.NumericValueOutOfRange, `${type.definition.sqlName} out of range`);
        }
        return applyTypmod(converted[0], type, false);
      }),
    );
  }

  #defaultOf(column: ColumnDescriptor): () => Value {
    const { bindContext } = this.#scope;
    const expression = bindDefault(bindContext, column);
    const { environment } = bindContext;
    return () => evaluateExpression(expression, { parameters: [], environment });
  }
}

function changedKeysOf(key: ForeignKey, changes: readonly RowChange[]): ChangedKey[] {
  const all: ChangedKey[] = [];
  let rowsBefore = 0;
  for (const change of changes) {
    addChangedKeys(key, change, rowsBefore, all);
    rowsBefore += change.rowCount;
  }
  return all;
}

function oldKeysOf({ changes }: Task): ReferenceKey[] {
  return changes.map((change) => change.old);
}

/** A statement deletes rows or updates them. */
function isDelete({ changes }: Task): boolean {
  return changes[0].new === undefined;
}

function actionOf(task: Task): 'no action' | 'restrict' | ChangingAction {
  const { onDelete, onUpdate } = task.key.constraint;
  return isDelete(task) ? onDelete : onUpdate;
}

/** The columns of the child that get other values; undefined: its rows go. */
function columnsToSet(task: Task, action: ChangingAction): readonly ColumnDescriptor[] | undefined {
  const { childColumns, constraint } = task.key;
  if (!isDelete(task)) return childColumns;
  if (action === 'cascade') return undefined;
  const numbers = constraint.deleteSetColumnNumbers;
  return numbers.length === 0 ? childColumns : childColumns.filter(({ number }) => numbers.includes(number));
}

/**
 * Whether each foreign key may act for all rows at once. For many rows also where several have something to do, each to
 * another table: then what they do here does not meet, only what follows from it comes in another order.
 */
function canActTogether(tasks: readonly Task[]): boolean {
  if (tasks.some((task) => actionOf(task) === 'set default')) return false;
  if (tasks.length === 1) return true;
  const children = new Set(tasks.map(({ key }) => key.child.oid));
  const stepCount = tasks.reduce((count, { changes }) => count + changes.length, 0);
  return stepCount > MAX_SINGLE_STEPS && children.size === tasks.length;
}

/**
 * One row of the parent after another, and for each the foreign keys in their order: what one of them does may decide
 * what another one finds, and a default may be a key that goes next.
 */
function rowByRow(tasks: readonly Task[]): Task[] {
  return tasks
    .flatMap((task, order) => task.changes.map((change) => ({ task, order, change })))
    .sort((left, right) => left.change.row - right.change.row || left.order - right.order)
    .map(({ task, change }) => ({ key: task.key, changes: [change] }));
}

function* parts({ names, rows, keyNumbers }: ChildRows): Iterable<Pick<ChildRows, 'names' | 'rows' | 'keyNumbers'>> {
  for (let from = 0; from < rows.rowCount; from += WRITE_ROWS) {
    const to = Math.min(from + WRITE_ROWS, rows.rowCount);
    yield {
      names: sliceBatch(names, from, to),
      rows: sliceBatch(rows, from, to),
      keyNumbers: keyNumbers.subarray(from, to),
    };
  }
}

/** The rows with other values in some columns. `positions`: of the columns of `rows` in the table. */
function withColumns(
  table: TableDescriptor,
  positions: readonly number[],
  rows: Batch,
  setters: ReadonlyMap<ColumnDescriptor, (keyNumber: number) => Value>,
  keyNumbers: Uint32Array,
): Batch {
  const columns = rows.columns.map((column, at) => {
    const descriptor = table.columns[positions[at]];
    const setter = setters.get(descriptor);
    if (setter === undefined) return column;
    return columnOf(descriptor.type.definition.representation, Array.from(keyNumbers, setter));
  });
  return { rowCount: rows.rowCount, columns };
}
