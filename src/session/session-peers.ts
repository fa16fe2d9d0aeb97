import type { InstanceLocks } from '../catalog/instance-locks.ts';
import type { TableLockState } from '../catalog/table-locking.ts';
import type { ConnectionEnds } from '../functions/catalog/system-facts.ts';
import type { HeldLock, SessionActivity } from '../pg-catalog/session-activity.ts';
import type { Session } from './session.ts';

/** A session among the others of the instance. */
export interface Peer {
  readonly session: Session;
  /** `10.0.0.7`, or what stands for a client without an address. */
  readonly remoteAddress: string;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly startMicros: number;
}

/** PostgreSQL's weakest modes that exclude the same statements as ours. */
const RELATION_MODES: Readonly<Record<TableLockState['mode'], string>> = {
  append: 'RowExclusiveLock',
  write: 'ShareUpdateExclusiveLock',
  share: 'ShareLock',
  exclusive: 'AccessExclusiveLock',
};
const ADVISORY_MODES = { exclusive: 'ExclusiveLock', shared: 'ShareLock' } as const;

/** All sessions of an instance, as one of them may look at them. */
export class SessionPeers {
  readonly #peers: () => Iterable<Peer>;
  readonly #locks: InstanceLocks;

  constructor(peers: () => Iterable<Peer>, locks: InstanceLocks) {
    this.#peers = peers;
    this.#locks = locks;
  }

  find(processId: number): Peer | undefined {
    for (const peer of this.#peers()) if (peer.session.processId === processId) return peer;
    return undefined;
  }

  /** The two ends of a session's connection; undefined for one without addresses. */
  connectionOf(processId: number): ConnectionEnds | undefined {
    const peer = this.find(processId);
    if (peer === undefined || peer.remoteAddress === 'local' || peer.localAddress === undefined) return undefined;
    return {
      client: { address: peer.remoteAddress, port: peer.remotePort ?? 0 },
      server: { address: peer.localAddress, port: peer.localPort ?? 0 },
    };
  }

  /** `maySee`: what the sessions of a role do. */
  *activities(maySee: (roleOid: number) => boolean): Generator<SessionActivity, void, undefined> {
    for (const { session, remoteAddress, remotePort, startMicros } of this.#peers()) {
      const { transaction } = session;
      yield {
        ...session.activity,
        client: remoteAddress === 'local' ? undefined : { address: remoteAddress, port: remotePort ?? -1 },
        backendStart: startMicros,
        isWaiting: transaction !== undefined && this.#blockersOf(transaction).next().done !== true,
        isHidden: !maySee(session.activity.roleOid),
      };
    }
  }

  *locks(): Generator<HeldLock, void, undefined> {
    const owners = new Map<object, Session>();
    for (const { session } of this.#peers()) {
      const { transaction, processId } = session;
      if (transaction === undefined) continue;
      owners.set(transaction, session);
      yield { kind: 'virtualxid', databaseOid: undefined, processId, mode: 'ExclusiveLock', isGranted: true };
    }
    for (const { tableOid: relationOid, owner, mode, isGranted } of this.#locks.tables.states()) {
      const session = owners.get(owner);
      // Line protocol has locks too, for the length of a commit, and no session.
      if (session === undefined) continue;
      const { databaseOid, processId } = session;
      yield { kind: 'relation', databaseOid, relationOid, processId, mode: RELATION_MODES[mode], isGranted };
    }
    for (const { key, processId, mode, isGranted } of this.#locks.advisory.states()) {
      const { databaseOid, ...advisory } = key;
      yield { kind: 'advisory', databaseOid, advisory, processId, mode: ADVISORY_MODES[mode], isGranted };
    }
  }

  /** The sessions that a session waits for. */
  blocking(processId: number): number[] {
    const transaction = this.find(processId)?.session.transaction;
    if (transaction === undefined) return [];
    const blockers = new Set(this.#blockersOf(transaction));
    const peers = [...this.#peers()].filter(({ session }) => [...blockers].some((owner) => session.waitsAs(owner)));
    return peers.map(({ session }) => session.processId);
  }

  *#blockersOf(transaction: object): Generator<object, void, undefined> {
    yield* this.#locks.waits.blockersOf(transaction);
  }
}
