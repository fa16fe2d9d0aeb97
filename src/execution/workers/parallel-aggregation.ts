import type { Batch } from '../../columnar/batch.ts';
import { columnOf } from '../../columnar/portable-column.ts';
import { type PortableValue, portableValue } from '../../types/portable-value.ts';
import type { GroupStates } from '../aggregate/group-states.ts';
import { GroupingSet } from '../aggregate/grouping-set.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { noteScan, type OperatorCounters } from '../operator-counters.ts';
import type { OpenScan } from '../operators/open-scan.ts';
import type { FusedAggregate, ScanAggregateCounters } from '../scan-aggregate/scan-aggregate.ts';
import { turns } from '../turns.ts';
import { aggregateMorsels } from './aggregate-share.ts';
import type { MorselQueue, ScanPart } from './morsel-queue.ts';
import { type PlanForThreads, planForThreads } from './plan-for-threads.ts';
import { portableEnvironment } from './portable-environment.ts';
import { groupsOf } from './serve-share.ts';
import type { PartialGroups, ScanWorkers, ShareCounters, ShareTask } from './share-task.ts';

/** Parts that a thread has or is about to get, so that it never waits for the next one. */
const PARTS_PER_THREAD = 2;
/** Who waits for threads looks so often whether the statement was cancelled. */
const LOOK_MS = 20;

const BYTES_PER_STATE = 16;

/** The groups of a part of the rows, as they come from here or from another thread. */
interface AggregatedPart {
  readonly groups: readonly (GroupStates | PartialGroups)[];
  readonly isPortable: boolean;
  readonly counters: ShareCounters;
  readonly sizeBytes: number;
}

interface NumberedPart {
  readonly number: number;
  readonly part: ScanPart;
}

/** What an aggregation needs to be done with the help of other threads. */
interface Help {
  readonly workers: ScanWorkers;
  readonly plan: PlanForThreads;
  readonly task: Omit<ShareTask, 'plan' | 'share'>;
}

/** undefined where other threads cannot help. */
export function helpFor(node: FusedAggregate, context: ExecutionContext): Help | undefined {
  const { workers, memory } = context;
  if (workers === undefined || workers.count === 0) return undefined;
  const plan = planForThreads(node);
  if (plan === undefined) return undefined;
  const environment = portableEnvironment(context.environment);
  if (environment === undefined) return undefined;
  const parameters: PortableValue[] = [];
  for (const parameter of context.parameters) {
    const portable = portableValue(parameter);
    if (portable === undefined) return undefined;
    parameters.push(portable);
  }
  const memoryBytes = Math.floor(memory.availableBytes / (workers.count * PARTS_PER_THREAD + 1));
  return { workers, plan, task: { parameters, environment, word: context.control.word, memoryBytes } };
}

/**
 * An aggregation over a scan, with the help of other threads. The scan is cut into parts, each is aggregated by itself, here
 * or elsewhere, and what comes of it is merged in the order of the parts: so the result does not depend on who was faster.
 * This thread reads what it alone can, and helps with the rest as long as no other statement waits for it.
 */
export class ParallelAggregation {
  readonly #node: FusedAggregate;
  readonly #open: OpenScan;
  readonly #queue: MorselQueue;
  readonly #help: Help;
  readonly #context: ExecutionContext;
  readonly #merged: GroupingSet;
  /** By number, those that are not merged yet. */
  readonly #done = new Map<number, AggregatedPart>();
  readonly #own: NumberedPart[] = [];
  /** What threads have and have not answered, in order; without those that this thread has done meanwhile. */
  readonly #sent = new Map<number, ScanPart>();
  #launched = 0;
  #nextNumber = 0;
  #nextMerged = 0;
  #isAtEnd = false;
  /** Somebody has declined: it has to be done in another way. */
  #isGivenUp = false;
  #failure: { readonly number: number; readonly error: unknown } | undefined;
  #isOver = false;
  #reservedBytes = 0;
  /** Of these, what the merged groups take. */
  #mergedBytes = 0;
  #wake: (() => void) | undefined;

  constructor(node: FusedAggregate, open: OpenScan, queue: MorselQueue, help: Help, context: ExecutionContext) {
    this.#node = node;
    this.#open = open;
    this.#queue = queue;
    this.#help = help;
    this.#context = context;
    this.#merged = new GroupingSet(node, [...node.keys.keys()], context);
  }

  /** Takes all rows in; false when this is no way to do it. */
  async run(counters: ScanAggregateCounters | undefined): Promise<boolean> {
    const { control } = this.#context;
    const scan = counters?.scan;
    this.#help.workers.warmUp();
    for (;;) {
      control.check();
      if (!(await this.#mergeReady(scan)) || this.#isGivenUp) return false;
      this.#fill();
      // Conditions that have failed for a series are to be tested row by row, which nobody else knows.
      if (this.#open.filters.length > this.#node.input.filters.length) return false;
      const next = this.#own.shift() ?? this.#nextToHelp() ?? this.#nextToRepeat();
      if (next !== undefined) {
        await this.#aggregateHere(next.number, next.part);
        // So that they get their next part as soon as they are done with one.
        this.#help.workers.receive();
        continue;
      }
      if (this.#done.has(this.#nextMerged)) continue;
      if (this.#isAtEnd && this.#nextMerged === this.#nextNumber) break;
      await this.#anyone();
    }
    if (counters !== undefined) this.#note(counters);
    return true;
  }

  /** A row a group, some thousand groups at a time. */
  results(): AsyncGenerator<Batch, void, undefined> {
    return this.#merged.results();
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#merged.close();
    this.#context.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
  }

  /** Gives the threads as much as they take, as long as what comes back is merged. */
  #fill(): void {
    const { workers } = this.#help;
    const limit = workers.readyCount * PARTS_PER_THREAD;
    while (!this.#isAtEnd && this.#sent.size < limit && this.#hasRoom) {
      const taken = this.#take();
      if (taken === undefined) return;
      const { number, part } = taken;
      if (part.kind === 'own') this.#own.push(taken);
      else this.#send(number, part);
    }
  }

  /** What is done and not merged yet is to be bounded. */
  get #hasRoom(): boolean {
    return this.#nextNumber - this.#nextMerged < (this.#help.workers.count + 1) * PARTS_PER_THREAD * 2;
  }

  #take(): NumberedPart | undefined {
    const part = this.#queue.next();
    if (part !== undefined) return { number: this.#nextNumber++, part };
    this.#isAtEnd = true;
    return undefined;
  }

  /** A part for this thread, where nobody else waits for it, or no other thread runs yet. */
  #nextToHelp(): NumberedPart | undefined {
    if (this.#isAtEnd || !this.#hasRoom) return undefined;
    if (turns.hasWaiting && this.#help.workers.readyCount > 0) return undefined;
    return this.#take();
  }

  /**
   * When there is nothing else to do: a part that a thread has and has not answered, since its code may be cold, or it has
   * parts of other statements before. Whoever is done first counts; both get the same. At the end it is the last part, with
   * which the thread has hardly begun, otherwise the one that keeps the others from being merged.
   */
  #nextToRepeat(): NumberedPart | undefined {
    if (this.#help.workers.isAlwaysAwaited === true) return undefined;
    if (turns.hasWaiting || this.#done.has(this.#nextMerged)) return undefined;
    let next: NumberedPart | undefined;
    for (const [number, part] of this.#sent) {
      if (next === undefined || this.#isAtEnd) next = { number, part };
    }
    return next;
  }

  #send(number: number, part: ScanPart & { readonly kind: 'share' }): void {
    const { workers, plan, task } = this.#help;
    const share = part.share.portable();
    if (share === undefined) {
      this.#own.push({ number, part });
      return;
    }
    this.#sent.set(number, part);
    this.#launched = Math.max(this.#launched, Math.min(this.#sent.size, workers.readyCount));
    workers
      .run({ ...task, plan, share }, () => !this.#isOver && this.#sent.has(number))
      .then(
        (reply) => {
          if (!this.#isAwaited(number)) return;
          try {
            const groups = groupsOf(reply);
            if (groups === undefined) this.#isGivenUp = true;
            else this.#keep(number, { ...groups, isPortable: true });
          } catch (error) {
            this.#fail(number, error);
          }
          this.#wake?.();
        },
        (error) => {
          if (!this.#isAwaited(number)) return;
          this.#fail(number, error);
          this.#wake?.();
        },
      );
  }

  /** False when this thread has done it already; it is not waited for from now on. */
  #isAwaited(number: number): boolean {
    return this.#sent.delete(number) && !this.#isOver;
  }

  /** The error of the first part counts: that is the one which others would see as well. */
  #fail(number: number, error: unknown): void {
    if (this.#failure === undefined || number < this.#failure.number) this.#failure = { number, error };
  }

  async #aggregateHere(number: number, part: ScanPart): Promise<void> {
    const morsels = part.kind === 'own' ? part.morsels : part.share.morsels;
    try {
      const aggregated = await aggregateMorsels(this.#node, this.#open, morsels, this.#context);
      if (aggregated === undefined) this.#isGivenUp = true;
      else this.#keep(number, { ...aggregated, isPortable: false });
    } catch (error) {
      this.#fail(number, error);
    } finally {
      this.#sent.delete(number);
    }
  }

  #keep(number: number, part: Omit<AggregatedPart, 'sizeBytes'>): void {
    const sizeBytes = part.groups.reduce((size, groups) => size + sizeOf(groups), 0);
    // Done by a thread while this one was at it.
    if (this.#isOver || this.#done.has(number)) return;
    if (!this.#context.memory.tryReserve(sizeBytes)) {
      this.#isGivenUp = true;
      return;
    }
    this.#reservedBytes += sizeBytes;
    this.#done.set(number, { ...part, sizeBytes });
  }

  /** Merges what is there and next in order. False when there is no memory for it. */
  async #mergeReady(scan: OperatorCounters | undefined): Promise<boolean> {
    const { control, memory } = this.#context;
    for (;;) {
      const part = this.#done.get(this.#nextMerged);
      if (part === undefined) {
        if (this.#failure?.number === this.#nextMerged) throw this.#failure.error;
        return true;
      }
      this.#done.delete(this.#nextMerged++);
      for (const groups of part.groups) {
        this.#merged.merge(part.isPortable ? statesOf(groups as PartialGroups) : (groups as GroupStates));
        const growth = this.#merged.sizeBytes - this.#mergedBytes;
        if (growth > 0) {
          if (!memory.tryReserve(growth)) return false;
          this.#mergedBytes += growth;
          this.#reservedBytes += growth;
        }
        const turn = control.yieldIfDue();
        if (turn !== undefined) await turn;
      }
      memory.release(part.sizeBytes);
      this.#reservedBytes -= part.sizeBytes;
      if (scan !== undefined) {
        scan.rows += part.counters.passedRows;
        scan.removedRows += part.counters.removedRows;
        noteScan(scan, part.counters.scan);
      }
    }
  }

  /** Until a thread has answered, or it is time to look for a cancellation. */
  #anyone(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #note({ own, scan }: ScanAggregateCounters): void {
    scan.loops++;
    // The parts know what was read, and the scan which series there are.
    const { seriesScanned, tagTests } = this.#open.tableScan.counters;
    const planned = { seriesScanned, unitsRead: 0, unitsSkipped: 0, soleRows: 0, mergedRows: 0 };
    noteScan(scan, planned);
    if (tagTests !== undefined && scan.scan !== undefined) scan.scan.tagTests = tagTests;
    own.workersPlanned = this.#help.workers.count;
    own.workersLaunched = Math.max(own.workersLaunched ?? 0, this.#launched);
  }
}

/** In memory, about. */
function sizeOf({ rowCount, keys, states }: GroupStates | PartialGroups): number {
  const columnCount = states.reduce((count, columns) => count + columns.length, keys.length);
  return rowCount * columnCount * BYTES_PER_STATE;
}

function statesOf({ rowCount, keys, states }: PartialGroups): GroupStates {
  return { rowCount, keys: keys.map(columnOf), states: states.map((columns) => columns.map(columnOf)) };
}
