import type { EngineState } from '../engine-state.ts';
import type { StorageParts } from '../storage-parts.ts';
import type { CommitOperation } from './commit-operation.ts';
import type { CommitRecord } from './commit-record.ts';

type RowOperation = Extract<CommitOperation, { kind: 'rows' | 'staged' | 'delete' | 'truncate' }>;

/** What the log gets of a commit: all but rows that are not logged. To be asked before the commit is applied. */
export function loggedRecord(
  record: CommitRecord,
  { tables }: Pick<EngineState, 'tables'>,
  { durability }: Pick<StorageParts, 'durability'>,
): CommitRecord {
  const { operations } = record;
  /**
   * Rows of an unlogged table, and with durability `none` all rows, are not in the log. But those of a table that is
   * rewritten are: the version that they belong to is logged, and of what was there before nothing fits it. And a table
   * that becomes unlogged may have rows in the log, until it is emptied there too.
   */
  const isLogged = (operation: CommitOperation): boolean => {
    if (!isOfRows(operation)) return true;
    const { kind, tableOid } = operation;
    let table = tables.get(tableOid)?.newest;
    for (const other of operations) {
      const isDefinition = other.kind === 'create-table' || other.kind === 'alter-table';
      if (isDefinition && other.table.oid === tableOid) ({ table } = other);
    }
    if (table !== undefined && table.persistence !== 'permanent') return kind === 'truncate';
    return durability !== 'none' || isRewritten(operations, tableOid);
  };
  if (operations.every(isLogged)) return record;
  return { ...record, operations: operations.filter(isLogged) };
}

/** Whether a commit gives a table another version and, in the place of all its rows, others. */
function isRewritten(operations: readonly CommitOperation[], tableOid: number): boolean {
  return (
    operations.some((operation) => operation.kind === 'alter-table' && operation.table.oid === tableOid) &&
    operations.some((operation) => operation.kind === 'truncate' && operation.tableOid === tableOid)
  );
}

function isOfRows(operation: CommitOperation): operation is RowOperation {
  const { kind } = operation;
  return kind === 'rows' || kind === 'staged' || kind === 'delete' || kind === 'truncate';
}
