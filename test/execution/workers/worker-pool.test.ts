import { describe, expect, test } from 'vitest';
import type { ShareTask, WorkerMessage, WorkerReply } from '../../../src/execution/workers/share-task.ts';
import { type ShareThreadEvents, WorkerPool } from '../../../src/execution/workers/worker-pool.ts';

interface FakeThread {
  readonly events: ShareThreadEvents;
  readonly posted: WorkerMessage[];
  /** What it has answered, and nobody has taken yet. */
  readonly answers: WorkerReply[];
  isEnded: boolean;
}

function poolOf(count: number): { pool: WorkerPool; threads: FakeThread[] } {
  const threads: FakeThread[] = [];
  const pool = new WorkerPool(count, (_, events) => {
    const thread: FakeThread = { events, posted: [], answers: [], isEnded: false };
    threads.push(thread);
    return {
      post: (message) => thread.posted.push(message),
      receive() {
        for (const answer of thread.answers.splice(0)) events.answered(answer);
      },
      async end() {
        thread.isEnded = true;
      },
    };
  });
  return { pool, threads };
}

function taskOf(planNumber = 1): ShareTask {
  return {
    plan: { number: planNumber, portable: { portable: null } },
    share: 'share',
    parameters: [],
    environment: { timeZoneName: 'UTC', typeContext: {} as never, statementStart: 0 },
    word: new Int32Array(new SharedArrayBuffer(4)),
    memoryBytes: 1000,
  };
}

const wanted = (): boolean => true;

function kinds({ posted }: FakeThread): string[] {
  return posted.map(({ kind }) => kind);
}

function lastId({ posted }: FakeThread): number {
  const last = posted.at(-1);
  return last?.kind === 'share' ? last.id : -1;
}

describe('a pool of threads', () => {
  test('starts them when it is first asked, and gives them work when they are ready', async () => {
    const { pool, threads } = poolOf(2);
    expect(threads.length).toBe(0);
    const answer = pool.run(taskOf(), wanted);
    expect(threads.length).toBe(2);
    expect(pool.readyCount).toBe(0);
    expect(kinds(threads[1])).toEqual([]);
    threads[1].events.isReady();
    expect(pool.readyCount).toBe(1);
    expect(kinds(threads[1])).toEqual(['plan', 'share']);
    threads[1].events.answered({ id: lastId(threads[1]), reply: { kind: 'declined' } });
    expect(await answer).toEqual({ kind: 'declined' });
    await pool.close();
  });

  test('tells a plan once, and lets those go that were not used for long', async () => {
    const { pool, threads } = poolOf(1);
    pool.warmUp();
    threads[0].events.isReady();
    const ask = async (planNumber: number): Promise<void> => {
      const answer = pool.run(taskOf(planNumber), wanted);
      threads[0].events.answered({ id: lastId(threads[0]), reply: { kind: 'declined' } });
      await answer;
    };
    await ask(1);
    await ask(1);
    expect(kinds(threads[0])).toEqual(['plan', 'share', 'share']);
    for (let plan = 2; plan <= 64; plan++) await ask(plan);
    await ask(1);
    await ask(65);
    expect(threads[0].posted.filter(({ kind }) => kind === 'forget')).toEqual([{ kind: 'forget', number: 2 }]);
    await pool.close();
  });

  test('has two things to do for each, shared out evenly, and the others wait', async () => {
    const { pool, threads } = poolOf(2);
    pool.warmUp();
    for (const { events } of threads) events.isReady();
    const answers = Array.from({ length: 5 }, () => pool.run(taskOf(), wanted));
    expect(threads.map((thread) => kinds(thread).filter((kind) => kind === 'share').length)).toEqual([2, 2]);
    threads[1].events.answered({ id: lastId(threads[1]), reply: { kind: 'declined' } });
    expect(kinds(threads[1]).filter((kind) => kind === 'share').length).toBe(3);
    await pool.close();
    expect((await Promise.allSettled(answers)).filter(({ status }) => status === 'rejected').length).toBe(4);
  });

  test('never hands on what nobody waits for any more', async () => {
    const { pool, threads } = poolOf(1);
    const answer = pool.run(taskOf(), () => false);
    threads[0].events.isReady();
    await expect(answer).rejects.toThrow('nobody waits');
    expect(kinds(threads[0])).toEqual([]);
    await pool.close();
  });

  test('fails what a thread was doing when it dies, and goes on with a new one', async () => {
    const { pool, threads } = poolOf(1);
    pool.warmUp();
    threads[0].events.isReady();
    const doomed = [pool.run(taskOf(), wanted), pool.run(taskOf(), wanted)];
    const waiting = pool.run(taskOf(), wanted);
    threads[0].events.died(new Error('status 1'));
    for (const answer of doomed) await expect(answer).rejects.toMatchObject({ code: 'XX000' });
    expect(threads.length).toBe(2);
    threads[1].events.isReady();
    expect(kinds(threads[1])).toEqual(['plan', 'share']);
    threads[1].events.answered({ id: lastId(threads[1]), reply: { kind: 'declined' } });
    expect(await waiting).toEqual({ kind: 'declined' });
    // What the dead one still had to say is not heard.
    threads[0].events.died(new Error('again'));
    expect(pool.readyCount).toBe(1);
    await pool.close();
  });

  test('does not wait for threads that cannot be started', async () => {
    const { pool, threads } = poolOf(1);
    const answer = pool.run(taskOf(), wanted);
    threads[0].events.died(new Error('no such script'));
    await expect(answer).rejects.toMatchObject({ code: 'XX000', message: 'a worker thread ended: no such script' });
    await pool.close();
  });

  test('ends its threads, and refuses what comes then', async () => {
    const { pool, threads } = poolOf(2);
    pool.warmUp();
    await pool.close();
    expect(threads.map(({ isEnded }) => isEnded)).toEqual([true, true]);
    await expect(pool.run(taskOf(), wanted)).rejects.toMatchObject({ code: '57P01' });
    expect(threads.length).toBe(2);
  });

  test('takes answers that have come when it is asked to, and gives out the next work', async () => {
    const { pool, threads } = poolOf(1);
    const answers = [pool.run(taskOf(), wanted), pool.run(taskOf(), wanted), pool.run(taskOf(), wanted)];
    const [thread] = threads;
    thread.events.isReady();
    expect(kinds(thread)).toEqual(['plan', 'share', 'share']);
    thread.answers.push({ id: 1, reply: { kind: 'declined' } });
    pool.receive();
    expect(await answers[0]).toEqual({ kind: 'declined' });
    expect(kinds(thread)).toEqual(['plan', 'share', 'share', 'share']);
    pool.receive();
    expect(thread.posted.length).toBe(4);
    await pool.close();
    await Promise.allSettled(answers);
  });
});
