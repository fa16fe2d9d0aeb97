import type { CatalogObject } from '../catalog/catalog-object.ts';
import { unreachable } from '../errors/invariant.ts';
import type {
  CountSequence,
  DropEnum,
  DropObject,
  DropSequence,
  PutEnum,
  PutObject,
  PutSequence,
} from './commit/commit-operation.ts';
import type { EngineState } from './engine-state.ts';
import { SequenceStore } from './sequences/sequence-store.ts';
import type { CatalogChange, CatalogVersion } from './versions/catalog-version.ts';

/** What a commit does to sequences and types, schemas and comments. */
export type ObjectOperation = PutSequence | DropSequence | CountSequence | PutEnum | DropEnum | PutObject | DropObject;

/** A commit's way with sequences and types: in memory at once, to be published or taken back with the commit. */
export class AppliedObjects {
  readonly #state: EngineState;
  readonly #databaseOid: number;
  readonly #isReplayed: boolean;
  readonly #counted = new Map<SequenceStore, CountSequence['state']>();
  readonly #dropped: SequenceStore[] = [];

  constructor(state: EngineState, databaseOid: number, isReplayed: boolean) {
    this.#state = state;
    this.#databaseOid = databaseOid;
    this.#isReplayed = isReplayed;
  }

  /** `catalog`: before the operation. Returns what changes in it, and adds to `undo` how to take back the rest. */
  apply(operation: ObjectOperation, catalog: CatalogVersion, undo: (() => void)[]): CatalogChange | undefined {
    switch (operation.kind) {
      case 'put-sequence':
        return this.#putSequence(operation, undo);
      case 'drop-sequence': {
        const store = this.#state.sequences.get(operation.sequenceOid);
        if (store === undefined) return undefined;
        this.#dropped.push(store);
        return { kind: 'drop-sequence', sequence: store.descriptor };
      }
      case 'count-sequence':
        this.#count(operation, undo);
        return undefined;
      case 'put-enum':
        this.#state.noteOid(operation.enum.oid);
        this.#state.noteOid(operation.enum.arrayOid);
        for (const { oid } of operation.enum.labels) this.#state.noteOid(oid);
        return { kind: 'put-enum', enum: operation.enum };
      case 'drop-enum': {
        const known = catalog.enumByOid(operation.enumOid);
        return known === undefined ? undefined : { kind: 'drop-enum', enum: known };
      }
      case 'put-object':
        this.#noteOids(operation.object);
        return { kind: 'put-object', object: operation.object };
      case 'drop-object': {
        const object = catalog.object(operation.key);
        return object === undefined ? undefined : { kind: 'drop-object', object };
      }
      default:
        return unreachable(operation);
    }
  }

  publish(): void {
    for (const [store, state] of this.#counted) store.published = state;
    for (const { oid } of this.#dropped) this.#state.sequences.delete(oid);
  }

  #noteOids(object: CatalogObject): void {
    if (!('oid' in object)) return;
    this.#state.noteOid(object.oid);
    if (object.kind === 'view') this.#state.noteOid(object.rowTypeOid);
  }

  #putSequence({ sequence, state }: PutSequence, undo: (() => void)[]): CatalogChange {
    const { sequences } = this.#state;
    this.#state.noteOid(sequence.oid);
    const known = sequences.get(sequence.oid);
    const store = known ?? new SequenceStore(this.#databaseOid, sequence, state);
    if (known === undefined) {
      sequences.set(sequence.oid, store);
      undo.push(() => sequences.delete(sequence.oid));
    } else {
      const { descriptor, state: stateBefore } = known;
      known.descriptor = sequence;
      known.restart(state);
      undo.push(() => {
        known.descriptor = descriptor;
        known.restart(stateBefore);
        known.noteRejected();
      });
    }
    this.#counted.set(store, state);
    return { kind: 'put-sequence', sequence };
  }

  /** A live sequence is where it is: the record runs ahead of it. */
  #count({ sequenceOid, state }: CountSequence, undo: (() => void)[]): void {
    const store = this.#state.sequences.get(sequenceOid);
    // Between a DROP and its publication others may go on counting.
    if (store === undefined) return;
    if (this.#isReplayed) store.restart(state);
    else undo.push(() => store.noteRejected());
    this.#counted.set(store, state);
  }
}
