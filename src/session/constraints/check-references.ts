import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import { concurrentChange } from '../../errors/concurrent-change.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TypeContext } from '../../types/type-definition.ts';
import { type ConstraintScope, withSnapshot } from './constraint-scope.ts';
import { keyConverter } from './convert-key.ts';
import { type ForeignKey, typesOf } from './foreign-keys.ts';
import { keyBatch, type ReferenceKey } from './reference-keys.ts';

/** Keys that are looked up and locked in one go. */
const LOOKUP_KEYS = 2048;

/**
 * The child's side: every key must be the key of a row of the parent, which stays what it is until the transaction ends
 * (its row is locked FOR KEY SHARE). Gives the numbers of those that are missing, ascending. Waits for others who are
 * changing the rows.
 */
export async function missingReferences(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): Promise<readonly number[]> {
  const convert = keyConverter(typesOf(key.childColumns), typesOf(key.parentColumns), scope.bindContext.environment);
  const missing: number[] = [];
  for (let from = 0; from < keys.length; from += LOOKUP_KEYS) {
    const numbers: number[] = [];
    const wanted: ReferenceKey[] = [];
    for (let number = from; number < Math.min(from + LOOKUP_KEYS, keys.length); number++) {
      const converted = convert(keys[number]);
      if (converted === undefined) missing.push(number);
      else {
        numbers.push(number);
        wanted.push(converted);
      }
    }
    for (const at of await lockParents(scope, key, wanted)) missing.push(numbers[at]);
    const turn = scope.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  return missing.sort((left, right) => left - right);
}

/** Which of the keys (of the parent's types) rows of the parent have, as the transaction sees it now; nothing is locked. */
export async function presentKeys(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): Promise<ReadonlySet<number>> {
  const present = new Set<number>();
  for (let from = 0; from < keys.length; from += LOOKUP_KEYS) {
    const batch = keyBatch(keys.slice(from, from + LOOKUP_KEYS), typesOf(key.parentColumns), keyOrder(key));
    const { keyRows } = await scope.transaction.lookup(
      key.parent.oid,
      key.constraint.referencedIndexOid,
      batch,
      'current',
    );
    for (const row of keyRows) present.add(from + row);
  }
  return present;
}

/** Locks the rows that have the keys (of the parent's types); gives those that no row has. */
async function lockParents(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): Promise<readonly number[]> {
  const { transaction, wait } = scope;
  const { parent, constraint } = key;
  const types = typesOf(key.parentColumns);
  const order = keyOrder(key);
  const missing: number[] = [];
  let pending: readonly number[] = [...keys.keys()];
  while (pending.length > 0) {
    const asked = pending;
    const batch = keyBatch(
      asked.map((at) => keys[at]),
      types,
      order,
    );
    const { keyRows, rowIds } = await transaction.lookup(parent.oid, constraint.referencedIndexOid, batch, 'current');
    const found = new Set(keyRows);
    const seen = transaction.isolation === 'repeatable read' ? await seenKeys(scope, key, batch) : found;
    for (const [row, at] of asked.entries()) {
      if (!seen.has(row)) missing.push(at);
      else if (!found.has(row)) throw concurrentChange('update');
    }
    // A key that came after the snapshot is found, but not seen: its row is not locked.
    const wanted = rowIds.filter((_, at) => seen.has(keyRows[at]));
    const { fates } = await transaction.lockRows(parent.oid, wanted, 'key share', wait);
    // Who was waited for may have deleted the row, or given it another key: it is looked up once more.
    const again = new Set<number>();
    const wantedKeys = keyRows.filter((row) => seen.has(row));
    for (let at = 0; at < wanted.length; at++) if (fates[at] !== 'current') again.add(asked[wantedKeys[at]]);
    pending = [...again];
  }
  return missing;
}

/** REPEATABLE READ refers to what its snapshot shows and is still there, whatever else has changed in the row. */
function seenKeys(
  { transaction }: ConstraintScope,
  { parent, constraint }: ForeignKey,
  keys: Batch,
): Promise<Set<number>> {
  return withSnapshot(transaction.snapshot(), async (snapshot) => {
    const { keyRows } = await transaction.lookup(parent.oid, constraint.referencedIndexOid, keys, snapshot);
    return new Set(keyRows);
  });
}

/** For each column of the parent's index the place of its value in a key. */
function keyOrder({ constraint, parent }: ForeignKey): readonly number[] {
  const index = parent.indexes.find((candidate) => candidate.oid === constraint.referencedIndexOid);
  invariant(index !== undefined, 'a foreign key refers to columns with a unique index');
  return index.columns.map(({ columnNumber }) => constraint.referencedColumnNumbers.indexOf(columnNumber));
}

/** 23503 of the child's side: no such row. */
export function missingReference(key: ForeignKey, values: ReferenceKey, context: TypeContext): SqlError {
  const detail = `${keyText(key.childColumns, values, context)} is not present in table "${key.parent.name}".`;
  return childViolation(key, detail);
}

/** 23503 of MATCH FULL: some columns are NULL and some are not. */
export function mixedNulls(key: ForeignKey): SqlError {
  return childViolation(key, 'MATCH FULL does not allow mixing of null and nonnull key values.');
}

/** 23503 of the parent's side: there are rows that refer to this key, whose values are of the parent's types. */
export function stillReferenced(key: ForeignKey, values: ReferenceKey, context: TypeContext): SqlError {
  const { constraint, parent, child } = key;
  return new SqlError(
    SqlState.ForeignKeyViolation,
    `update or delete on table "${parent.name}" violates foreign key constraint "${constraint.name}" on table "${child.name}"`,
    {
      detail: `${keyText(key.parentColumns, values, context)} is still referenced from table "${child.name}".`,
      ...placeOf(key),
    },
  );
}

function childViolation(key: ForeignKey, detail: string): SqlError {
  return new SqlError(
    SqlState.ForeignKeyViolation,
    `insert or update on table "${key.child.name}" violates foreign key constraint "${key.constraint.name}"`,
    { detail, ...placeOf(key) },
  );
}

function placeOf({ child, constraint }: ForeignKey): { schemaName: string; tableName: string; constraintName: string } {
  return { schemaName: child.schemaName, tableName: child.name, constraintName: constraint.name };
}

function keyText(columns: TableDescriptor['columns'], values: ReferenceKey, context: TypeContext): string {
  const names = columns.map((column) => column.name).join(', ');
  const texts = values.map((value, at) => columns[at].type.definition.format(value, context)).join(', ');
  return `Key (${names})=(${texts})`;
}
