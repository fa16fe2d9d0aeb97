import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { serialize } from 'pg-protocol';
import { SeededRandom } from '../../support/seeded-random.ts';
import { StatementClient } from '../../support/statement-client.ts';
import { type Conversations, recordedConversations } from './conversations.ts';
import { FuzzedServer, type Health } from './fuzzed-server.ts';
import { encodeMessage, type FuzzMessage, mutated } from './mutate.ts';

const USAGE = `npm run test:fuzz -- [--messages 20000] [--seed 1] [--health N] [--server MAIN]

Sends mutated conversations to a built server, before and after login, and watches it: the process lives, another session
is answered all the time, every connection ends, nothing is reported as a bug of the server, memory and sockets come back.
  --messages N  how many messages to send
  --seed N      the first case; case k of seed N is case 0 of seed N + k
  --cases N     only so many connections: --seed S --cases 1 replays one
  --health N    tell how the server is, garbage collected, after every N messages
  --server MAIN the main.js of the server to start; default dist/main.js`;

/** Connections at the same time. */
const AT_ONCE = 8;
/** A connection that was told goodbye, and whose statements end after a quarter of a second, has ended by then. */
const ENDED_WITHIN_MS = 20_000;
/** The other session gets its answer, on a machine that has other things to do as well. */
const ANSWERED_WITHIN_MS = 5_000;
/**
 * Of the heap and what belongs to it, garbage collected. What is resident tells nothing: after the first 20,000 messages the
 * heap stays as it is (54 MB then, 54 MB after 300,000), while that goes up and down between 210 and 280 MB.
 */
const LEAKED_BYTES = 64 * 1024 * 1024;
/** Tables that mutated statements have made are cleared away. */
const CASES_BETWEEN_SWEEPS = 500;

const SETTINGS = {
  statement_timeout: '250ms',
  lock_timeout: '100ms',
  search_path: 'fuzz',
  client_min_messages: 'notice',
};
const TABLE = `
  DROP SCHEMA IF EXISTS fuzz CASCADE; CREATE SCHEMA fuzz;
  CREATE TABLE fuzz.t (a int, b text, c timestamptz, d date, e jsonb, f float4, g bool, h uuid);
  CREATE TABLE fuzz.p (id int PRIMARY KEY); CREATE TABLE fuzz.c (id int REFERENCES fuzz.p)`;

/** The command line; resolves to the exit code. */
export async function fuzz(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      cases: { type: 'string' },
      health: { type: 'string' },
      server: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const conversations = await recordedConversations();
  const server = await FuzzedServer.start(values.server);
  try {
    const run = new FuzzRun(server, conversations, {
      messageCount: Number(values.messages),
      firstSeed: Number(values.seed),
      healthEvery: values.health === undefined ? Number.POSITIVE_INFINITY : Number(values.health),
      caseCount: values.cases === undefined ? Number.POSITIVE_INFINITY : Number(values.cases),
    });
    return (await run.run()) ? 0 : 1;
  } finally {
    await server.stop();
  }
}

interface FuzzOptions {
  readonly messageCount: number;
  readonly firstSeed: number;
  readonly healthEvery: number;
  readonly caseCount: number;
}

class FuzzRun {
  readonly #server: FuzzedServer;
  readonly #conversations: Conversations;
  readonly #all: readonly FuzzMessage[];
  readonly #options: FuzzOptions;
  readonly #failures: string[] = [];
  readonly #seedsInFlight = new Set<number>();
  #sentCount = 0;
  #caseCount = 0;
  #slowestAnswerMs = 0;
  #nextHealthAt: number;
  #isOver = false;

  constructor(server: FuzzedServer, conversations: Conversations, options: FuzzOptions) {
    this.#server = server;
    this.#conversations = conversations;
    this.#all = [...conversations.loggedIn, ...conversations.startup].flat();
    this.#options = options;
    this.#nextHealthAt = options.healthEvery;
  }

  async run(): Promise<boolean> {
    const keeper = await StatementClient.connect(this.#url);
    const before = await this.#warmUp(keeper);
    const started = performance.now();
    const watching = this.#watch();
    await this.#sendAll(keeper);
    this.#isOver = true;
    await watching;
    const seconds = (performance.now() - started) / 1000;
    await this.#checkAftermath(keeper, before);
    keeper.destroy();
    console.log(
      `${this.#sentCount} messages on ${this.#caseCount} connections in ${seconds.toFixed(0)} s; ` +
        `slowest answer to the other session ${this.#slowestAnswerMs.toFixed(0)} ms`,
    );
    for (const failure of this.#failures) console.log(`FAILED: ${failure}`);
    return this.#failures.length === 0;
  }

  get #url(): string {
    return `postgres://postgres@127.0.0.1:${this.#server.port}/postgres`;
  }

  /** A few connections, so that what is made once is made. */
  async #warmUp(keeper: StatementClient): Promise<Health> {
    await this.#sweep(keeper);
    for (let seed = 0; seed < 40 && this.#failures.length === 0; seed++) await this.#case(1_000_000_000 + seed);
    this.#sentCount = 0;
    this.#caseCount = 0;
    return this.#server.health();
  }

  async #sendAll(keeper: StatementClient): Promise<void> {
    let next = 0;
    const sender = async () => {
      while (this.#goesOn && next < this.#options.caseCount) {
        const index = next++;
        if (index % CASES_BETWEEN_SWEEPS === CASES_BETWEEN_SWEEPS - 1) await this.#sweep(keeper);
        await this.#case(this.#options.firstSeed + index);
        await this.#tellHealth();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  }

  /** Once for so many messages. */
  async #tellHealth(): Promise<void> {
    if (this.#sentCount < this.#nextHealthAt) return;
    this.#nextHealthAt += this.#options.healthEvery;
    console.log(`${this.#sentCount} messages: ${describe(await this.#server.health())}`);
  }

  get #goesOn(): boolean {
    return (
      this.#sentCount < this.#options.messageCount && this.#failures.length < 10 && this.#server.ending === undefined
    );
  }

  /** One connection; what is sent on it, and how, depends on the seed alone. */
  async #case(seed: number): Promise<void> {
    const random = new SeededRandom(seed);
    const messages = this.#messages(random);
    const bytes = Buffer.concat(messages.map(encodeMessage));
    this.#sentCount += messages.length;
    this.#caseCount++;
    this.#seedsInFlight.add(seed);
    const complaintsBefore = this.#server.complaints.length;
    try {
      const hasEnded = await converse(this.#server.port, bytes, random);
      if (!hasEnded) this.#fail(`a connection did not end within ${ENDED_WITHIN_MS} ms`, [seed]);
    } catch (error) {
      this.#fail(`no connection: ${(error as Error).message}`);
    }
    for (const complaint of this.#server.complaints.splice(complaintsBefore)) this.#fail(complaint);
    if (this.#server.ending !== undefined) this.#fail(this.#server.ending);
    this.#seedsInFlight.delete(seed);
  }

  #messages(random: SeededRandom): readonly FuzzMessage[] {
    const { startup, loggedIn } = this.#conversations;
    if (random.below(4) === 0) return mutated(random.pick(startup), random, this.#all);
    const parts = Array.from({ length: 1 + random.below(4) }, () => random.pick(loggedIn));
    const login = serialize.startup({ user: 'postgres', database: 'postgres', ...SETTINGS });
    return [{ code: undefined, body: login.subarray(4) }, ...mutated(parts.flat(), random, this.#all)];
  }

  #fail(what: string, seeds: readonly number[] = [...this.#seedsInFlight]): void {
    if (this.#failures.length < 10) this.#failures.push(`${what} (seeds ${seeds.join(', ')})`);
  }

  /** Another session asks all the time, and is answered. */
  async #watch(): Promise<void> {
    const client = await StatementClient.connect(this.#url);
    while (!this.#isOver) {
      const asked = performance.now();
      let late: NodeJS.Timeout | undefined;
      const isLate = new Promise<'late'>((resolve) => {
        late = setTimeout(() => resolve('late'), ANSWERED_WITHIN_MS);
      });
      const outcome = await Promise.race([isLate, client.ask('SELECT 1').catch((error: Error) => error)]);
      clearTimeout(late);
      this.#slowestAnswerMs = Math.max(this.#slowestAnswerMs, performance.now() - asked);
      if (outcome === 'late') this.#fail(`the other session had no answer within ${ANSWERED_WITHIN_MS} ms`);
      else if (outcome instanceof Error) this.#fail(`the other session: ${outcome.message}`);
      else if (outcome.results[0]?.tag !== 'SELECT 1') this.#fail(`the other session got ${JSON.stringify(outcome)}`);
      if (outcome === 'late' || outcome instanceof Error) break;
      await later(20);
    }
    client.destroy();
  }

  async #sweep(keeper: StatementClient): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { error } = await keeper.ask(TABLE);
      if (error === undefined) return;
      // The others go on creating and dropping meanwhile.
      const isInTheWay = ['40001', '40P01', '42704', '42P01', '55P03'].includes(error.get('C') ?? '');
      if (isInTheWay && attempt < 50) await later(20);
      else return this.#fail(`clearing away: ${error.get('C')} ${error.get('M')}`);
    }
  }

  /** Memory and sockets are as before, and no session is left. */
  async #checkAftermath(keeper: StatementClient, before: Health): Promise<void> {
    if (this.#server.ending !== undefined) return;
    await this.#sweep(keeper);
    await later(500);
    const { results } = await keeper.ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'");
    const sessions = String(results[0]?.rows[0]?.[0]);
    if (sessions !== '1') this.#fail(`${sessions} sessions are left where one should be`);
    const after = await this.#server.health();
    console.log(`before: ${describe(before)}\nafter:  ${describe(after)}`);
    if (after.sockets > before.sockets) this.#fail(`${after.sockets - before.sockets} sockets are left`);
    const leaked = after.heapUsed + after.external - before.heapUsed - before.external;
    if (leaked > LEAKED_BYTES) this.#fail(`${megabytes(leaked)} MB were not given back`);
  }
}

/** Sends the bytes, in pieces of any size, and hangs up in one of the ways that clients do; false: the server did not. */
function converse(port: number, bytes: Buffer, random: SeededRandom): Promise<boolean> {
  const pieces = piecesOf(bytes, random);
  const vanishes = random.below(10) === 0;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(false);
    }, ENDED_WITHIN_MS);
    let isConnected = false;
    socket.on('error', (error) => {
      if (isConnected) return;
      clearTimeout(timer);
      reject(error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
    // Read and thrown away: it is the server that is watched.
    socket.resume();
    socket.on('connect', async () => {
      isConnected = true;
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        if (pieces.length > 1) await new Promise((next) => setImmediate(next));
      }
      if (vanishes) socket.destroy();
      else socket.end();
    });
  });
}

function piecesOf(bytes: Buffer, random: SeededRandom): readonly Buffer[] {
  const whole = random.below(20) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
  if (random.below(3) > 0) return [whole];
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const length = 1 + random.below(random.below(2) === 0 ? 8 : 400);
    pieces.push(whole.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function describe({ heapUsed, heapTotal, external, arrayBuffers, mallocedMemory, code, rss, sockets }: Health): string {
  return (
    `heap ${megabytes(heapUsed)} of ${megabytes(heapTotal)}, external ${megabytes(external)} ` +
    `(buffers ${megabytes(arrayBuffers)}), code ${megabytes(code)}, malloced ${megabytes(mallocedMemory)}, ` +
    `resident ${megabytes(rss)} MB, ${sockets} sockets`
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
