import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import { serialize } from 'pg-protocol';

interface SaslSession {
  readonly mechanism: string;
  /** What to send next. */
  response: string;
}

/** SCRAM as node-postgres has it; it declares no types. */
const sasl = createRequire(import.meta.url)('pg/lib/crypto/sasl.js') as {
  startSession(mechanisms: readonly string[]): SaslSession;
  continueSession(session: SaslSession, password: string, serverData: string): Promise<void>;
};

/** What a server says of an error or a notice, by the letters of the protocol: C is the SQLSTATE, M the message. */
export type MessageFields = ReadonlyMap<string, string>;

export interface ColumnDescription {
  readonly name: string;
  readonly typeOid: number;
  readonly typmod: number;
}

/** What one statement came to: rows as the bytes that were sent. */
export interface StatementResult {
  /** Undefined for what returns no rows at all. */
  readonly columns: readonly ColumnDescription[] | undefined;
  readonly rows: readonly (readonly (Buffer | null)[])[];
  /** `INSERT 0 3`; undefined when an error or a row limit came first. */
  readonly tag: string | undefined;
}

/** Everything that came up to ReadyForQuery. */
export interface Answer {
  readonly results: readonly StatementResult[];
  readonly error: MessageFields | undefined;
  readonly notices: readonly MessageFields[];
  readonly transactionStatus: string;
  /** OIDs of the types of $1, $2, …; empty where no values were given. */
  readonly parameterTypes: readonly number[];
}

export interface Request {
  readonly sql: string;
  /** The extended protocol; without it the simple one. Implied by `values` and `format`. */
  readonly extended?: boolean;
  /** Texts of $1, $2, …; null is NULL. */
  readonly values?: readonly (string | null)[];
  /** `both` executes twice, which only a statement that changes nothing survives: texts first, binary then. */
  readonly format?: 'text' | 'binary' | 'both';
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  /** It ends with a Sync of its own. */
  readonly isExtended?: boolean;
}

/** Length and code of CancelRequest. */
const CANCEL_REQUEST = Buffer.from([0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e]);

/** A client for tests which shows whole answers, in both formats, and may ask many things before the first answer. */
export class StatementClient {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #sasl: SaslSession | undefined;
  /** Process and secret, which a request to cancel names. */
  #key: Buffer | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #collected = new AnswerBuilder();
  #closed: Error | undefined;
  readonly #ended: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#close(error));
    this.#ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.#close(new Error('the server closed the connection'));
        resolve();
      });
    });
  }

  /** Logs in at a `postgres://user:password@host:port/database` URL, by password where the server asks for one. */
  static async connect(url: string): Promise<StatementClient> {
    const { hostname, port, username, password, pathname } = new URL(url);
    const socket = connect({ host: hostname || '127.0.0.1', port: Number(port || 5432) });
    const client = new StatementClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const user = decodeURIComponent(username) || 'postgres';
    const database = decodeURIComponent(pathname.slice(1)) || user;
    const ready = new Promise<Answer>((resolve, reject) => {
      client.#waiting.push({ resolve, reject });
    });
    socket.on('data', (chunk: Buffer) => client.#receive(chunk, decodeURIComponent(password)));
    socket.write(serialize.startup({ user, database, client_encoding: 'UTF8' }));
    const { error } = await ready;
    if (error !== undefined) throw new Error(`${error.get('C')}: ${error.get('M')}`);
    return client;
  }

  /** Rejects only when the connection breaks: what the server refuses is part of the answer. */
  ask(request: Request | string): Promise<Answer> {
    const { sql, extended = false, values = [], format } = typeof request === 'string' ? { sql: request } : request;
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#closed);
        return;
      }
      const isExtended = extended || format !== undefined || values.length > 0;
      this.#waiting.push({ resolve, reject, isExtended });
      if (!isExtended) {
        this.#socket.write(serialize.query(sql));
        return;
      }
      const messages: Uint8Array[] = [serialize.parse({ text: sql })];
      if (values.length > 0) messages.push(serialize.describe({ type: 'S' }));
      for (const binary of format === 'both' ? [false, true] : [format === 'binary']) {
        messages.push(
          serialize.bind({ values: [...values], binary }),
          serialize.describe({ type: 'P' }),
          serialize.execute({}),
        );
      }
      this.#socket.write(Buffer.concat([...messages, serialize.sync()]));
    });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  async end(): Promise<void> {
    if (this.#closed === undefined) this.#socket.end(serialize.end());
    await this.#ended;
  }

  /**
   * Ends the connection, and what the server is doing for it: a server that computes does not notice that nobody
   * listens any more.
   */
  destroy(): void {
    if (this.#waiting.length > 0 && this.#key !== undefined) {
      const { remoteAddress, remotePort } = this.#socket;
      const cancel = connect({ host: remoteAddress ?? '127.0.0.1', port: remotePort ?? 0 });
      cancel.on('error', () => {});
      cancel.end(Buffer.concat([CANCEL_REQUEST, this.#key]));
    }
    this.#socket.destroy();
  }

  #close(error: Error): void {
    this.#closed ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#closed);
  }

  #receive(chunk: Buffer, password: string): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 5) {
      const length = this.#pending.readInt32BE(1) + 1;
      if (this.#pending.length < length) return;
      const code = String.fromCharCode(this.#pending[0]);
      const body = this.#pending.subarray(5, length);
      this.#pending = this.#pending.subarray(length);
      if (code === 'R') this.#authenticate(body, password);
      else if (code === 'Z') this.#ready(String.fromCharCode(body[0]));
      else if (code === 'E' && this.#collected.error(readFields(body)) === 'FATAL') this.#ready('F');
      else if (code === 'K') this.#key = Buffer.from(body);
      // Nothing is ever copied in.
      else if (code === 'G') this.#refuseCopy();
      else this.#collected.add(code, body);
    }
  }

  /** The Sync that was sent ahead was taken for a part of the copy. */
  #refuseCopy(): void {
    this.#socket.write(serialize.copyFail('a test sends no rows'));
    if (this.#waiting[0]?.isExtended === true) this.#socket.write(serialize.sync());
  }

  #ready(status: string): void {
    const answer = this.#collected.finish(status);
    this.#collected = new AnswerBuilder();
    this.#waiting.shift()?.resolve(answer);
  }

  #authenticate(body: Buffer, password: string): void {
    const kind = body.readInt32BE(0);
    const rest = body.subarray(4);
    if (kind === 3) {
      this.#socket.write(serialize.password(password));
    } else if (kind === 10) {
      this.#sasl = sasl.startSession(rest.toString('utf8').split('\0').filter(Boolean));
      this.#socket.write(serialize.sendSASLInitialResponseMessage(this.#sasl.mechanism, this.#sasl.response));
    } else if (kind === 11 && this.#sasl !== undefined) {
      const session = this.#sasl;
      sasl.continueSession(session, password, rest.toString('utf8')).then(
        () => this.#socket.write(serialize.sendSCRAMClientFinalMessage(session.response)),
        (error: Error) => this.#close(error),
      );
    } else if (kind !== 0 && kind !== 12) {
      this.#close(new Error(`the server asks for authentication of kind ${kind}`));
    }
  }
}

/** Gathers the messages of one answer. */
class AnswerBuilder {
  readonly #results: StatementResult[] = [];
  readonly #notices: MessageFields[] = [];
  #columns: readonly ColumnDescription[] | undefined;
  #rows: (Buffer | null)[][] = [];
  #error: MessageFields | undefined;
  #parameterTypes: readonly number[] = [];

  add(code: string, body: Buffer): void {
    if (code === 'T') this.#columns = readColumns(body);
    else if (code === 'n') this.#columns = undefined;
    else if (code === 't') this.#parameterTypes = readParameterTypes(body);
    else if (code === 'D') this.#rows.push(readRow(body));
    else if (code === 'C') this.#endResult(body.toString('utf8', 0, body.length - 1));
    else if (code === 'I') this.#endResult('');
    else if (code === 's') this.#endResult(undefined);
    else if (code === 'N') this.#notices.push(readFields(body));
  }

  /** Returns its severity. */
  error(fields: MessageFields): string | undefined {
    this.#error = fields;
    return fields.get('V') ?? fields.get('S');
  }

  finish(transactionStatus: string): Answer {
    if (this.#rows.length > 0) this.#endResult(undefined);
    return {
      results: this.#results,
      error: this.#error,
      notices: this.#notices,
      transactionStatus,
      parameterTypes: this.#parameterTypes,
    };
  }

  #endResult(tag: string | undefined): void {
    this.#results.push({ columns: this.#columns, rows: this.#rows, tag });
    this.#columns = undefined;
    this.#rows = [];
  }
}

function readFields(body: Buffer): MessageFields {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1);
    fields.set(String.fromCharCode(body[at]), body.toString('utf8', at + 1, end));
    at = end + 1;
  }
  return fields;
}

function readColumns(body: Buffer): readonly ColumnDescription[] {
  const columns: ColumnDescription[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at);
    const name = body.toString('utf8', at, end);
    columns.push({ name, typeOid: body.readUInt32BE(end + 7), typmod: body.readInt32BE(end + 13) });
    at = end + 19;
  }
  return columns;
}

function readParameterTypes(body: Buffer): readonly number[] {
  return Array.from({ length: body.readInt16BE(0) }, (_, index) => body.readUInt32BE(2 + 4 * index));
}

function readRow(body: Buffer): (Buffer | null)[] {
  const values: (Buffer | null)[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  return values;
}
