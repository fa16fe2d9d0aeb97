import { createHmac, timingSafeEqual } from 'node:crypto';
import type { StoredRole } from '../../catalog/access/role.ts';
import type { SharedCatalog } from '../../catalog/access/shared-catalog.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Clock } from '../../platform/clock.ts';
import type { HostNames } from '../../platform/host-names.ts';
import type { Timers } from '../../platform/timers.ts';
import type { Log } from '../log.ts';
import {
  isPassword,
  parseVerifier,
  SALT_BYTES,
  SCRAM_ITERATIONS,
  type ScramVerifier,
  sha256,
} from '../passwords/scram-verifier.ts';
import { asksForNames, type LoginClient, type LoginRule, plainAddress, ruleFor } from './login-rules.ts';

export interface LoginGateOptions {
  readonly shared: () => SharedCatalog;
  /** As they are by now. */
  readonly access: () => GateAccess;
  /** Nobody else's: what the verifiers of unknown users are made of. */
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** The method `password` without TLS: the password crosses the network as it is. */
  readonly allowsClearText?: boolean;
  /** Absent: rules about names and networks are about nobody. */
  readonly hostNames?: HostNames;
  /** How long a failed login waits for its answer; 1 s by default. */
  readonly failureDelayMs?: number;
}

/** Who comes in: read again when the configuration is. */
export interface GateAccess {
  readonly rules: readonly LoginRule[];
  /** Tokens of HTTP clients: the hash of each, and whom it stands for. */
  readonly tokens?: readonly LoginToken[];
}

/** A bearer token, which is kept as its SHA-256 alone. */
export interface LoginToken {
  readonly roleName: string;
  readonly hash: Uint8Array;
}

/** What a password is checked against. */
export interface PasswordCheck {
  readonly verifier: ScramVerifier;
  /** False: whatever is given is wrong; the client is not to see a difference. */
  readonly isReal: boolean;
}

const FAILURE_DELAY_MS = 1_000;
/** Clients that send a password with each request are not asked to wait for it each time. */
const MAX_REMEMBERED = 1_000;

/** Who is let in, whatever the door: rules, passwords and tokens. */
export class LoginGate {
  readonly #options: LoginGateOptions;
  /** Of passwords that were right: a keyed hash over the verifier and the password. */
  readonly #remembered = new Set<string>();

  constructor(options: LoginGateOptions) {
    this.#options = options;
  }

  get shared(): SharedCatalog {
    return this.#options.shared();
  }

  /** The rule for a client. Throws 28000 where there is none, or it refuses him. */
  async rule(client: LoginClient): Promise<LoginRule> {
    const { access, hostNames, log, allowsClearText = false } = this.#options;
    const { rules } = access();
    const hostName = asksForNames(rules) ? await this.#hostName(client) : undefined;
    const rule = ruleFor(rules, { ...client, hostName }, this.shared, hostNames?.ownNetworks);
    const from = client.address === undefined ? 'host "[local]"' : `host "${client.address}"`;
    const encryption = client.isEncrypted ? 'SSL encryption' : 'no encryption';
    const who = `${from}, user "${client.userName}", database "${client.databaseName}", ${encryption}`;
    if (rule === undefined) throw this.#refused(client, `no pg_hba.conf entry for ${who}`, 'no rule');
    if (rule.method === 'reject') {
      throw this.#refused(client, `pg_hba.conf rejects connection for ${who}`, 'rejected by rule');
    }
    if (rule.method === 'password' && !client.isEncrypted && client.address !== undefined && !allowsClearText) {
      log('warn', 'a password in clear text is not asked for without TLS', { user: client.userName });
      throw this.#refused(client, `no pg_hba.conf entry for ${who}`, 'clear text without TLS');
    }
    return rule;
  }

  /** The name of a client's address, if that is its address. */
  async #hostName({ address }: LoginClient): Promise<string | undefined> {
    const { hostNames } = this.#options;
    if (address === undefined || hostNames === undefined) return undefined;
    const plain = plainAddress(address);
    const name = await hostNames.nameOf(plain);
    if (name === undefined) return undefined;
    const addresses = await hostNames.addressesOf(name);
    return addresses.some((found) => plainAddress(found) === plain) ? name : undefined;
  }

  /** What the password of a user is checked against; for whom there is none, something that looks like it. */
  passwordCheck(userName: string): PasswordCheck {
    const role = this.shared.roleByName(userName);
    const verifier = role?.verifier === undefined ? undefined : parseVerifier(role.verifier);
    if (role !== undefined && verifier !== undefined && !this.#hasExpired(role)) return { verifier, isReal: true };
    // The same salt for a name each time, as if it were kept.
    const salt = createHmac('sha256', this.#options.secret).update(userName).digest().subarray(0, SALT_BYTES);
    const storedKey = verifier?.storedKey ?? sha256(salt);
    return {
      verifier: {
        iterations: verifier?.iterations ?? SCRAM_ITERATIONS,
        salt: verifier?.salt ?? salt,
        storedKey,
        serverKey: storedKey,
      },
      isReal: false,
    };
  }

  /** Whether a password in clear is a user's. */
  async isPassword(userName: string, password: string): Promise<boolean> {
    const { verifier, isReal } = this.passwordCheck(userName);
    const key = createHmac('sha256', this.#options.secret).update(verifier.storedKey).update(password).digest('base64');
    if (isReal && this.#remembered.has(key)) return true;
    const isRight = (await isPassword(password, verifier)) && isReal;
    if (isRight) {
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      this.#remembered.add(key);
    }
    return isRight;
  }

  /** The role that a bearer token stands for. */
  roleOfToken(token: string): string | undefined {
    const hash = sha256(Buffer.from(token));
    let found: string | undefined;
    for (const known of this.#options.access().tokens ?? []) {
      if (known.hash.length === hash.length && timingSafeEqual(known.hash, hash)) found = known.roleName;
    }
    return found;
  }

  /** What every failed login comes to: after a while, and without a word about what was wrong. */
  async failed(client: LoginClient, reason: string): Promise<SqlError> {
    const { timers, log, failureDelayMs = FAILURE_DELAY_MS } = this.#options;
    log('warn', 'login failed', facts(client, reason));
    if (failureDelayMs > 0) await new Promise<void>((resolve) => timers.after(failureDelayMs, resolve));
    return new SqlError(SqlState.InvalidPassword, `password authentication failed for user "${client.userName}"`);
  }

  #refused(client: LoginClient, message: string, reason: string): SqlError {
    this.#options.log('warn', 'login refused', facts(client, reason));
    return new SqlError(SqlState.InvalidAuthorizationSpecification, message);
  }

  #hasExpired({ validUntil }: StoredRole): boolean {
    if (validUntil === undefined || validUntil === 'infinity') return false;
    return validUntil === '-infinity' || validUntil <= this.#options.clock.nowMicros();
  }
}

function facts({ userName, databaseName, address, isEncrypted }: LoginClient, reason: string) {
  return { user: userName, database: databaseName, remoteAddress: address ?? 'local', isEncrypted, reason };
}
