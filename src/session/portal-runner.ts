import type { CancelReason, StatementControl } from '../execution/statement-control.ts';
import type { Timers } from '../platform/timers.ts';
import { normalizeSql } from '../sql/syntax/parse-sql.ts';
import type { Log } from './log.ts';
import type { Portal } from './portal.ts';
import { pullPortal } from './pull-portal.ts';
import type { Completion, ExecuteOptions } from './session-options.ts';
import type { SessionRoles } from './session-roles.ts';
import type { Settings } from './settings.ts';
import { type StatementStatistics, withoutConstants } from './statement-statistics.ts';
import { takesSnapshot } from './statement-traits.ts';
import type { TransactionBlock } from './transaction-block.ts';

/** How often who waits for other transactions looks whether they have ended. */
const NAP_MS = 10;

/** What a session lends the runner of its portals. */
export interface PortalRunnerParts {
  readonly processId: number;
  readonly databaseOid: number;
  readonly databaseName: string;
  readonly roles: SessionRoles;
  readonly settings: Settings;
  readonly block: TransactionBlock;
  readonly timers: Timers;
  readonly log: Log;
  readonly statistics: StatementStatistics;
  /** A COPY that waits for the client's data looks whether it has been cancelled. */
  readonly wakeDoor: () => void;
  /** Values in an error are shown as the session's settings have it. */
  readonly inOwnWords: (error: unknown) => unknown;
}

/** One execution of a portal, while it runs. */
interface Execution {
  readonly portal: Portal;
  readonly stopTimer: (() => void) | undefined;
  readonly startMs: number;
}

/** Runs the portals of a session, one at a time: on the leash of its timeout, and with the account of what it took. */
export class PortalRunner {
  readonly #parts: PortalRunnerParts;
  #running: StatementControl | undefined;

  constructor(parts: PortalRunnerParts) {
    this.#parts = parts;
  }

  /** The leash of the portal that runs. */
  get running(): StatementControl | undefined {
    return this.#running;
  }

  /** Stops the portal that runs, if any; may be called at any time. */
  cancel(reason: CancelReason): void {
    this.#running?.cancel(reason);
    this.#parts.wakeDoor();
  }

  /** Runs a portal until its end or `maxRows`. On an error the portal is closed. */
  execute(portal: Portal, options: ExecuteOptions): Completion | Promise<Completion> {
    portal.requireRunnable();
    const run: Execution = { portal, stopTimer: this.#start(portal.control), startMs: performance.now() };
    let completion: Completion | Promise<Completion>;
    try {
      completion =
        this.#parts.block.waitsForSafeSnapshot && takesSnapshot(portal.statement.statement)
          ? this.#pullSafely(portal, options)
          : pullPortal(portal, options);
    } catch (error) {
      return this.#endFailed(run, error);
    }
    if (completion instanceof Promise) return this.#executeOn(run, completion);
    this.#endExecution(run, completion);
    return completion;
  }

  async #pullSafely(portal: Portal, options: ExecuteOptions): Promise<Completion> {
    await this.#parts.block.takeSafeSnapshot(() => this.#nap(portal.control));
    return pullPortal(portal, options);
  }

  async #executeOn(run: Execution, pulled: Promise<Completion>): Promise<Completion> {
    let completion: Completion;
    try {
      completion = await pulled;
    } catch (error) {
      return this.#endFailed(run, error);
    }
    this.#endExecution(run, completion);
    return completion;
  }

  async #endFailed(run: Execution, error: unknown): Promise<never> {
    const { portal } = run;
    try {
      await portal.close();
      throw portal.relocated(this.#parts.inOwnWords(error));
    } finally {
      this.#endExecution(run, undefined);
    }
  }

  /** `completion` undefined: it has failed. */
  #endExecution({ portal, stopTimer, startMs }: Execution, completion: Completion | undefined): void {
    stopTimer?.();
    this.#running = undefined;
    const durationMs = performance.now() - startMs;
    portal.elapsedMs += durationMs;
    if (completion !== undefined) {
      portal.rowCount += completion.isSuspended ? completion.rowCount : affectedRows(completion.tag);
      if (!completion.isSuspended) this.#noteFinished(portal);
    }
    this.#parts.log('debug', 'statement', {
      processId: this.#parts.processId,
      durationMs,
      rowCount: completion?.rowCount,
    });
  }

  /** Undefined: no timer runs. */
  #start(control: StatementControl): (() => void) | undefined {
    this.#running = control;
    const timeoutMs = this.#parts.settings.statementTimeoutMs;
    if (timeoutMs === 0) return undefined;
    return this.#parts.timers.after(timeoutMs, () => {
      control.cancel('timeout');
      this.#parts.wakeDoor();
    });
  }

  async #nap(control: StatementControl): Promise<void> {
    await new Promise<void>((resolve) => this.#parts.timers.after(NAP_MS, resolve));
    control.check();
  }

  #noteFinished({ statement: { text, normalizedText }, elapsedMs, rowCount }: Portal): void {
    if (text === '') return;
    const roleOid = this.#parts.roles.current.oid;
    const { databaseOid, processId, databaseName } = this.#parts;
    this.#parts.statistics.note({ roleOid, databaseOid, text, normalizedText, milliseconds: elapsedMs, rowCount });
    const slowMs = this.#parts.settings.logMinDurationMs;
    if (slowMs === undefined || elapsedMs < slowMs) return;
    const user = this.#parts.roles.session.name;
    const statement = this.#parts.settings.logsParameters ? text : withoutConstants(text, normalizeSql);
    this.#parts.log('info', 'slow statement', {
      processId,
      user,
      database: databaseName,
      durationMs: elapsedMs,
      statement,
    });
  }
}

/** How many rows a tag speaks of: `INSERT 0 5`. */
function affectedRows(tag: string): number {
  const count = Number(tag.slice(tag.lastIndexOf(' ') + 1));
  return Number.isNaN(count) ? 0 : count;
}
