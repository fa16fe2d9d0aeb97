import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import {
  identifyProcess,
  type ProcessIdentity,
  type ProcessTable,
  systemProcessTable,
} from '../../src/platform/process-table.ts';
import { acquireDataDirectoryLock } from '../../src/storage/data-directory-lock.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';
import { bytesOf } from '../support/open-write-log.ts';

/** Processes that live as long as a test says. */
class FakeProcesses {
  readonly #alive = new Set<string>();

  start(pid: number, startTime = '1', bootId = 'boot'): ProcessTable & { kill(): void } {
    const identity: ProcessIdentity = { pid, bootId, startTime };
    const key = (process: ProcessIdentity) => `${process.pid} ${process.startTime} ${process.bootId}`;
    this.#alive.add(key(identity));
    return {
      self: () => identity,
      isAlive: (process) => this.#alive.has(key(process)),
      kill: () => this.#alive.delete(key(identity)),
    };
  }
}

describe('the lock of a data directory', () => {
  test('keeps a second process out by name, until it is released', async () => {
    const fileSystem = new MemoryFileSystem();
    const machine = new FakeProcesses();
    const lock = await acquireDataDirectoryLock(fileSystem, 'data', { processes: machine.start(100) });
    const second = () => acquireDataDirectoryLock(fileSystem, 'data', { processes: machine.start(200) });
    await expect(second()).rejects.toMatchObject({
      code: '55006',
      message: 'data directory "data" is in use by process 100',
      fields: { hint: expect.stringContaining('tidewire.lock') },
    });
    await lock.release();
    await lock.release();
    await expect(second()).resolves.toBeDefined();
  });

  test('keeps out the process that has it, too', async () => {
    const fileSystem = new MemoryFileSystem();
    const processes = new FakeProcesses().start(100);
    await acquireDataDirectoryLock(fileSystem, 'data', { processes });
    await expect(acquireDataDirectoryLock(fileSystem, 'data', { processes })).rejects.toThrow('in use by process 100');
  });

  const successors: Record<string, [number, string, string]> = {
    'another process': [200, '7', 'boot'],
    'a process with the same pid, as in a container': [100, '7', 'boot'],
    'the same pid and start time after another boot': [100, '1', 'later boot'],
  };
  for (const [name, [pid, startTime, bootId]] of Object.entries(successors)) {
    test(`of a process that is gone is taken over by ${name}`, async () => {
      const fileSystem = new MemoryFileSystem();
      const machine = new FakeProcesses();
      const first = machine.start(100);
      const old = await acquireDataDirectoryLock(fileSystem, 'data', { processes: first });
      first.kill();
      await acquireDataDirectoryLock(fileSystem, 'data', { processes: machine.start(pid, startTime, bootId) });
      expect(fileSystem.allFiles()).toEqual(['data/tidewire.lock']);
      // What the old one does late must not open the door.
      await old.release();
      expect(fileSystem.allFiles()).toEqual(['data/tidewire.lock']);
    });
  }

  test('without content, as a crash may leave it, is taken over', async () => {
    const fileSystem = new MemoryFileSystem();
    await fileSystem.makeDirectory('data');
    for (const content of ['', '{"pid":1', 'garbage\n', '{"pid":1,"bootId":"","startTime":"","nonce":"../x"}\n']) {
      const handle = await fileSystem.open('data/tidewire.lock', 'create-or-open');
      await handle.truncate(0);
      await handle.write(bytesOf(content), 0, content.length, 0);
      const processes = new FakeProcesses().start(5);
      const lock = await acquireDataDirectoryLock(fileSystem, 'data', { processes, patienceMs: 20 });
      await lock.release();
      expect(fileSystem.allFiles()).toEqual([]);
    }
  });

  test('is won by one of many at most, however their steps interleave, and by one in the end', async () => {
    for (let seed = 0; seed < 150; seed++) {
      const fileSystem = new MemoryFileSystem();
      const machine = new FakeProcesses();
      const dead = machine.start(1);
      await acquireDataDirectoryLock(fileSystem, 'data', { processes: dead });
      let state = seed + 1;
      fileSystem.beforeOperation = async () => {
        state = (state * 48_271) % 2_147_483_647;
        for (let turns = state % 5; turns > 0; turns--) await Promise.resolve();
      };
      dead.kill();
      const contenders = [2, 3, 4, 5].map((pid) => machine.start(pid));
      const attempts = await Promise.allSettled(
        contenders.map((processes) => acquireDataDirectoryLock(fileSystem, 'data', { processes })),
      );
      expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
    }
  });

  test('a claimant that died in the middle of taking over stands in nobody’s way', async () => {
    for (let operations = 0; operations < 30; operations++) {
      const fileSystem = new MemoryFileSystem();
      const machine = new FakeProcesses();
      const dead = machine.start(1);
      await acquireDataDirectoryLock(fileSystem, 'data', { processes: dead });
      dead.kill();
      const claimant = machine.start(2);
      fileSystem.cutPowerAfter(operations);
      const attempt = await acquireDataDirectoryLock(fileSystem, 'data', { processes: claimant }).catch(
        () => undefined,
      );
      claimant.kill();
      const left = fileSystem.clone();
      const [third, fourth] = [machine.start(3), machine.start(4)];
      await expect(acquireDataDirectoryLock(left, 'data', { processes: third, patienceMs: 20 })).resolves.toBeDefined();
      await expect(acquireDataDirectoryLock(left, 'data', { processes: fourth })).rejects.toThrow('by process 3');
      if (attempt) break;
    }
  });
});

describe('on the real disk', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidewire-lock-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  test('a process that was killed leaves no lasting lock, a living one does', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const pid = child.pid!;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await acquireDataDirectoryLock(nodeFileSystem, directory, {
      processes: { ...systemProcessTable, self: () => identifyProcess(pid) },
    });
    await expect(acquireDataDirectoryLock(nodeFileSystem, directory)).rejects.toThrow(`in use by process ${pid}`);
    child.kill('SIGKILL');
    await ended;
    const lock = await acquireDataDirectoryLock(nodeFileSystem, directory);
    const content = JSON.parse(await readFile(join(directory, 'tidewire.lock'), 'utf8'));
    expect(content).toMatchObject({ pid: process.pid });
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  test('a recorded start time tells two lives of one pid apart', () => {
    const self = systemProcessTable.self();
    expect(systemProcessTable.isAlive(self)).toBe(true);
    if (self.startTime !== '') {
      expect(self.startTime).toMatch(/^\d+$/);
      expect(systemProcessTable.isAlive({ ...self, startTime: '1' })).toBe(false);
    }
    expect(systemProcessTable.isAlive({ ...self, bootId: 'another' })).toBe(false);
  });
});
