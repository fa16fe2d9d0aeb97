import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BOOTSTRAP_ROLE } from '../catalog/access/role.ts';
import type { StoredDatabase } from '../catalog/catalog-object.ts';
import { IngestError } from '../database/ingest-batch.ts';
import type { Instance } from '../database/instance.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { Clock } from '../platform/clock.ts';
import { authenticateRequest, type RequestAccess } from './authenticate-request.ts';
import { HttpError } from './http-error.ts';
import { LineError, lineText } from './line-protocol/line-error.ts';
import { parseLargeBody } from './line-protocol/parse-body.ts';
import type { TableRows } from './line-protocol/table-rows.ts';
import { parsePrecision } from './line-protocol/timestamp.ts';
import { readBody } from './read-body.ts';

const DEFAULT_DATABASE = 'tidewire';
const NEWLINE = 0x0a;
const RETRY_AFTER_SECONDS = 1;

/**
 * Parameters of InfluxDB 1's /write. Those that only make sense in a cluster or with retention policies are accepted
 * with the values that mean "what we do"; anything else is an error rather than ignored.
 */
const PARAMETERS: Record<string, (value: string) => boolean> = {
  db: () => true,
  precision: (value) => parsePrecision(value) !== undefined,
  rp: (value) => value === '' || value === 'autogen',
  consistency: (value) => ['', 'any', 'one', 'quorum', 'all'].includes(value),
  u: () => true,
  p: () => true,
};

export interface WriteEndpointOptions {
  readonly instance: Instance;
  readonly clock: Clock;
  readonly bodyLimitBytes: number;
  /** Who may write. Absent: whoever asks, as the superuser. */
  readonly access?: RequestAccess;
}

/**
 * POST /write: one request is one commit. 204 when it is durable in the configured mode; otherwise an error that names
 * the first bad line, and nothing of the body is stored.
 */
export async function writeEndpoint(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: WriteEndpointOptions,
): Promise<void> {
  for (const [name, value] of url.searchParams) {
    if (PARAMETERS[name] === undefined || !Object.hasOwn(PARAMETERS, name)) {
      throw new HttpError(400, `unknown parameter "${name.slice(0, 60)}"`);
    }
    if (PARAMETERS[name]?.(value) !== true) {
      throw new HttpError(400, `parameter "${name}" has an invalid value "${value.slice(0, 60)}"`);
    }
  }
  const precision = parsePrecision(url.searchParams.get('precision')) ?? 'ns';
  const databaseName = url.searchParams.get('db') ?? DEFAULT_DATABASE;
  const name = databaseName === '' ? DEFAULT_DATABASE : databaseName;
  const stored = options.instance.shared().database(name);
  // Who is asked for a name learns nothing about databases before.
  const role =
    options.access === undefined
      ? undefined
      : await authenticateRequest(request, url, stored ?? unknownDatabase(name), options.access);
  const database = options.instance.database(name);
  if (database === undefined) throw new HttpError(404, `database not found: "${databaseName.slice(0, 63)}"`);

  const body = await readBody(request, options.bodyLimitBytes);
  checkText(body);
  let tables: TableRows[] = [];
  try {
    tables = await parseLargeBody(body, { precision, defaultMicros: options.clock.nowMicros() });
    if (tables.length > 0)
      await database.ingest(
        tables.map((table) => table.finish()),
        { roleOid: role?.oid },
      );
  } catch (error) {
    const refusal = asHttpError(error, body, tables);
    if (refusal instanceof HttpError && refusal.status === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    throw refusal;
  }
  response.writeHead(204).end();
}

/** A database that is not there, for the rules that are about it all the same. */
function unknownDatabase(name: string): StoredDatabase {
  return {
    kind: 'database',
    oid: -1,
    name,
    ownerOid: BOOTSTRAP_ROLE.oid,
    connectionLimit: -1,
    allowsConnections: true,
    isTemplate: false,
    version: 0,
  };
}

/** Text is UTF-8 without zero bytes, as PostgreSQL has it; the first line that is not is named. */
function checkText(body: Buffer): void {
  const hasZero = body.includes(0);
  if (!hasZero && isUtf8(body)) return;
  let line = 1;
  for (let start = 0; start < body.length; line++) {
    const newline = body.indexOf(NEWLINE, start);
    const end = newline < 0 ? body.length : newline;
    const bytes = body.subarray(start, end);
    const reason = bytes.includes(0) ? 'a zero byte in the line' : isUtf8(bytes) ? undefined : 'invalid UTF-8';
    if (reason !== undefined) throw lineHttpError(line, reason, lineText(body, start));
    start = end + 1;
  }
}

function lineHttpError(line: number, reason: string, text: string): HttpError {
  return new HttpError(400, `line ${line}: ${reason}; nothing was stored`, { line, reason, text });
}

function asHttpError(error: unknown, body: Buffer, tables: readonly TableRows[]): unknown {
  if (error instanceof LineError) return lineHttpError(error.line, error.message, error.text);
  if (error instanceof IngestError) {
    const place = tables.find((table) => table.name === error.tableName)?.lineOf(error.row);
    if (place === undefined) return new HttpError(400, error.message);
    return lineHttpError(place.line, error.message, lineText(body, place.start));
  }
  if (error instanceof SqlError) return new HttpError(statusOf(error), error.message, { code: error.code });
  return error;
}

function statusOf(error: SqlError): number {
  switch (error.code) {
    case SqlState.DiskFull:
      return 507;
    case SqlState.InsufficientPrivilege:
      return 403;
    case SqlState.InvalidCatalogName:
      return 404;
    case SqlState.OutOfMemory:
    case SqlState.IoError:
    case SqlState.ReadOnlySqlTransaction:
    case SqlState.CannotConnectNow:
    case SqlState.AdminShutdown:
    case SqlState.LockNotAvailable:
    case SqlState.SerializationFailure:
    case SqlState.DeadlockDetected:
      return 503;
    default:
      return 400;
  }
}
