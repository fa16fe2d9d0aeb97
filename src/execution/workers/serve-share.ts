import type { Snapshot, Table } from '../../catalog/table.ts';
import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { valueOfPortable } from '../../types/portable-value.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { MemoryAccount } from '../memory-account.ts';
import { openScan } from '../operators/open-scan.ts';
import type { FusedAggregate } from '../scan-aggregate/scan-aggregate.ts';
import { StatementControl } from '../statement-control.ts';
import { aggregateMorsels, portableGroups } from './aggregate-share.ts';
import { decodePlan } from './plan-codec.ts';
import { environmentOf, OutOfReach } from './portable-environment.ts';
import type { PartialGroups, ShareReply, ShareTask, WorkerMessage, WorkerReply } from './share-task.ts';

/** A share as a table; closed when its rows have been read. */
export interface OpenSharedTable {
  readonly table: Table;
  close(): void;
}

/** Makes a table of what `ScanShare.portable()` has given in another thread. */
export type OpenSharedTables = (share: unknown, descriptor: TableDescriptor) => Promise<OpenSharedTable>;

/** The side of a thread that aggregates shares for others: told plans, and shares to aggregate by them. */
export class ShareServer {
  readonly #openTable: OpenSharedTables;
  readonly #plans = new Map<number, FusedAggregate>();

  constructor(openTable: OpenSharedTables) {
    this.#openTable = openTable;
  }

  /** Resolves to the reply that a message wants, if any. Never rejects. */
  async receive(message: WorkerMessage): Promise<WorkerReply | undefined> {
    switch (message.kind) {
      case 'plan':
        this.#plans.set(message.number, decodePlan(message.plan));
        return undefined;
      case 'forget':
        this.#plans.delete(message.number);
        return undefined;
      default: {
        const { id, planNumber, task } = message;
        return { id, reply: await this.#reply(planNumber, task).catch(replyOf) };
      }
    }
  }

  async #reply(planNumber: number, task: Omit<ShareTask, 'plan'>): Promise<ShareReply> {
    const node = this.#plans.get(planNumber);
    invariant(node !== undefined, 'a plan is told before its shares');
    const control = new StatementControl(task.word);
    control.check();
    const { table, close } = await this.#openTable(task.share, node.input.table);
    try {
      const context: ExecutionContext = {
        snapshot: NO_SNAPSHOT,
        table: () => table,
        parameters: task.parameters.map(valueOfPortable),
        environment: environmentOf(task.environment),
        control,
        memory: new MemoryAccount(task.memoryBytes),
      };
      const open = await openScan(node.input, context);
      if (open === undefined) return { kind: 'declined' };
      const aggregated = await aggregateMorsels(node, open, open.tableScan.morsels(), context);
      if (aggregated === undefined) return { kind: 'declined' };
      const groups: PartialGroups[] = [];
      for (const states of aggregated.groups) {
        const portable = portableGroups(states);
        if (portable === undefined) return { kind: 'declined' };
        groups.push(portable);
      }
      return { kind: 'groups', groups, counters: aggregated.counters };
    } finally {
      close();
    }
  }
}

/** Which rows there are was decided where the scan is. */
const NO_SNAPSHOT: Snapshot = { lsn: 0, release: () => {} };

function replyOf(error: unknown): ShareReply {
  if (error instanceof OutOfReach) return { kind: 'declined' };
  if (error instanceof SqlError) {
    return { kind: 'refused', code: error.code, message: error.message, fields: error.fields };
  }
  if (error instanceof CorruptionError) {
    const { message, file, offset, hint } = error;
    return { kind: 'damaged', message, file, offset, hint };
  }
  return { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** The groups, or undefined where the thread could not do it; what it has thrown is thrown again. */
export function groupsOf(reply: ShareReply): Extract<ShareReply, { kind: 'groups' }> | undefined {
  switch (reply.kind) {
    case 'groups':
      return reply;
    case 'declined':
      return undefined;
    case 'refused':
      throw new SqlError(reply.code, reply.message, reply.fields);
    case 'damaged': {
      const { message, file, offset, hint } = reply;
      throw new CorruptionError(message, { file, offset, ...(hint === undefined ? {} : { hint }) });
    }
    default:
      throw new Error(`a worker thread failed: ${reply.message}`);
  }
}
