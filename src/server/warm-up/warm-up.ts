import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Instance } from '../../database/instance.ts';
import { parseBody } from '../../http/line-protocol/parse-body.ts';
import { PgWireServer } from '../../pgwire/server.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemRandom } from '../../platform/random.ts';
import { systemTimers } from '../../platform/timers.ts';
import { serverIdentity } from '../../session/server-facts.ts';
import { SessionRegistry } from '../../session/session-registry.ts';
import type { Log } from '../logger.ts';
import { VERSION } from '../version.ts';
import { WarmUpClient } from './warm-up-client.ts';
import {
  lateWarmUpLines,
  WARM_UP_TABLES,
  type WarmUpQuestion,
  warmUpLines,
  warmUpQuestions,
} from './warm-up-questions.ts';

const MIB = 1024 * 1024;
const DATABASE = 'tidewire';
/** V8 optimises what is hot after some hundred calls; the last rounds only find what the first have left. */
const MAX_ROUNDS = 80;
/**
 * Then comes another session: what V8 has compiled for the objects of one does not fit those of the next, until it has
 * seen a few.
 */
const ROUNDS_PER_SESSION = 6;

type Connect = () => Promise<WarmUpClient>;

export interface WarmUpOptions {
  /** Where the scratch directory is made; the system's place for temporary files by default. */
  readonly parentDirectory?: string;
  /** Ends with the round that is running when so much time has gone by. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  /** Clients are being served: every other moment belongs to them. */
  readonly isBusy: () => boolean;
  readonly log: Log;
}

export interface WarmUpResult {
  readonly rounds: number;
  readonly questions: number;
}

/**
 * Asks a scratch database of some thousand rows what dashboards ask, through a socket of its own, so that V8 has compiled
 * the road from the first byte of a query to the last of its answer before a client needs it: the first queries of a
 * cold process take five to fifty times as long as later ones. Nothing of it touches the data directory.
 */
export async function warmUp(options: WarmUpOptions): Promise<WarmUpResult> {
  const directory = await mkdtemp(join(options.parentDirectory ?? tmpdir(), 'tidewire-warm-up-'));
  try {
    return await withScratchServer(directory, options.log, (connect) => askRounds(connect, options));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function askRounds(connect: Connect, options: WarmUpOptions): Promise<WarmUpResult> {
  const until = performance.now() + options.budgetMs;
  let rounds = 0;
  let questions = 0;
  while (rounds < MAX_ROUNDS && performance.now() < until && !options.signal.aborted) {
    const client = await connect();
    try {
      const end = Math.min(rounds + ROUNDS_PER_SESSION, MAX_ROUNDS);
      while (rounds < end && performance.now() < until) {
        const asked = await askRound(client, rounds, options);
        questions += asked;
        if (options.signal.aborted) return { rounds, questions };
        rounds++;
      }
    } finally {
      client.close();
    }
  }
  return { rounds, questions };
}

/** How many questions were asked. */
async function askRound(client: WarmUpClient, round: number, { signal, isBusy }: WarmUpOptions): Promise<number> {
  let asked = 0;
  for (const question of warmUpQuestions(round)) {
    if (signal.aborted) break;
    const begin = performance.now();
    await ask(client, question);
    asked++;
    if (isBusy()) await pause(performance.now() - begin);
  }
  return asked;
}

async function ask(client: WarmUpClient, question: WarmUpQuestion): Promise<void> {
  try {
    await client.ask(question);
  } catch (error) {
    throw new Error(`${(error as Error).message}: ${question.text}`);
  }
}

async function withScratchServer<Result>(
  directory: string,
  log: Log,
  run: (connect: Connect) => Promise<Result>,
): Promise<Result> {
  const world = { clock: systemClock, random: systemRandom, timers: systemTimers };
  const instance = await Instance.open({
    directory: join(directory, 'data'),
    durability: 'none',
    logFileBytes: 8 * MIB,
    reserveBytes: 0,
    cacheBytes: 32 * MIB,
    ...world,
  });
  try {
    const database = instance.database(DATABASE);
    if (database === undefined) throw new Error(`there is no database "${DATABASE}"`);
    const registry = new SessionRegistry({
      backend: instance,
      server: serverIdentity(VERSION, systemClock.nowMicros()),
      log: () => {},
      memoryLimitBytes: 256 * MIB,
      ...world,
    });
    const server = new PgWireServer({ registry, log });
    const path = join(directory, 'socket');
    await server.listen({ path });
    try {
      const connect = (): Promise<WarmUpClient> => WarmUpClient.connect(path, { user: 'postgres', database: DATABASE });
      await ingest(database, warmUpLines());
      const client = await connect();
      try {
        await client.ask({ text: WARM_UP_TABLES });
        await client.ask({ text: 'VACUUM' });
      } finally {
        client.close();
      }
      await ingest(database, lateWarmUpLines());
      return await run(connect);
    } finally {
      await server.stop({ graceMs: 0 });
    }
  } finally {
    await instance.close();
  }
}

async function ingest(database: NonNullable<ReturnType<Instance['database']>>, lines: string): Promise<void> {
  const tables = parseBody(Buffer.from(lines), { precision: 's', defaultMicros: 0 });
  await database.ingest(tables.map((table) => table.finish()));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
