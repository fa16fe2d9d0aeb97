import { type Effect, ModelRefusal, type ModelState, tableId } from './model.ts';

/** What a client knows of a commit that it has tried. */
export type Outcome =
  | 'running'
  | 'acknowledged'
  /** Refused in a way that promises that nothing of it will be seen: by a check, or for a full disk. */
  | 'rejected'
  /** The disk failed under it: it may come back after a restart, whole or not at all. */
  | 'unknown';

export interface Commit {
  readonly id: number;
  readonly databaseName: string;
  readonly effects: readonly Effect[];
  lsn: number | undefined;
  outcome: Outcome;
}

/** A moment in the life of a ledger. */
export interface Mark {
  readonly begunCount: number;
  /** What was on its way at that moment. */
  readonly running: readonly Commit[];
}

/** Where a simulation and its model part. */
export class SimulationFailure extends Error {
  override name = 'SimulationFailure';
}

/**
 * What the clients of one run of a server have written and been told, in the order in which the log took it; and what
 * follows from that for the tables at every moment.
 */
export class Ledger {
  /** The tables when the server had started. */
  readonly base: ModelState;
  /** Appended to the log, in order of their LSN. */
  readonly #appended: Commit[] = [];
  /** All that began, for doubtful refusals. */
  readonly #begun: Commit[] = [];
  #acknowledgedLsn = 0;
  #visibleLsn = 0;
  #seenLsn = 0;
  #flushedLsn = 0;
  #syncedLsn = 0;
  #nextId: number;
  #folded: { lsn: number; count: number; state: ModelState } | undefined;

  constructor(base: ModelState, firstId: number) {
    this.base = base;
    this.#nextId = firstId;
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** This moment, for `isDisturbed`. */
  mark(): Mark {
    return { begunCount: this.#begun.length, running: this.#begun.filter(({ outcome }) => outcome === 'running') };
  }

  /** LSN of the last commit that was acknowledged. */
  get acknowledgedLsn(): number {
    return this.#acknowledgedLsn;
  }

  /** LSN of the last commit that every new snapshot shows. */
  get visibleLsn(): number {
    return this.#visibleLsn;
  }

  /** LSN of the last commit that somebody has seen or was told of. */
  get knownLsn(): number {
    return Math.max(this.#acknowledgedLsn, this.#seenLsn);
  }

  /** Rows of commits up to here are in segments, or in tables that are gone. */
  get flushedLsn(): number {
    return this.#flushedLsn;
  }

  /** Commits up to here had the time that the mode `periodic` asks for. */
  get syncedLsn(): number {
    return this.#syncedLsn;
  }

  begin(databaseName: string, effects: readonly Effect[]): Commit {
    const commit: Commit = { id: this.#nextId++, databaseName, effects, lsn: undefined, outcome: 'running' };
    this.#begun.push(commit);
    return commit;
  }

  noteAppended(commit: Commit, lsn: number): void {
    const last = this.#appended.at(-1)?.lsn ?? 0;
    if (lsn <= last) throw new SimulationFailure(`LSN ${lsn} was given out after ${last}`);
    if (commit.lsn !== undefined) throw new SimulationFailure(`commit ${commit.id} was appended twice`);
    commit.lsn = lsn;
    this.#appended.push(commit);
  }

  /** Of a commit that was not synchronous, it is known that it is visible, not that it is on disk. */
  noteAcknowledged(commit: Commit, { isSynchronous = true } = {}): void {
    commit.outcome = 'acknowledged';
    if (commit.lsn === undefined) {
      // Only what changes nothing needs no place in the log.
      const before = this.stateAt(Number.POSITIVE_INFINITY);
      const after = before.copy();
      after.apply(commit.databaseName, commit.effects, commit.id);
      if (!before.equals(after)) throw new SimulationFailure(`commit ${commit.id} was acknowledged, not appended`);
      return;
    }
    this.#visibleLsn = Math.max(this.#visibleLsn, commit.lsn);
    if (isSynchronous) this.#acknowledgedLsn = Math.max(this.#acknowledgedLsn, commit.lsn);
  }

  noteSeen(lsn: number): void {
    this.#seenLsn = Math.max(this.#seenLsn, lsn);
  }

  /** What was acknowledged by now is on disk in the mode `periodic`. */
  noteSynced(): void {
    this.#syncedLsn = this.#acknowledgedLsn;
  }

  /** A flush has ended that began when `acknowledgedLsn` had been acknowledged. */
  noteFlushed(acknowledgedLsn: number): void {
    const dropped = new Set<string>();
    for (const { databaseName, effects, lsn, outcome } of this.#appended.slice().reverse()) {
      if (lsn! <= acknowledgedLsn && outcome === 'acknowledged') {
        const hasRows = effects.some(
          (effect) => writesRows(effect) && !dropped.has(tableId(databaseName, tableNameOf(effect))),
        );
        if (hasRows) {
          this.#flushedLsn = Math.max(this.#flushedLsn, lsn!);
          return;
        }
      }
      for (const effect of effects) {
        if (effect.kind === 'drop-table') dropped.add(tableId(databaseName, effect.tableName));
      }
    }
  }

  noteRejected(commit: Commit, outcome: 'rejected' | 'unknown'): void {
    commit.outcome = outcome;
    if (commit.lsn !== undefined && this.#folded !== undefined && this.#folded.lsn >= commit.lsn) {
      this.#folded = undefined;
    }
  }

  /** The commits that may be on disk, in the order of the log. */
  possible(): readonly Commit[] {
    return this.#appended.filter(({ outcome }) => outcome !== 'rejected');
  }

  /** The tables as a snapshot at `lsn` shows them. Nothing that failed is in it. The state is not to be changed. */
  stateAt(lsn: number): ModelState {
    if (this.#folded === undefined || this.#folded.lsn > lsn) {
      this.#folded = { lsn: 0, count: 0, state: this.base.copy() };
    }
    const folded = this.#folded;
    for (; folded.count < this.#appended.length; folded.count++) {
      const commit = this.#appended[folded.count]!;
      if (commit.lsn! > lsn) break;
      if (commit.outcome === 'rejected' || commit.outcome === 'unknown') continue;
      try {
        folded.state.apply(commit.databaseName, commit.effects, commit.id);
      } catch (error) {
        if (!(error instanceof ModelRefusal)) throw error;
        throw new SimulationFailure(
          `commit ${commit.id} (LSN ${commit.lsn}) should have been refused: ${error.message}`,
        );
      }
    }
    folded.lsn = lsn;
    return folded.state;
  }

  /** Whether others have tried to write to the tables of the effects since the mark; or, at least, to make or drop them. */
  isDisturbed(
    { databaseName, effects }: Pick<Commit, 'databaseName' | 'effects'>,
    since: Mark,
    options: { readonly except?: Commit; readonly byDefinitionsOnly?: boolean } = {},
  ): boolean {
    const names = new Set(effects.map(tableNameOf));
    return [...since.running, ...this.#begun.slice(since.begunCount)].some(
      (other) =>
        other !== options.except &&
        other.databaseName === databaseName &&
        other.effects.some(
          (effect) => names.has(tableNameOf(effect)) && (options.byDefinitionsOnly !== true || isDefinition(effect)),
        ),
    );
  }

  /** Whether a refusal of the effects can be right: the tables refuse them, or others wrote to the same ones meanwhile. */
  isRefusalPlausible(commit: Commit, since: Mark): boolean {
    if (this.isDisturbed(commit, since, { except: commit })) return true;
    try {
      this.stateAt(Number.POSITIVE_INFINITY).copy().apply(commit.databaseName, commit.effects, commit.id);
      return false;
    } catch (error) {
      if (error instanceof ModelRefusal) return true;
      throw error;
    }
  }
}

function writesRows(effect: Effect): boolean {
  // Of a table that was empty before, ALTER (which may write all rows anew) and TRUNCATE write nothing.
  const { kind } = effect;
  return kind !== 'create-table' && kind !== 'drop-table' && kind !== 'alter-table' && kind !== 'truncate-table';
}

function isDefinition({ kind }: Effect): boolean {
  return kind === 'create-table' || kind === 'drop-table' || kind === 'alter-table';
}

/** `insert-rows m, drop-table m`: for messages. */
export function describeEffects(effects: readonly Effect[]): string {
  return effects.map((effect) => `${effect.kind} ${tableNameOf(effect)}`).join(', ');
}

export function tableNameOf(effect: Effect): string {
  return effect.kind === 'create-table' ? effect.table.name : effect.tableName;
}
