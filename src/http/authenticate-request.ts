import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { AccessControl } from '../catalog/access/access-control.ts';
import { databaseTarget } from '../catalog/access/access-target.ts';
import { Privilege } from '../catalog/access/acl.ts';
import { BOOTSTRAP_ROLE, type StoredRole } from '../catalog/access/role.ts';
import type { StoredDatabase } from '../catalog/catalog-object.ts';
import { SqlError } from '../errors/sql-error.ts';
import type { LoginGate } from '../session/login/login-gate.ts';
import type { LoginClient, LoginRule } from '../session/login/login-rules.ts';
import { HttpError } from './http-error.ts';

export interface RequestAccess {
  readonly gate: LoginGate;
  /** Users that nobody knows, and clients that name none, are the superuser where the rules trust them. */
  readonly letsUnknownIn: () => boolean;
}

interface Credentials {
  readonly userName: string | undefined;
  readonly password: string | undefined;
  /** A bearer token. */
  readonly token: string | undefined;
}

const NOBODY: Credentials = { userName: undefined, password: undefined, token: undefined };
/** Rights on databases stand in no database. */
const NO_CATALOG = { acl: () => undefined, acls: () => [] };

/**
 * Whom a request comes from, by the same rules, roles and passwords as in the PostgreSQL protocol: Basic authentication,
 * InfluxDB's `u` and `p` and its `Token user:password`, or a bearer token. Throws HttpError 401 and 403.
 */
export async function authenticateRequest(
  request: IncomingMessage,
  url: URL,
  database: StoredDatabase,
  { gate, letsUnknownIn }: RequestAccess,
): Promise<StoredRole> {
  const credentials = credentialsOf(request, url);
  const { shared } = gate;
  const ofToken = credentials.token === undefined ? undefined : gate.roleOfToken(credentials.token);
  const superuserName = shared.role(BOOTSTRAP_ROLE.oid)?.name ?? BOOTSTRAP_ROLE.name;
  const client: LoginClient = {
    userName: ofToken ?? credentials.userName ?? superuserName,
    databaseName: database.name,
    address: request.socket.remoteAddress ?? '',
    isEncrypted: (request.socket as Partial<TLSSocket>).encrypted === true,
  };
  if (credentials.token !== undefined && ofToken === undefined) throw await refused(gate, client, 'token');
  const isNamed = ofToken !== undefined || credentials.userName !== undefined;
  const { method } = await ruleOf(gate, client, { isNamed });
  if (ofToken === undefined && method !== 'trust') await requirePassword(gate, client, credentials, method);
  const known = shared.roleByName(client.userName);
  const role = known ?? (method === 'trust' && letsUnknownIn() ? shared.role(BOOTSTRAP_ROLE.oid) : undefined);
  if (role?.canLogin !== true) throw await refused(gate, client, 'role');
  const access = new AccessControl(shared, NO_CATALOG, database.oid);
  if (!access.has(role.oid, databaseTarget(database), Privilege.Connect)) {
    throw new HttpError(403, `permission denied for database "${database.name}"`);
  }
  return role;
}

/** Who has named nobody yet may still do so. */
async function ruleOf(
  gate: LoginGate,
  client: LoginClient,
  { isNamed }: { readonly isNamed: boolean },
): Promise<LoginRule> {
  try {
    return await gate.rule(client);
  } catch (error) {
    if (error instanceof SqlError && !isNamed) throw unauthorized('authentication is required');
    if (error instanceof SqlError) throw new HttpError(403, 'no rule of the server lets this client in');
    throw error;
  }
}

async function requirePassword(
  gate: LoginGate,
  client: LoginClient,
  { userName, password }: Credentials,
  method: LoginRule['method'],
): Promise<void> {
  if (userName === undefined || password === undefined) throw unauthorized('authentication is required');
  const isRight = method !== 'cert' && (await gate.isPassword(userName, password));
  if (!isRight) throw await refused(gate, client, 'password');
}

/** After a while, and without a word about what was wrong. */
async function refused(gate: LoginGate, client: LoginClient, reason: string): Promise<HttpError> {
  await gate.failed(client, reason);
  return unauthorized('authentication failed');
}

function unauthorized(message: string): HttpError {
  return new HttpError(401, message, {}, { 'WWW-Authenticate': 'Basic realm="tidewire", charset="UTF-8"' });
}

/** Throws HttpError 400 for a header that is none of these. */
function credentialsOf({ headers }: IncomingMessage, url: URL): Credentials {
  const header = headers.authorization?.trim();
  if (header === undefined || header === '') {
    const userName = url.searchParams.get('u') ?? '';
    if (userName === '') return NOBODY;
    return { userName, password: url.searchParams.get('p') ?? '', token: undefined };
  }
  const [, scheme = '', value = ''] = /^(\S+)\s+(.+)$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return userAndPassword(Buffer.from(value, 'base64').toString('utf8'));
    case 'token':
      return value.includes(':') ? userAndPassword(value) : { ...NOBODY, token: value };
    case 'bearer':
      return { ...NOBODY, token: value };
    default:
      throw new HttpError(400, 'the Authorization header is neither Basic, nor Token, nor Bearer');
  }
}

function userAndPassword(text: string): Credentials {
  const colon = text.indexOf(':');
  if (colon < 1) throw new HttpError(400, 'the Authorization header names no user and password');
  return { userName: text.slice(0, colon), password: text.slice(colon + 1), token: undefined };
}
