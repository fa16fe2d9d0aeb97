import { serialize } from 'pg-protocol';
import { type ClientAction, clientAction } from './client-message.ts';
import { describeServerMessage, type NameKeeper } from './server-message.ts';
import { type Arrival, WireConnection } from './wire-connection.ts';
import type { Exchange, Part, WireScript } from './wire-script.ts';

/**
 * How the bytes of a client travel: each message in a packet of its own, each byte, or all messages at once without waiting
 * for an answer.
 */
export type Pace = 'message' | 'byte' | 'packet';

export interface WireScriptOutcome {
  /** Undefined: all as expected. */
  readonly failure: string | undefined;
  /** The parts of the file as they would read with the answers that came. */
  readonly answered: readonly Part[];
}

export interface WireRunOptions {
  readonly url: string;
  readonly pace: Pace;
  /** Collects what comes instead of comparing it. */
  readonly records: boolean;
}

const ANSWER_WITHIN_MS = 8_000;
/** A server that has said nothing for so long has nothing to say. */
const QUIET_MS = 700;

/** Whether the whole conversation can go out at once and mean the same: one client, which logs in before. */
export function fitsOnePacket(script: WireScript): boolean {
  if (script.needsTurns) return false;
  const connections = new Set<string>();
  for (const part of script.parts) {
    if (part.kind === 'passage') continue;
    connections.add(part.connection);
    if (part.sent.length === 0) return false;
    if (part.sent.some((line) => /^(Startup|SSLRequest|GSSENCRequest|CancelRequest|Connect|End|Drop|Raw)\b/.test(line)))
      return false;
  }
  return connections.size === 1;
}

export async function runWireScript(script: WireScript, options: WireRunOptions): Promise<WireScriptOutcome> {
  const run = new ScriptRun(script, options);
  try {
    await run.prepare();
    return await run.play();
  } finally {
    await run.finish();
  }
}

let scriptCount = 0;

class ScriptRun implements NameKeeper {
  readonly #script: WireScript;
  readonly #options: WireRunOptions;
  readonly #url: URL;
  readonly #user: string;
  readonly #database: string;
  readonly #schema = `wire_${process.pid}_${++scriptCount}`;
  readonly #connections = new Map<string, WireConnection>();
  readonly #oids = new Map<number, string>();
  readonly ignoredFields: ReadonlySet<string>;

  constructor(script: WireScript, options: WireRunOptions) {
    this.#script = script;
    this.#options = options;
    this.#url = new URL(options.url);
    this.#user = decodeURIComponent(this.#url.username) || 'postgres';
    this.#database = this.#url.pathname.slice(1) || 'postgres';
    this.ignoredFields = script.ignoredFields;
  }

  oid(oid: number): string {
    const name = this.#oids.get(oid) ?? `#${this.#oids.size + 1}`;
    this.#oids.set(oid, name);
    return name;
  }

  processOf(processId: number): string {
    for (const [name, { key }] of this.#connections) if (key?.readInt32BE(0) === processId) return name || '-';
    return 'another';
  }

  text(text: string): string {
    return text.replaceAll(this.#schema, '<schema>');
  }

  async prepare(): Promise<void> {
    const { setup, cleanup } = this.#script;
    if (!this.#needsSchema && cleanup.length === 0) return;
    const keeper = await this.#logIn({});
    for (const sql of cleanup) await ask(keeper, this.#filled(sql), { mayFail: true });
    // One text is one transaction, and waits for the disk once.
    const texts = [
      `CREATE SCHEMA ${this.#schema}`,
      `SET search_path TO ${this.#schema}`,
      ...setup.map((sql) => this.#filled(sql)),
    ];
    if (this.#needsSchema) await ask(keeper, texts.join(';\n'));
    await keeper.leave();
  }

  get #needsSchema(): boolean {
    const { setup, parts } = this.#script;
    const lines = parts.flatMap((part) => (part.kind === 'exchange' ? part.sent : []));
    return setup.length > 0 || lines.some((line) => /\bCREATE\b|\bINTO\b|<schema>/.test(line));
  }

  async play(): Promise<WireScriptOutcome> {
    const answered: Part[] = [];
    const parts = this.#options.pace === 'packet' ? joined(this.#script.parts) : this.#script.parts;
    let failure: string | undefined;
    for (const part of parts) {
      if (part.kind === 'passage' || failure !== undefined) {
        answered.push(part);
        continue;
      }
      const received = await this.#exchange(part);
      answered.push({ ...part, expected: received });
      if (!this.#options.records) failure = difference(this.#script.path, part, received);
    }
    for (const [name, connection] of this.#connections) {
      const surplus = (await connection.leave()).map((arrival) => this.#line(arrival));
      if (surplus.length > 0 && failure === undefined) {
        failure = `${this.#script.path}: at the end ${name || 'the client'} got besides\n${surplus.join('\n')}`;
      }
    }
    return { failure, answered };
  }

  async finish(): Promise<void> {
    for (const connection of this.#connections.values()) connection.drop();
    const { cleanup } = this.#script;
    if (!this.#needsSchema && cleanup.length === 0) return;
    const keeper = await this.#logIn({ client_min_messages: 'warning', lock_timeout: '5s' });
    if (this.#needsSchema) await ask(keeper, `DROP SCHEMA IF EXISTS ${this.#schema} CASCADE`);
    for (const sql of cleanup) await ask(keeper, this.#filled(sql), { mayFail: true });
    await keeper.leave();
  }

  async #exchange(part: Exchange): Promise<readonly string[]> {
    const world = {
      user: this.#user,
      database: this.#database,
      key: (name: string) => this.#connections.get(name === '-' ? '' : name)?.key ?? Buffer.alloc(8),
    };
    const actions = part.sent.map((line) => clientAction(this.#filled(line), world));
    const connection = await this.#connection(part.connection, actions[0]);
    for (const { pauseMs } of actions) if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    connection.expectBytes(actions.filter(({ awaitsByte }) => awaitsByte).length);
    await this.#send(connection, actions);
    for (const { ending } of actions) {
      if (ending === 'half') connection.endHalf();
      if (ending === 'drop') connection.drop();
    }
    return this.#answer(connection, part, actions);
  }

  async #send(connection: WireConnection, actions: readonly ClientAction[]): Promise<void> {
    const all = Buffer.concat(actions.map(({ bytes }) => bytes));
    if (this.#options.pace === 'byte') await connection.writeByteByByte(all);
    else if (this.#options.pace === 'packet') connection.write(all);
    else for (const { bytes } of actions) connection.write(bytes);
  }

  /** As many messages as are expected; when recording, or once something is wrong, all that comes. */
  async #answer(
    connection: WireConnection,
    { expected }: Exchange,
    actions: readonly ClientAction[],
  ): Promise<readonly string[]> {
    const { records } = this.#options;
    const lines: string[] = [];
    let readyLeft = actions.filter(({ awaitsReady }) => awaitsReady).length;
    let readsAll = records;
    for (;;) {
      const isDone = readsAll ? readyLeft === 0 && lastSyncs(actions) : lines.length >= expected.length;
      if (isDone) return sorted(lines);
      const arrival = await connection.next(readsAll ? QUIET_MS : ANSWER_WITHIN_MS);
      if (arrival === undefined) return sorted(lines);
      const line = this.#line(arrival);
      if (this.#isExplanation(line, expected[lines.length])) continue;
      lines.push(line);
      if (line.startsWith('ReadyForQuery')) readyLeft--;
      if (arrival.kind === 'closed') return sorted(lines);
      // The order of parameters at login is the server's own, so lines are compared once they are all there.
      if (!line.startsWith('ParameterStatus') && line !== expected[lines.length - 1]) readsAll = true;
    }
  }

  #isExplanation(line: string, expected: string | undefined): boolean {
    return this.#script.mayExplain && expected === 'Closed' && line.startsWith('ErrorResponse FATAL');
  }

  #line(arrival: Arrival): string {
    if (arrival.kind === 'closed') return 'Closed';
    if (arrival.kind === 'byte') return `Byte ${arrival.letter}`;
    return describeServerMessage(arrival.bytes, this);
  }

  async #connection(name: string, first: ClientAction | undefined): Promise<WireConnection> {
    let connection = this.#connections.get(name);
    if (connection !== undefined && !(first?.isFirstContact && connection.isClosed)) return connection;
    if (first?.isFirstContact === true) {
      connection = await WireConnection.open(this.#url.hostname, Number(this.#url.port));
    } else {
      connection = await this.#logIn({ search_path: this.#schema });
    }
    this.#connections.set(name, connection);
    return connection;
  }

  async #logIn(parameters: Record<string, string>): Promise<WireConnection> {
    const connection = await WireConnection.open(this.#url.hostname, Number(this.#url.port));
    await connection.logIn({ user: this.#user, database: this.#database, TimeZone: 'UTC', ...parameters });
    return connection;
  }

  #filled(line: string): string {
    return line.replaceAll('<schema>', this.#schema);
  }
}

/** The last message asks for an answer, so that nothing comes after it. */
function lastSyncs(actions: readonly ClientAction[]): boolean {
  return actions.at(-1)?.awaitsReady ?? false;
}

/** Neighbouring parameters in the order of their names. */
function sorted(lines: readonly string[]): readonly string[] {
  const result: string[] = [];
  let run: string[] = [];
  for (const line of [...lines, '']) {
    if (line.startsWith('ParameterStatus')) {
      run.push(line);
      continue;
    }
    result.push(...run.sort(), line);
    run = [];
  }
  return result.slice(0, -1);
}

/** All exchanges of one client as one. */
function joined(parts: readonly Part[]): readonly Part[] {
  const exchanges = parts.filter((part) => part.kind === 'exchange');
  const [first] = exchanges;
  if (first === undefined) return parts;
  return [
    {
      ...first,
      sent: exchanges.flatMap(({ sent }) => sent),
      expected: exchanges.flatMap(({ expected }) => expected),
    },
  ];
}

function difference(path: string, part: Exchange, received: readonly string[]): string | undefined {
  const { expected, lineNumber, connection } = part;
  const count = Math.max(expected.length, received.length);
  for (let index = 0; index < count; index++) {
    if (expected[index] === received[index]) continue;
    const show = (lines: readonly string[]) => lines.map((line) => `    ${line}`).join('\n');
    return [
      `${path}:${lineNumber}: ${connection} sent\n${show(part.sent)}`,
      `  expected, from the first difference on\n${show(expected.slice(index))}`,
      `  received\n${show(received.slice(index))}`,
    ].join('\n');
  }
  return undefined;
}

async function ask(connection: WireConnection, sql: string, options: { mayFail?: boolean } = {}): Promise<void> {
  connection.write(serialize.query(sql));
  let failure: string | undefined;
  for (;;) {
    const arrival = await connection.next(20_000);
    if (arrival === undefined || arrival.kind !== 'message') throw new Error(`${sql}: no answer`);
    if (arrival.code === 'E') failure = arrival.bytes.toString('utf8', 5);
    if (arrival.code !== 'Z') continue;
    if (failure !== undefined && options.mayFail !== true) throw new Error(`${sql}: ${failure}`);
    return;
  }
}
