import { decodeUtf8 } from '../../bytes/utf8.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Random } from '../../platform/random.ts';
import type { LoginGate } from '../../session/login/login-gate.ts';
import type { LoginClient } from '../../session/login/login-rules.ts';
import { protocolViolation } from '../fatal-error.ts';
import type { AuthenticationExchange, AuthenticationMethod } from './authentication-method.ts';
import { SCRAM, SCRAM_PLUS, ScramExchange } from './scram-exchange.ts';

const NONCE_BYTES = 18;

/** Logs clients in as the rules of the server say. */
export class LoginAuthentication implements AuthenticationMethod {
  readonly #gate: LoginGate;
  readonly #random: Random;

  constructor(gate: LoginGate, random: Random) {
    this.#gate = gate;
    this.#random = random;
  }

  async authenticate(exchange: AuthenticationExchange): Promise<void> {
    const { userName, databaseName, remoteAddress, tls } = exchange;
    const client: LoginClient = { userName, databaseName, address: remoteAddress, isEncrypted: tls !== undefined };
    const rule = await this.#gate.rule(client);
    if (rule.clientCertificate !== undefined && tls?.hasClientCertificate !== true) {
      throw new SqlError(SqlState.InvalidAuthorizationSpecification, 'connection requires a valid client certificate');
    }
    const needsName = rule.method === 'cert' || rule.clientCertificate === 'verify-full';
    if (needsName && tls?.clientName !== userName) {
      await this.#gate.failed(client, 'certificate');
      throw new SqlError(
        SqlState.InvalidAuthorizationSpecification,
        `certificate authentication failed for user "${userName}"`,
      );
    }
    switch (rule.method) {
      case 'password':
        return this.#password(exchange, client);
      case 'scram-sha-256':
        return this.#scram(exchange, client);
      default:
    }
  }

  async #password({ out, userName, answer }: AuthenticationExchange, client: LoginClient): Promise<void> {
    out.authenticationCleartextPassword();
    const body = await answer();
    const end = body.indexOf(0);
    if (end !== body.length - 1) throw protocolViolation('invalid password packet size');
    const password = decodeUtf8(body.subarray(0, end));
    if (password === '') throw await this.#gate.failed(client, 'empty password');
    if (!(await this.#gate.isPassword(userName, password))) throw await this.#gate.failed(client, 'password');
  }

  async #scram({ out, userName, tls, answer }: AuthenticationExchange, client: LoginClient): Promise<void> {
    const serverEndPoint = tls?.serverEndPoint;
    const mechanisms = serverEndPoint === undefined ? [SCRAM] : [SCRAM_PLUS, SCRAM];
    out.authenticationSasl(mechanisms);
    const { mechanism, response } = readInitialResponse(await answer());
    if (!mechanisms.includes(mechanism))
      throw protocolViolation('client selected an invalid SASL authentication mechanism');
    const nonce = new Uint8Array(NONCE_BYTES);
    this.#random.fill(nonce);
    const { verifier, isReal } = this.#gate.passwordCheck(userName);
    const scram = new ScramExchange(mechanism, response, { verifier, nonce, serverEndPoint });
    out.authenticationSaslContinue(scram.serverFirst);
    const final = scram.finish(decodeUtf8(await answer()));
    if (final === undefined || !isReal)
      throw await this.#gate.failed(client, isReal ? 'password' : 'no valid password');
    out.authenticationSaslFinal(final);
  }
}

/** `| mechanism, 0 | length (int32), -1 for none | response |`. */
function readInitialResponse(body: Uint8Array): { readonly mechanism: string; readonly response: string } {
  const end = body.indexOf(0);
  if (end < 0 || body.length < end + 5) throw protocolViolation('invalid SASL initial response');
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const length = view.getInt32(end + 1);
  const response = body.subarray(end + 5);
  if (length !== response.length) throw protocolViolation('invalid SASL initial response');
  return { mechanism: decodeUtf8(body.subarray(0, end)), response: decodeUtf8(response) };
}
