import { createHash } from 'node:crypto';
import type { StatementStatistic } from '../pg-catalog/statement-statistic.ts';

/** What one execution adds. */
export interface ExecutedStatement {
  readonly roleOid: number;
  readonly databaseOid: number;
  /** As it was sent. */
  readonly text: string;
  /** Without its constants, where that is known. */
  readonly normalizedText?: string | undefined;
  readonly milliseconds: number;
  readonly rowCount: number;
}

interface Counters {
  readonly roleOid: number;
  readonly databaseOid: number;
  calls: number;
  rows: number;
  totalMs: number;
  minMs: number;
  maxMs: number;
  /** The sum of squares of what differs from the mean (Welford). */
  deviation: number;
}

/** Texts that are waiting to be normalised, and how many of the oldest are when there are too many. */
const MAX_TEXTS = 1_000;
const MAX_TEXT_UNITS = 4 * 1024 * 1024;
const FOLDED_AT_ONCE = 50;
/** PostgreSQL's pg_stat_statements.max; beyond it those with the fewest calls go, a twentieth at a time. */
const MAX_STATEMENTS = 5_000;

/**
 * How often each statement ran, how long and for how many rows, by its text without the constants (PostgreSQL:
 * pg_stat_statements). Normalising takes as long as a short query, so it is put off: counters stand under the text as it
 * came until that is one of too many, or until somebody looks.
 */
export class StatementStatistics {
  readonly #normalize: (text: string) => string;
  readonly #byText = new Map<string, Counters[]>();
  #textUnits = 0;
  /** By normalised text. */
  readonly #statements = new Map<string, Counters[]>();
  #statementCount = 0;

  /** `normalize` puts $1, $2 … in the place of constants, and throws for what cannot be parsed. */
  constructor(normalize: (text: string) => string) {
    this.#normalize = normalize;
  }

  note(executed: ExecutedStatement): void {
    const { normalizedText, rowCount, milliseconds } = executed;
    const counters =
      normalizedText === undefined
        ? countersFor(this.#waitingUnder(executed.text), executed)
        : this.#statementCounters(normalizedText, executed);
    add(counters, {
      calls: 1,
      rows: rowCount,
      totalMs: milliseconds,
      minMs: milliseconds,
      maxMs: milliseconds,
      deviation: 0,
    });
  }

  #waitingUnder(text: string): Counters[] {
    let known = this.#byText.get(text);
    if (known === undefined) {
      this.#makeRoom(text.length);
      known = [];
      this.#byText.set(text, known);
      this.#textUnits += text.length;
    }
    return known;
  }

  #statementCounters(normalized: string, key: Pick<Counters, 'roleOid' | 'databaseOid'>): Counters {
    let known = this.#statements.get(normalized);
    if (known === undefined) {
      known = [];
      this.#statements.set(normalized, known);
    }
    const before = known.length;
    const counters = countersFor(known, key);
    this.#statementCount += known.length - before;
    if (this.#statementCount > MAX_STATEMENTS && known.length > before) this.#dropRarest();
    return counters;
  }

  *entries(): Generator<StatementStatistic, void, undefined> {
    this.#fold(this.#byText.size);
    for (const [text, all] of this.#statements) {
      const queryId = queryIdOf(text);
      for (const { roleOid, databaseOid, calls, rows, totalMs, minMs, maxMs, deviation } of all) {
        const deviationMs = Math.sqrt(deviation / calls);
        yield { roleOid, databaseOid, queryId, text, calls, rows, totalMs, minMs, maxMs, deviationMs };
      }
    }
  }

  /** Forgets what these say, or everything. */
  reset(which: { readonly roleOid?: number; readonly databaseOid?: number; readonly queryId?: bigint } = {}): void {
    this.#fold(this.#byText.size);
    for (const [text, all] of [...this.#statements]) {
      if (which.queryId !== undefined && queryIdOf(text) !== which.queryId) continue;
      const kept = all.filter(
        ({ roleOid, databaseOid }) =>
          (which.roleOid !== undefined && which.roleOid !== roleOid) ||
          (which.databaseOid !== undefined && which.databaseOid !== databaseOid),
      );
      this.#statementCount -= all.length - kept.length;
      if (kept.length === 0) this.#statements.delete(text);
      else this.#statements.set(text, kept);
    }
  }

  #makeRoom(units: number): void {
    if (this.#byText.size >= MAX_TEXTS) this.#fold(FOLDED_AT_ONCE);
    while (this.#textUnits > 0 && this.#textUnits + units > MAX_TEXT_UNITS) this.#fold(FOLDED_AT_ONCE);
  }

  /** Puts the counters of the oldest texts where those of the same statement are. */
  #fold(count: number): void {
    let left = count;
    for (const [text, all] of this.#byText) {
      if (left-- === 0) break;
      this.#byText.delete(text);
      this.#textUnits -= text.length;
      const normalized = withoutConstants(text, this.#normalize);
      let known = this.#statements.get(normalized);
      if (known === undefined) {
        known = [];
        this.#statements.set(normalized, known);
      }
      for (const counters of all) {
        const before = known.length;
        add(countersFor(known, counters), counters);
        this.#statementCount += known.length - before;
      }
    }
    if (this.#statementCount > MAX_STATEMENTS) this.#dropRarest();
  }

  #dropRarest(): void {
    const byCalls = [...this.#statements]
      .map(([text, all]) => ({ text, calls: all.reduce((sum, { calls }) => sum + calls, 0) }))
      .sort((left, right) => left.calls - right.calls);
    for (const { text } of byCalls.slice(0, Math.ceil(MAX_STATEMENTS / 20))) {
      this.#statementCount -= this.#statements.get(text)?.length ?? 0;
      this.#statements.delete(text);
    }
  }
}

/** A statement has been parsed when it comes here; should this parse fail, nothing of its constants may be seen. */
export function withoutConstants(text: string, normalize: (text: string) => string): string {
  try {
    return normalize(text);
  } catch {
    return '<unparsable>';
  }
}

function countersFor(all: Counters[], { roleOid, databaseOid }: Pick<Counters, 'roleOid' | 'databaseOid'>): Counters {
  for (const counters of all) {
    if (counters.roleOid === roleOid && counters.databaseOid === databaseOid) return counters;
  }
  const counters: Counters = {
    roleOid,
    databaseOid,
    calls: 0,
    rows: 0,
    totalMs: 0,
    minMs: Number.POSITIVE_INFINITY,
    maxMs: 0,
    deviation: 0,
  };
  all.push(counters);
  return counters;
}

/** Joins two samples of times (Chan, Golub, LeVeque). */
function add(target: Counters, other: Omit<Counters, 'roleOid' | 'databaseOid'>): void {
  const calls = target.calls + other.calls;
  const difference = other.totalMs / other.calls - (target.calls === 0 ? 0 : target.totalMs / target.calls);
  if (target.calls === 0) target.deviation = other.deviation;
  else target.deviation += other.deviation + (difference * difference * target.calls * other.calls) / calls;
  target.calls = calls;
  target.rows += other.rows;
  target.totalMs += other.totalMs;
  target.minMs = Math.min(target.minMs, other.minMs);
  target.maxMs = Math.max(target.maxMs, other.maxMs);
}

/** The same number for the same statement, in every process. */
function queryIdOf(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigInt64BE(0);
}
