import type { SequenceDescriptor, SequenceState } from '../../catalog/sequence-descriptor.ts';
import type { Int64 } from '../../types/value.ts';
import type { CountSequence } from '../commit/commit-operation.ts';
import { stateAfter, takeValues, valuesLeft } from './sequence-values.ts';

/** How many values one record of the log covers beyond those that were asked for. */
const LOGGED_AHEAD = 32;

/** Values, and the record that has to be in the log before any commit that holds one of them. */
export interface TakenValues {
  readonly values: readonly Int64[];
  readonly record: CountSequence | undefined;
}

/**
 * How far a sequence has counted. That does not follow transactions: what was given out is gone. The log runs ahead of
 * the values, so that most of them cost no record; a crash may skip what it ran ahead.
 *
 *   given out          ─────────┤ state
 *   covered by the log ───────────────────────┤ state of the last record
 */
export class SequenceStore {
  readonly databaseOid: number;
  readonly oid: number;
  /** The definition after the last appended commit. */
  descriptor: SequenceDescriptor;
  #state: SequenceState;
  /** Values that may still be given out without another record. */
  #aheadCount = 0;
  /** What a replay of the published part of the log comes to: for the manifest. */
  published: SequenceState;
  /** Settles as the commit does that has brought the last record; undefined when it stood in the log at the start. */
  logged: Promise<void> | undefined;
  /** The last record was rejected: values that were given out may be in no record. */
  #isUncovered = false;

  constructor(databaseOid: number, descriptor: SequenceDescriptor, state: SequenceState) {
    this.databaseOid = databaseOid;
    this.oid = descriptor.oid;
    this.descriptor = descriptor;
    this.#state = state;
    this.published = state;
  }

  get state(): SequenceState {
    return this.#state;
  }

  /** The next `count` values. Throws 2200H; then none of them was given out. */
  take(count: number): TakenValues {
    const definition = this.descriptor;
    const { values, state } = takeValues(definition, this.#state, count);
    this.#state = state;
    this.#aheadCount -= count;
    if (this.#aheadCount >= 0 && !this.#isUncovered) return { values, record: undefined };
    this.#aheadCount = valuesLeft(definition, state, LOGGED_AHEAD);
    return { values, record: this.#record(stateAfter(definition, state, this.#aheadCount)) };
  }

  /** Goes on from another value. Returns the record that says so. */
  set(state: SequenceState): CountSequence {
    this.restart(state);
    return this.#record(state);
  }

  /** Goes on from a state that a record of the log holds. */
  restart(state: SequenceState): void {
    this.#state = state;
    this.#aheadCount = 0;
    this.#isUncovered = false;
  }

  /** A record for values that are in none, since the log rejected the one that they were in. */
  missingRecord(): CountSequence | undefined {
    return this.#isUncovered ? this.#record(this.#state) : undefined;
  }

  /** A record that spares the next start the gap; undefined where there is none. */
  exactRecord(): CountSequence | undefined {
    if (this.#aheadCount === 0 && !this.#isUncovered) return undefined;
    this.#aheadCount = 0;
    return this.#record(this.#state);
  }

  /** The log has rejected a record of the sequence. */
  noteRejected(): void {
    this.#isUncovered = true;
    this.#aheadCount = 0;
  }

  #record(state: SequenceState): CountSequence {
    this.#isUncovered = false;
    return { kind: 'count-sequence', sequenceOid: this.oid, state };
  }
}
