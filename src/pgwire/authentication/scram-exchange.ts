import { timingSafeEqual } from 'node:crypto';
import { SqlState } from '../../errors/sql-state.ts';
import { hmac, type ScramVerifier, sha256 } from '../../session/passwords/scram-verifier.ts';
import { FatalError, protocolViolation } from '../fatal-error.ts';

export const SCRAM = 'SCRAM-SHA-256';
export const SCRAM_PLUS = 'SCRAM-SHA-256-PLUS';
const BINDING = 'p=tls-server-end-point';

export interface ScramOptions {
  readonly verifier: ScramVerifier;
  /** 18 bytes that nobody can guess. */
  readonly nonce: Uint8Array;
  /** What a client may bind to; undefined: nothing, as there is no TLS. */
  readonly serverEndPoint: Uint8Array | undefined;
}

/**
 * The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677):
 *
 *   client   gs2 header , n=user , r=nonce            the user is who the startup packet names
 *   server   r=nonce + ours , s=salt , i=iterations
 *   client   c=gs2 header and binding , r=nonce + ours , p=proof
 *   server   v=signature
 *
 * Throws FatalError 08P01 for what is not the protocol.
 */
export class ScramExchange {
  readonly #options: ScramOptions;
  readonly #isPlus: boolean;
  readonly #header: string;
  readonly #clientBare: string;
  readonly #nonce: string;
  readonly #serverFirst: string;

  constructor(mechanism: string, clientFirst: string, options: ScramOptions) {
    this.#options = options;
    this.#isPlus = mechanism === SCRAM_PLUS;
    const match = /^((p=[A-Za-z0-9.-]+|n|y),(a=[^,]*)?,)(.*)$/s.exec(clientFirst);
    if (match === null) throw malformed('The message does not begin with a channel-binding flag.');
    const [, header = '', flag = '', authorization, bare = ''] = match;
    if (authorization !== undefined) {
      throw new FatalError(SqlState.FeatureNotSupported, 'client uses authorization identity, but it is not supported');
    }
    this.#checkFlag(flag);
    this.#header = header;
    this.#clientBare = bare;
    if (bare.startsWith('m=')) {
      throw new FatalError(SqlState.FeatureNotSupported, 'client requires an unsupported SCRAM extension');
    }
    const [, nonce = ''] = /^n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?$/s.exec(bare) ?? [];
    if (nonce === '') throw malformed('The message has no user name and nonce.');
    this.#nonce = nonce + Buffer.from(options.nonce).toString('base64');
    const { salt, iterations } = options.verifier;
    this.#serverFirst = `r=${this.#nonce},s=${Buffer.from(salt).toString('base64')},i=${iterations}`;
  }

  get serverFirst(): string {
    return this.#serverFirst;
  }

  /** The last message for a client who has the password; undefined for one who has not. */
  finish(clientFinal: string): string | undefined {
    const match = /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?),p=([A-Za-z0-9+/=]+)$/s.exec(clientFinal);
    if (match === null) throw malformed('The last message of the client has not its form.');
    const [, withoutProof = '', binding = '', nonce = '', proofText = ''] = match;
    if (binding !== this.#expectedBinding()) {
      if (!this.#isPlus) throw protocolViolation('unexpected SCRAM channel-binding attribute in client-final-message');
      throw new FatalError(SqlState.InvalidAuthorizationSpecification, 'SCRAM channel binding check failed');
    }
    if (nonce !== this.#nonce) throw malformed('Nonce does not match.');
    const proof = Buffer.from(proofText, 'base64');
    const { storedKey, serverKey } = this.#options.verifier;
    if (proof.length !== storedKey.length) throw malformed('Malformed proof in client-final-message.');
    const message = `${this.#clientBare},${this.#serverFirst},${withoutProof}`;
    const signature = hmac(storedKey, message);
    const clientKey = proof.map((byte, at) => byte ^ signature[at]);
    if (!timingSafeEqual(sha256(clientKey), storedKey)) return undefined;
    return `v=${Buffer.from(hmac(serverKey, message)).toString('base64')}`;
  }

  /** A client that could bind and says that we could not was lied to on its way. */
  #checkFlag(flag: string): void {
    const canBind = this.#options.serverEndPoint !== undefined;
    if (this.#isPlus) {
      if (flag === BINDING) return;
      if (flag.startsWith('p=')) {
        throw protocolViolation(`unsupported SCRAM channel-binding type "${flag.slice(2)}"`);
      }
      throw malformed(
        'The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.',
      );
    }
    if (flag.startsWith('p=')) {
      throw malformed(
        'The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.',
      );
    }
    if (flag === 'y' && canBind) {
      throw new FatalError(SqlState.InvalidAuthorizationSpecification, 'SCRAM channel binding negotiation error', {
        detail:
          'The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding.',
      });
    }
  }

  #expectedBinding(): string {
    const data = this.#isPlus ? (this.#options.serverEndPoint ?? new Uint8Array(0)) : new Uint8Array(0);
    return Buffer.concat([Buffer.from(this.#header), data]).toString('base64');
  }
}

function malformed(detail: string): FatalError {
  return new FatalError(SqlState.ProtocolViolation, 'malformed SCRAM message', { detail });
}
