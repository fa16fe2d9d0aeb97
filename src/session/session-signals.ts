import { PredefinedRole } from '../catalog/access/role.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Signal } from '../functions/environment.ts';
import { type NoticeSink, warning } from './notice.ts';
import type { SessionPeers } from './session-peers.ts';
import type { SessionRoles } from './session-roles.ts';

const VERBS: Readonly<Record<Signal, { readonly verb: string; readonly participle: string; readonly what: string }>> = {
  cancel: { verb: 'cancel', participle: 'canceled', what: 'query' },
  terminate: { verb: 'terminate', participle: 'terminated', what: 'process' },
};

/** What pg_cancel_backend and pg_terminate_backend do: to sessions of roles that the caller is a member of. */
export class SessionSignals {
  readonly #peers: SessionPeers;
  readonly #roles: SessionRoles;
  readonly #notice: NoticeSink;

  constructor(peers: SessionPeers, roles: SessionRoles, notice: NoticeSink) {
    this.#peers = peers;
    this.#roles = roles;
    this.#notice = notice;
  }

  /** False, and a warning, when there is no such session. Throws 42501. */
  send(processId: number, signal: Signal): boolean {
    const session = this.#peers.find(processId)?.session;
    if (session === undefined) {
      this.#notice(warning(SqlState.Warning, `PID ${processId} is not a PostgreSQL backend process`));
      return false;
    }
    this.#requireRight(session.roles.session.oid, signal);
    if (signal === 'cancel') session.cancel('user');
    else session.terminate();
    return true;
  }

  #requireRight(targetOid: number, signal: Signal): void {
    const { access, current } = this.#roles;
    const { verb, participle, what } = VERBS[signal];
    if (access.isSuperuser(targetOid) && !access.isSuperuser(current.oid)) {
      const message = `must be a superuser to ${verb} superuser ${what}`;
      throw new SqlError(SqlState.InsufficientPrivilege, message);
    }
    if (access.hasRightsOf(current.oid, targetOid)) return;
    if (access.hasRightsOf(current.oid, PredefinedRole.SignalBackend)) return;
    throw new SqlError(
      SqlState.InsufficientPrivilege,
      `must be a member of the role whose ${what} is being ${participle} or member of pg_signal_backend`,
    );
  }
}
