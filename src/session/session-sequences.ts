import { Privilege } from '../catalog/access/acl.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { SequenceDescriptor } from '../catalog/sequence-descriptor.ts';
import type { Transaction } from '../database/transaction.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { SequenceFacts } from '../functions/environment.ts';
import type { Int64 } from '../types/value.ts';

export interface SequenceAccess {
  readonly transaction: () => Transaction;
  readonly catalog: () => CatalogReader;
  /** Throws 25006 in a read-only transaction. */
  readonly requireWritable: (command: string) => void;
  /** Throws 42501 for who has none of these rights on a sequence. */
  readonly requireRight: (sequence: SequenceDescriptor, privileges: number) => void;
}

/** What one session knows of sequences: the last value that each gave it. Transactions make no difference. */
export class SessionSequences implements SequenceFacts {
  readonly #access: SequenceAccess;
  readonly #lastValues = new Map<number, Int64>();
  /** The sequence that was asked last. */
  #lastOid: number | undefined;

  constructor(access: SequenceAccess) {
    this.#access = access;
  }

  next(oid: number): Int64 {
    this.#access.requireRight(this.#sequence(oid), Privilege.Usage | Privilege.Update);
    this.#access.requireWritable('nextval()');
    const value = this.#access.transaction().sequences.next(oid);
    this.#lastValues.set(oid, value);
    this.#lastOid = oid;
    return value;
  }

  current(oid: number): Int64 {
    const sequence = this.#sequence(oid);
    const { name } = sequence;
    this.#access.requireRight(sequence, Privilege.Usage | Privilege.Select);
    const value = this.#lastValues.get(oid);
    if (value !== undefined) return value;
    throw new SqlError(
      SqlState.ObjectNotInPrerequisiteState,
      `currval of sequence "${name}" is not yet defined in this session`,
    );
  }

  last(): Int64 {
    const oid = this.#lastOid;
    const sequence = oid === undefined ? undefined : this.#access.catalog().sequenceByOid(oid);
    if (sequence !== undefined) this.#access.requireRight(sequence, Privilege.Usage | Privilege.Select);
    const value = sequence === undefined ? undefined : this.#lastValues.get(sequence.oid);
    if (value !== undefined) return value;
    throw new SqlError(SqlState.ObjectNotInPrerequisiteState, 'lastval is not yet defined in this session');
  }

  set(oid: number, value: Int64, isCalled: boolean): void {
    const sequence = this.#sequence(oid);
    const { name, min, max } = sequence;
    this.#access.requireRight(sequence, Privilege.Update);
    this.#access.requireWritable('setval()');
    if (value < min || value > max) {
      throw new SqlError(
        SqlState.NumericValueOutOfRange,
        `setval: value ${value} is out of bounds for sequence "${name}" (${min}..${max})`,
      );
    }
    this.#access.transaction().sequences.set(oid, value, isCalled);
    if (isCalled) this.#lastValues.set(oid, value);
  }

  state(oid: number): { readonly lastValue: Int64; readonly isCalled: boolean } {
    this.#access.requireRight(this.#sequence(oid), Privilege.Select);
    return this.#access.transaction().sequences.state(oid);
  }

  lastValue(oid: number): Int64 | undefined {
    this.#sequence(oid);
    const { lastValue, isCalled } = this.#access.transaction().sequences.state(oid);
    return isCalled ? lastValue : undefined;
  }

  /** DISCARD SEQUENCES. */
  forget(): void {
    this.#lastValues.clear();
    this.#lastOid = undefined;
  }

  #sequence(oid: number): SequenceDescriptor {
    const catalog = this.#access.catalog();
    const sequence = catalog.sequenceByOid(oid);
    if (sequence !== undefined) return sequence;
    const table = catalog.tableByOid(oid);
    if (table === undefined) throw new SqlError(SqlState.UndefinedTable, `relation with OID ${oid} does not exist`);
    throw new SqlError(SqlState.WrongObjectType, `"${table.name}" is not a sequence`);
  }
}
