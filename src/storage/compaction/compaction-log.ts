import type { StorageParts } from '../storage-parts.ts';
import type { Compaction } from './compaction.ts';
import type { CompactionCounts, CompactionFacts, CompactionReport } from './compaction-facts.ts';

interface Begun {
  readonly facts: CompactionFacts;
  readonly startMs: number;
}

/** What the compactor has done, in numbers and in lines of the log. */
export class CompactionLog {
  readonly #parts: Pick<StorageParts, 'clock' | 'report'>;
  /** By compaction, from its beginning until it is forgotten by all. */
  readonly #begun = new WeakMap<Compaction, Begun>();
  #running: Compaction | undefined;
  #last: CompactionFacts | undefined;
  #problem: string | undefined;
  #counts: CompactionCounts = {
    merges: 0,
    abandoned: 0,
    failures: 0,
    inputSegments: 0,
    inputRows: 0,
    inputBytes: 0,
    outputRows: 0,
    outputBytes: 0,
    durationMs: 0,
  };

  constructor(parts: Pick<StorageParts, 'clock' | 'report'>) {
    this.#parts = parts;
  }

  get report(): CompactionReport {
    return {
      running: this.#running === undefined ? undefined : this.factsOf(this.#running),
      last: this.#last,
      counts: this.#counts,
      problem: this.#problem,
    };
  }

  /** Of a compaction that was prepared. */
  factsOf(compaction: Compaction): CompactionFacts {
    return this.#begun.get(compaction)!.facts;
  }

  prepare(compaction: Compaction, reason: string): void {
    const { inputs, store, partition } = compaction;
    const facts: CompactionFacts = {
      tableOid: store.oid,
      tableName: store.newest.name,
      partition,
      reason,
      inputSegments: inputs.length,
      inputRows: inputs.reduce((sum, { entry }) => sum + entry.rowCount, 0),
      inputBytes: inputs.reduce((sum, { entry }) => sum + entry.sizeBytes, 0),
      outputRows: 0,
      outputBytes: 0,
      startMicros: this.#parts.clock.nowMicros(),
      durationMs: undefined,
    };
    this.#begun.set(compaction, { facts, startMs: this.#parts.clock.monotonicMillis() });
  }

  /** The compaction is the one that is being written. */
  begin(compaction: Compaction): void {
    this.#running = compaction;
  }

  succeeded(compaction: Compaction): void {
    const facts = this.#end(compaction);
    const { merges, ...counts } = this.#counts;
    this.#counts = {
      ...counts,
      merges: merges + 1,
      inputSegments: counts.inputSegments + facts.inputSegments,
      inputRows: counts.inputRows + facts.inputRows,
      inputBytes: counts.inputBytes + facts.inputBytes,
      outputRows: counts.outputRows + facts.outputRows,
      outputBytes: counts.outputBytes + facts.outputBytes,
      durationMs: counts.durationMs + facts.durationMs!,
    };
    this.#last = facts;
    this.#problem = undefined;
    const { startMicros: _start, ...fields } = facts;
    this.#parts.report('info', 'segments were merged', { ...fields });
  }

  abandoned(compaction: Compaction): void {
    this.#end(compaction);
    this.#counts = { ...this.#counts, abandoned: this.#counts.abandoned + 1 };
  }

  failed(compaction: Compaction, error: Error): void {
    const { tableName, partition, inputSegments } = this.#end(compaction);
    this.#counts = { ...this.#counts, failures: this.#counts.failures + 1 };
    this.#problem = error.message;
    this.#parts.report('warn', 'segments could not be merged; they stay as they are', {
      table: tableName,
      partition,
      inputSegments,
      error: error.message,
    });
  }

  #end(compaction: Compaction): CompactionFacts {
    const { facts, startMs } = this.#begun.get(compaction)!;
    const ended: CompactionFacts = {
      ...facts,
      outputRows: compaction.result?.entry.rowCount ?? 0,
      outputBytes: compaction.result?.entry.sizeBytes ?? 0,
      durationMs: this.#parts.clock.monotonicMillis() - startMs,
    };
    this.#begun.set(compaction, { facts: ended, startMs });
    if (this.#running === compaction) this.#running = undefined;
    return ended;
  }
}
