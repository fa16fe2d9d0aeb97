import type { ScanCounters } from '../../catalog/table.ts';
import type { PortableColumn } from '../../columnar/portable-column.ts';
import type { SqlErrorFields } from '../../errors/sql-error.ts';
import type { SqlState } from '../../errors/sql-state.ts';
import type { PortableValue } from '../../types/portable-value.ts';
import type { WorkSizes } from './morsel-queue.ts';
import type { PortablePlan } from './plan-codec.ts';
import type { PlanForThreads } from './plan-for-threads.ts';
import type { PortableEnvironment } from './portable-environment.ts';

/** What a thread is to aggregate: all of it can be posted. */
export interface ShareTask {
  /** The aggregation; the pool tells it to each thread once. */
  readonly plan: PlanForThreads;
  /** `ScanShare.portable()`. */
  readonly share: unknown;
  readonly parameters: readonly PortableValue[];
  readonly environment: PortableEnvironment;
  /** The statement's cancel word. */
  readonly word: Int32Array;
  readonly memoryBytes: number;
}

/** Some groups of a part of the rows: their keys, and for each aggregate the columns of its partial states. */
export interface PartialGroups {
  readonly rowCount: number;
  readonly keys: readonly PortableColumn[];
  readonly states: readonly (readonly PortableColumn[])[];
}

export interface ShareCounters {
  readonly passedRows: number;
  readonly removedRows: number;
  readonly scan: ScanCounters;
}

export type ShareReply =
  | { readonly kind: 'groups'; readonly groups: readonly PartialGroups[]; readonly counters: ShareCounters }
  /** The thread cannot do it, or has no memory for it. */
  | { readonly kind: 'declined' }
  /** An SqlError. */
  | {
      readonly kind: 'refused';
      readonly code: SqlState;
      readonly message: string;
      readonly fields: SqlErrorFields;
    }
  | {
      readonly kind: 'damaged';
      readonly message: string;
      readonly file: string | undefined;
      readonly offset: number | undefined;
      readonly hint: string | undefined;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** To a thread. */
export type WorkerMessage =
  | { readonly kind: 'plan'; readonly number: number; readonly plan: PortablePlan }
  | { readonly kind: 'forget'; readonly number: number }
  | {
      readonly kind: 'share';
      readonly id: number;
      readonly planNumber: number;
      readonly task: Omit<ShareTask, 'plan'>;
    };

export interface WorkerReply {
  readonly id: number;
  readonly reply: ShareReply;
}

/** Threads that aggregate shares of scans. */
export interface ScanWorkers {
  /** How many there are, running or not. */
  readonly count: number;
  /** What they are asked for; absent: as usual. */
  readonly sizes?: WorkSizes | undefined;
  /** What they have been given is never done by others as well, however long they take. */
  readonly isAlwaysAwaited?: boolean;
  /** How many of them run and take work. */
  readonly readyCount: number;
  /** Starts those that do not run. */
  warmUp(): void;
  /** Takes the replies that have come, which otherwise the event loop brings. */
  receive(): void;
  /**
   * `isWanted` is asked before the work is handed to a thread: false and it never is, then the promise rejects. Rejects
   * with SqlError XX000 when the thread has died.
   */
  run(task: ShareTask, isWanted: () => boolean): Promise<ShareReply>;
}
