import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { WorkSizes } from './morsel-queue.ts';
import type { ScanWorkers, ShareReply, ShareTask, WorkerMessage, WorkerReply } from './share-task.ts';

/** A thread that runs a `ShareServer`. */
export interface ShareThread {
  post(message: WorkerMessage): void;
  /** Takes what has come already, at once. */
  receive?(): void;
  end(): Promise<void>;
}

export interface ShareThreadEvents {
  /** It takes messages from now on; they could be posted before. */
  isReady(): void;
  answered(reply: WorkerReply): void;
  died(error: Error): void;
}

/** `thread` counts from 1: 0 is the one that starts the others. */
export type StartThread = (thread: number, events: ShareThreadEvents) => ShareThread;

/** What a thread has to do and what it is to do next. */
const TASKS_PER_THREAD = 2;
/** Plans that a thread remembers. */
const MAX_PLANS = 64;
/** Threads that nobody has asked for anything so long are ended; what they hold is theirs alone. */
const IDLE_MS = 60_000;

interface Waiting {
  readonly task: ShareTask;
  readonly isWanted: () => boolean;
  resolve(reply: ShareReply): void;
  reject(error: Error): void;
}

/** A thread that was started, and what it has been given. */
class Slot {
  readonly thread: ShareThread;
  readonly tasks = new Map<number, Waiting>();
  /** By number, in the order in which they were used last. */
  readonly #plans = new Set<number>();
  isReady = false;

  constructor(thread: ShareThread) {
    this.thread = thread;
  }

  post(id: number, waiting: Waiting): void {
    const { plan, ...task } = waiting.task;
    if (!this.#plans.delete(plan.number)) {
      this.thread.post({ kind: 'plan', number: plan.number, plan: plan.portable });
    }
    this.#plans.add(plan.number);
    if (this.#plans.size > MAX_PLANS) {
      const [oldest] = this.#plans;
      this.#plans.delete(oldest);
      this.thread.post({ kind: 'forget', number: oldest });
    }
    this.tasks.set(id, waiting);
    this.thread.post({ kind: 'share', id, planNumber: plan.number, task });
  }
}

export type WorkerPoolOptions = Partial<Pick<ScanWorkers, 'sizes' | 'isAlwaysAwaited'>>;

/** Threads that aggregate shares of scans. They start when they are first asked for and end when nobody has asked for long. */
export class WorkerPool implements ScanWorkers {
  readonly count: number;
  readonly sizes: WorkSizes | undefined;
  readonly isAlwaysAwaited: boolean;
  readonly #start: StartThread;
  readonly #slots: (Slot | undefined)[];
  readonly #queue: Waiting[] = [];
  #nextId = 1;
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(count: number, start: StartThread, { sizes, isAlwaysAwaited = false }: WorkerPoolOptions = {}) {
    this.count = count;
    this.sizes = sizes;
    this.isAlwaysAwaited = isAlwaysAwaited;
    this.#start = start;
    this.#slots = new Array<Slot | undefined>(count).fill(undefined);
  }

  get readyCount(): number {
    let count = 0;
    for (const slot of this.#slots) if (slot?.isReady === true) count++;
    return count;
  }

  warmUp(): void {
    if (this.#isClosed) return;
    for (let index = 0; index < this.count; index++) this.#slots[index] ??= this.#startThread(index);
    this.#noteUse();
  }

  receive(): void {
    for (const slot of this.#slots) if (slot !== undefined && slot.tasks.size > 0) slot.thread.receive?.();
  }

  run(task: ShareTask, isWanted: () => boolean): Promise<ShareReply> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(ended());
        return;
      }
      this.#queue.push({ task, isWanted, resolve, reject });
      this.warmUp();
      this.#dispatch();
    });
  }

  /** What waits is refused with 57P01. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    for (const waiting of this.#queue.splice(0)) waiting.reject(ended());
    await this.#endThreads();
  }

  #startThread(index: number): Slot {
    const events: ShareThreadEvents = {
      isReady: () => {
        slot.isReady = true;
        this.#dispatch();
      },
      answered: (reply) => this.#answered(slot, reply),
      died: (error) => this.#died(index, slot, error),
    };
    const slot: Slot = new Slot(this.#start(index + 1, events));
    return slot;
  }

  /** First come, first served, by the thread that has the least to do. */
  #dispatch(): void {
    while (this.#queue.length > 0) {
      const slot = this.#freest();
      if (slot === undefined) return;
      const waiting = this.#queue.shift();
      if (waiting === undefined) return;
      if (waiting.isWanted()) slot.post(this.#nextId++, waiting);
      else waiting.reject(new Error('nobody waits for it any more'));
    }
  }

  #freest(): Slot | undefined {
    let freest: Slot | undefined;
    for (const slot of this.#slots) {
      if (slot?.isReady === true && slot.tasks.size < (freest?.tasks.size ?? TASKS_PER_THREAD)) freest = slot;
    }
    return freest;
  }

  #answered(slot: Slot, { id, reply }: WorkerReply): void {
    const waiting = slot.tasks.get(id);
    slot.tasks.delete(id);
    this.#dispatch();
    waiting?.resolve(reply);
  }

  /** The statements whose work it had fail, and others go on with a new one. */
  #died(index: number, slot: Slot, error: Error): void {
    if (this.#slots[index] !== slot) return;
    this.#slots[index] = undefined;
    const isTooBig = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const reason = isTooBig
      ? new SqlError(SqlState.OutOfMemory, 'out of memory in a worker thread')
      : new SqlError(SqlState.InternalError, `a worker thread ended: ${error.message}`);
    for (const { reject } of slot.tasks.values()) reject(reason);
    slot.tasks.clear();
    // Where no thread ever gets ready, nobody waits for one.
    if (!slot.isReady) for (const { reject } of this.#queue.splice(0)) reject(reason);
    else if (this.#queue.length > 0) this.warmUp();
  }

  #noteUse(): void {
    if (this.#idle !== undefined) {
      this.#idle.refresh();
      return;
    }
    this.#idle = setTimeout(() => {
      this.#idle = undefined;
      if (this.#slots.some((slot) => slot !== undefined && slot.tasks.size > 0)) this.#noteUse();
      else void this.#endThreads();
    }, IDLE_MS);
    this.#idle.unref();
  }

  async #endThreads(): Promise<void> {
    const slots = this.#slots.splice(0, this.count, ...new Array<undefined>(this.count).fill(undefined));
    for (const slot of slots) {
      for (const { reject } of slot?.tasks.values() ?? []) reject(ended());
      slot?.tasks.clear();
    }
    await Promise.all(slots.map((slot) => slot?.thread.end()));
  }
}

function ended(): SqlError {
  return new SqlError(SqlState.AdminShutdown, 'terminating connection due to administrator command');
}
