import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import { invariant } from '../../errors/invariant.ts';
import type { Int64 } from '../../types/value.ts';
import type { CountSequence } from '../commit/commit-operation.ts';
import type { StorageEngine } from '../storage-engine.ts';
import type { WriteSet } from '../versions/write-set.ts';
import type { SequenceStore } from './sequence-store.ts';
import { assertWithinBounds, furtherState, takeValues } from './sequence-values.ts';

/** A sequence that the transaction has made or altered: it counts apart until the commit. */
interface OwnSequence {
  state: SequenceState;
  /** The commit sets the sequence to `state`; otherwise it goes on from whichever has counted further. */
  readonly isRestarted: boolean;
}

/** How one transaction counts. What it takes from sequences of others is gone for good, rolled back or not. */
export class TransactionSequences {
  readonly #engine: StorageEngine;
  readonly #databaseOid: number;
  readonly #writes: WriteSet;
  readonly #own = new Map<number, OwnSequence>();
  /** Those that values were taken from. */
  readonly #used = new Set<SequenceStore>();

  constructor(engine: StorageEngine, databaseOid: number, writes: WriteSet) {
    this.#engine = engine;
    this.#databaseOid = databaseOid;
    this.#writes = writes;
  }

  /** Values were taken from sequences of others. */
  get hasCounted(): boolean {
    return this.#used.size > 0;
  }

  /**
   * Resolves when the values that were taken are in the log for good, be it by records of other transactions: a commit
   * that writes nothing else waits for it.
   */
  async whenLogged(): Promise<void> {
    for (const store of this.#used) await store.logged;
  }

  /** Counts apart from here on; `restart`: from that state. */
  own(sequence: SequenceDescriptor, restart?: SequenceState): void {
    const { oid } = sequence;
    const before = this.#own.get(oid);
    const state = restart ?? before?.state ?? this.#store(oid).state;
    const isRestarted = restart !== undefined || before?.isRestarted === true;
    this.#own.set(oid, { state, isRestarted });
    this.#writes.note(() => {
      if (before === undefined) this.#own.delete(oid);
      else this.#own.set(oid, before);
    });
  }

  /** The next `count` values. Throws 2200H, and then takes none of them. */
  take(sequence: SequenceDescriptor, count: number): readonly Int64[] {
    const own = this.#own.get(sequence.oid);
    if (own === undefined) {
      const store = this.#store(sequence.oid);
      const { values, record } = store.take(count);
      this.#used.add(store);
      if (record !== undefined) this.#log(store, record);
      return values;
    }
    const { values, state } = takeValues(sequence, own.state, count);
    own.state = state;
    return values;
  }

  /** Throws 22003 for a value beyond the bounds. */
  set(sequence: SequenceDescriptor, state: SequenceState): void {
    assertWithinBounds(sequence, state.lastValue);
    const own = this.#own.get(sequence.oid);
    if (own !== undefined) {
      own.state = state;
      return;
    }
    const store = this.#store(sequence.oid);
    this.#used.add(store);
    this.#log(store, store.set(state));
  }

  state(oid: number): SequenceState {
    return this.#own.get(oid)?.state ?? this.#store(oid).state;
  }

  /** What the commit sets the sequence to. */
  committedState(sequence: SequenceDescriptor): SequenceState {
    const own = this.#own.get(sequence.oid);
    invariant(own !== undefined, 'a sequence that is put counts apart');
    const store = this.#engine.state.sequences.get(sequence.oid);
    return store === undefined || own.isRestarted ? own.state : furtherState(sequence, own.state, store.state);
  }

  /** Records of values that the commit may hold, and that the log has lost. */
  missingRecords(): CountSequence[] {
    const records: CountSequence[] = [];
    for (const store of this.#used) {
      const record = store.missingRecord();
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  /** The commit with `missingRecords` is on its way. */
  noteAppended(published: Promise<void>): void {
    for (const store of this.#used) noteLogged(store, published);
  }

  /** The commit with `missingRecords` was not even appended. */
  noteRejected(): void {
    for (const store of this.#used) store.noteRejected();
  }

  #store(oid: number): SequenceStore {
    const store = this.#engine.state.sequences.get(oid);
    invariant(store !== undefined, 'a sequence of the catalog counts');
    return store;
  }

  /** The record stands in the log before the commit of any value that it covers. */
  #log(store: SequenceStore, record: CountSequence): void {
    try {
      this.#engine.hearRejection();
      noteLogged(store, this.#engine.commit(this.#databaseOid, [record]));
    } catch (error) {
      store.noteRejected();
      throw error;
    }
  }
}

/** Who commits hears of a failure. */
function noteLogged(store: SequenceStore, logged: Promise<void>): void {
  store.logged = logged;
  logged.catch(() => {});
}
