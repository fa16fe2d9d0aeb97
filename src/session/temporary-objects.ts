import type { TableDescriptor } from '../catalog/table-descriptor.ts';
import type { Database } from '../database/database.ts';
import { dropTemporary } from '../database/drop-temporary.ts';
import type { Transaction } from '../database/transaction.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';

/** The temporary tables, sequences and types of one session, in a schema of their own, which is there once there are such. */
export class TemporaryObjects {
  readonly #database: Database;
  readonly #schemaName: string;

  constructor(database: Database, schemaName: string) {
    this.#database = database;
    this.#schemaName = schemaName;
  }

  /** Whether there are any. */
  exist(transaction: Transaction): boolean {
    return transaction.catalog().schema(this.#schemaName) !== undefined;
  }

  /** ON COMMIT, before the transaction commits: rows that were written go, or tables. Rejects with 0A000. */
  async beforeCommit(transaction: Transaction): Promise<void> {
    if (!this.exist(transaction)) return;
    const own = [...transaction.catalog().tables()].filter(({ schemaName }) => schemaName === this.#schemaName);
    const written = own.filter(({ oid }) => transaction.hasWritten(oid));
    if (written.length > 0 || own.some(({ oid }) => transaction.hasDefined(oid))) requireAlike(own);
    // What earlier transactions have written went with them.
    for (const { oid } of written.filter(({ onCommit }) => onCommit === 'delete rows')) {
      await transaction.lockForWrite(oid);
      transaction.truncate(oid);
    }
    for (const { oid, onCommit } of own) if (onCommit === 'drop') transaction.schema.dropTable(oid);
  }

  /** DISCARD TEMP, as part of a transaction. */
  async discard(transaction: Transaction): Promise<void> {
    await dropTemporary(transaction, this.#schemaName);
  }

  /** The session is over. Rejects when the disk does not take it: then they go when the server starts. */
  async close(): Promise<void> {
    const transaction = this.#database.begin();
    try {
      const hasDropped = await dropTemporary(transaction, this.#schemaName);
      if (hasDropped) await transaction.commit({ isSynchronous: false });
    } finally {
      transaction.rollback();
    }
  }
}

/** Throws 0A000 where rows that stay refer to some that go. */
function requireAlike(tables: readonly TableDescriptor[]): void {
  const emptied = tables.filter(({ onCommit }) => onCommit === 'delete rows');
  for (const child of tables) {
    if (child.onCommit === 'delete rows') continue;
    for (const constraint of child.constraints) {
      if (constraint.kind !== 'foreign-key') continue;
      const parent = emptied.find(({ oid }) => oid === constraint.referencedTableOid);
      if (parent === undefined) continue;
      throw new SqlError(SqlState.FeatureNotSupported, 'unsupported ON COMMIT and foreign key combination', {
        detail: `Table "${child.name}" references "${parent.name}", but they do not have the same ON COMMIT setting.`,
      });
    }
  }
}
