import { ObjectClass } from '../../catalog/catalog-object.ts';
import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { TransactionSequences } from '../../storage/sequences/transaction-sequences.ts';
import { duplicateTable, undefinedTable } from '../../storage/versions/catalog-operations.ts';
import type { WriteSet } from '../../storage/versions/write-set.ts';
import type { Int64 } from '../../types/value.ts';
import type { AccessWrites } from '../access-writes.ts';
import type { TransactionCatalogs } from '../transaction-catalogs.ts';
import type { CommentWrites } from './comment-writes.ts';

/** A sequence before it has a version. */
export type NewSequence = Omit<SequenceDescriptor, 'version'>;

/** What a transaction does to sequences. Definitions are its own until it commits; values it takes are gone for good. */
export class SequenceWrites {
  readonly #writes: WriteSet;
  readonly #access: AccessWrites;
  readonly #catalogs: TransactionCatalogs;
  readonly #comments: CommentWrites;
  readonly #counts: TransactionSequences;
  readonly #requireWritable: (command: string) => void;

  constructor(own: {
    readonly writes: WriteSet;
    readonly access: AccessWrites;
    readonly catalogs: TransactionCatalogs;
    readonly comments: CommentWrites;
    readonly counts: TransactionSequences;
    /** Throws 25006 in a read-only transaction. */
    readonly requireWritable: (command: string) => void;
  }) {
    this.#writes = own.writes;
    this.#access = own.access;
    this.#catalogs = own.catalogs;
    this.#comments = own.comments;
    this.#counts = own.counts;
    this.#requireWritable = own.requireWritable;
  }

  /** Throws 42P07 when the name is taken. It counts from its start. */
  create(definition: NewSequence): SequenceDescriptor {
    this.#requireWritable('CREATE SEQUENCE');
    const { schemaName, name, start } = definition;
    if (this.#catalogs.current().hasRelation(schemaName, name)) throw duplicateTable(definition);
    const sequence: SequenceDescriptor = { ...definition, version: 1 };
    this.#writes.changeCatalog({ kind: 'put-sequence', sequence });
    this.#counts.own(sequence, { lastValue: start, isCalled: false });
    const { oid: objectOid, ownerOid, schemaOid } = sequence;
    this.#access.giveDefaults({ kind: 'sequence', classOid: ObjectClass.Relation, objectOid, ownerOid, schemaOid });
    return sequence;
  }

  /** With `restart` it counts from there once the transaction has committed; for the transaction itself at once. */
  alter(definition: NewSequence, restart?: SequenceState): SequenceDescriptor {
    this.#requireWritable('ALTER SEQUENCE');
    const { oid, schemaName, name } = definition;
    const current = this.#sequence(oid);
    const isKnown = name === current.name && schemaName === current.schemaName;
    if (!isKnown && this.#catalogs.current().hasRelation(schemaName, name)) throw duplicateTable(definition);
    const sequence: SequenceDescriptor = { ...definition, version: current.version + 1 };
    this.#writes.changeCatalog({ kind: 'put-sequence', sequence, base: this.#baseOf(oid) });
    this.#counts.own(sequence, restart);
    const owners = { before: current.ownerOid, after: sequence.ownerOid };
    this.#access.moveAcls({ classOid: ObjectClass.Relation, objectOid: sequence.oid }, owners);
    return sequence;
  }

  drop(oid: number): void {
    this.#requireWritable('DROP SEQUENCE');
    const sequence = this.#sequence(oid);
    this.#writes.changeCatalog({ kind: 'drop-sequence', sequence, base: this.#baseOf(oid) });
    this.#comments.dropOf(({ classOid, objectOid }) => classOid === ObjectClass.Relation && objectOid === oid);
  }

  /** Those of a table's columns that `isDropped` says so of. */
  dropOwned(tableOid: number, isDropped: (owner: NonNullable<SequenceDescriptor['owner']>) => boolean): void {
    for (const { oid, owner } of [...this.#catalogs.current().sequences()]) {
      if (owner?.tableOid === tableOid && isDropped(owner)) this.drop(oid);
    }
  }

  /** The next value, gone for good even if the transaction is rolled back. Throws 2200H at the limit. */
  next(oid: number): Int64 {
    return this.take(oid, 1)[0]!;
  }

  /** The next `count` values; with 2200H none of them is taken. */
  take(oid: number, count: number): readonly Int64[] {
    this.#requireWritable('nextval()');
    return this.#counts.take(this.#sequence(oid), count);
  }

  /** setval: the next value is `value` (`isCalled` false) or the one after. Throws 22003 for one beyond the bounds. */
  set(oid: number, value: Int64, isCalled: boolean): void {
    this.#requireWritable('setval()');
    this.#counts.set(this.#sequence(oid), { lastValue: value, isCalled });
  }

  /** How far it has counted; 42P01. */
  state(oid: number): SequenceState {
    return this.#counts.state(this.#sequence(oid).oid);
  }

  #sequence(oid: number): SequenceDescriptor {
    const sequence = this.#catalogs.current().sequenceByOid(oid);
    if (sequence === undefined) throw undefinedTable({ name: String(oid) });
    return sequence;
  }

  #baseOf(oid: number): SequenceDescriptor | undefined {
    return this.#catalogs.baseOf(
      (catalog) => catalog.sequenceByOid(oid),
      ({ version }) => version,
    );
  }
}
