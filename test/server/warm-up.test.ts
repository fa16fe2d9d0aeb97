import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { warmUp } from '../../src/server/warm-up/warm-up.ts';
import { loadParser } from '../../src/sql/syntax/parse-sql.ts';

const options = { signal: new AbortController().signal, isBusy: () => false, log: () => {} };

beforeAll(() => loadParser());

describe.skipIf(process.platform === 'win32')('warming up', () => {
  test('every question of a round is answered', async () => {
    const { rounds, questions } = await warmUp({ ...options, budgetMs: 1_000 });
    expect(rounds).toBeGreaterThan(0);
    expect(questions).toBeGreaterThanOrEqual(rounds * 25);
  });

  test('nothing of it is left on disk, finished or not', async () => {
    const parentDirectory = await mkdtemp(join(tmpdir(), 'tidewire-test-'));
    try {
      await warmUp({ ...options, parentDirectory, budgetMs: 1 });
      await warmUp({ ...options, parentDirectory, budgetMs: 60_000, signal: AbortSignal.timeout(10) });
      expect(await readdir(parentDirectory)).toEqual([]);
    } finally {
      await rm(parentDirectory, { recursive: true });
    }
  });

  test('it ends at the next question once the server stops', async () => {
    const abort = new AbortController();
    let asked = 0;
    const isBusy = () => {
      if (++asked === 3) abort.abort();
      return false;
    };
    expect(await warmUp({ ...options, isBusy, signal: abort.signal, budgetMs: 60_000 })).toEqual({
      rounds: 0,
      questions: 3,
    });
  });
});
