import { describe, expect, test } from 'vitest';
import { CorruptionError } from '../../../src/errors/corruption-error.ts';
import { LocalMetaStore } from '../../../src/storage/manifest/local-meta-store.ts';
import type { MetaState } from '../../../src/storage/seams/meta-store.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { bytesOf } from '../../support/open-write-log.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

function openStore(fileSystem: MemoryFileSystem, seed = 1): Promise<LocalMetaStore> {
  return LocalMetaStore.open({ fileSystem, directory: 'data/manifest', random: new SeededRandom(seed) });
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function describeState({ version, checkpoint, edits }: MetaState): string {
  return `${version}: ${checkpoint ? textOf(checkpoint) : '-'} | ${edits.map(textOf).join(' ')}`;
}

/** What a start would find; the disk is left alone. */
async function recover(fileSystem: MemoryFileSystem): Promise<string> {
  try {
    return describeState(await (await openStore(fileSystem.clone())).load());
  } catch (error) {
    if (error instanceof CorruptionError) return 'corrupt';
    throw error;
  }
}

describe('edits and checkpoints', () => {
  test('an empty directory is an empty manifest', async () => {
    expect(describeState(await (await openStore(new MemoryFileSystem())).load())).toBe('0: - | ');
  });

  test('edits come back in order, with their version', async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await openStore(fileSystem);
    expect(await Promise.all(['a', '', 'c'].map((text) => store.commit(bytesOf(text))))).toEqual([1, 2, 3]);
    expect(store.version).toBe(3);
    expect(store.editBytes).toBe(2);
    await store.close();
    expect(await recover(fileSystem)).toBe('3: - | a  c');
  });

  test('a checkpoint takes the place of the edits before it, and the version goes on', async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await openStore(fileSystem);
    await store.commit(bytesOf('a'));
    const replaced = store.replace(bytesOf('A'));
    const committed = store.commit(bytesOf('b'));
    await replaced;
    expect(await committed).toBe(2);
    expect(store.editBytes).toBe(1);
    expect(await recover(fileSystem)).toBe('2: A | b');
  });

  test('two generations are kept', async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await openStore(fileSystem);
    for (let round = 0; round < 5; round++) await store.replace(bytesOf(`${round}`));
    expect(fileSystem.allFiles()).toEqual(['data/manifest/manifest-0000000005', 'data/manifest/manifest-0000000006']);
  });

  test('the caller may write over what it has passed', async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await openStore(fileSystem);
    const bytes = bytesOf('before');
    const committed = store.commit(bytes);
    bytes.fill(0);
    await committed;
    expect(await recover(fileSystem)).toBe('1: - | before');
  });
});

describe('a failing disk', () => {
  for (const operation of ['sync', 'write'] as const) {
    test(`a failed ${operation} ends all changes, and what was committed stays`, async () => {
      const fileSystem = new MemoryFileSystem();
      const store = await openStore(fileSystem);
      await store.commit(bytesOf('a'));
      fileSystem.fail({ operation, code: 'EIO' });
      const error = { code: '58030', message: 'could not write to the manifest: Input/output error' };
      await expect(store.commit(bytesOf('b'))).rejects.toMatchObject(error);
      await expect(store.commit(bytesOf('c'))).rejects.toMatchObject(error);
      await expect(store.replace(bytesOf('d'))).rejects.toMatchObject(error);
      expect(store.failure).toMatchObject(error);
      await store.close();
      expect(await recover(fileSystem)).toMatch(/^[12]: - \| a( b)?$/);
    });
  }

  for (const writtenBytes of [0, 10, 48, 49]) {
    test(`a full disk after ${writtenBytes} bytes rejects with 53100, and the manifest goes on`, async () => {
      const fileSystem = new MemoryFileSystem();
      const store = await openStore(fileSystem);
      await store.commit(bytesOf('a'));
      fileSystem.fail({ operation: 'write', code: 'ENOSPC', writtenBytes });
      await expect(store.commit(bytesOf('b'))).rejects.toMatchObject({
        code: '53100',
        message: 'could not extend the manifest: No space left on device',
      });
      expect(await recover(fileSystem)).toBe('1: - | a');
      fileSystem.fail({ operation: 'write', code: 'ENOSPC', writtenBytes });
      await expect(store.replace(bytesOf('B'))).rejects.toMatchObject({ code: '53100' });
      expect(await store.commit(bytesOf('c'))).toBe(2);
      expect(await recover(fileSystem)).toBe('2: - | a c');
    });
  }
});

describe('damage', () => {
  /** Generation 2 holds a checkpoint and edits, generation 1 the edits before. */
  async function sample(): Promise<MemoryFileSystem> {
    const fileSystem = new MemoryFileSystem();
    const store = await openStore(fileSystem);
    for (const edit of ['one', 'two']) await store.commit(bytesOf(edit));
    await store.replace(bytesOf('ONE TWO'));
    for (const edit of ['three', 'four']) await store.commit(bytesOf(edit));
    await store.close();
    return fileSystem;
  }

  test('every bit flip is reported, repaired from the generation before, or changes nothing', async () => {
    const fileSystem = await sample();
    const bytes = fileSystem.bytesOf('data/manifest/manifest-0000000002');
    const outcomes = new Map<string, number>();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const outcome = await recover(fileSystem);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()].sort()).toEqual(['4: - | one two three four', '4: ONE TWO | three four', 'corrupt']);
    // Repaired from the older generation: flips in the 48 + 7 bytes of the checkpoint's record.
    expect(outcomes.get('4: - | one two three four')).toBe(55 * 8);
    // Reported: in the two edits (53 + 52 bytes) and the seal between them.
    expect(outcomes.get('corrupt')).toBe((53 + 56 + 52) * 8);
  });

  test('a repaired manifest is whole again and takes edits; the damaged file is kept aside', async () => {
    const fileSystem = await sample();
    fileSystem.bytesOf('data/manifest/manifest-0000000002')[64 + 50]! ^= 1;
    const store = await openStore(fileSystem);
    expect(describeState(await store.load())).toBe('4: - | one two three four');
    await store.commit(bytesOf('five'));
    expect(await recover(fileSystem)).toBe('5: - | one two three four five');
    expect(fileSystem.allFiles()).toContain('data/manifest/manifest-0000000002.damaged');
  });

  test('a lost checkpoint is not made up for by a generation that does not reach it', async () => {
    const fileSystem = await sample();
    fileSystem.bytesOf('data/manifest/manifest-0000000002')[64 + 50]! ^= 1;
    const older = 'data/manifest/manifest-0000000001';
    fileSystem.truncateNow(older, fileSystem.bytesOf(older).length - 60);
    expect(await recover(fileSystem)).toBe('corrupt');
    await fileSystem.remove(older);
    expect(await recover(fileSystem)).toBe('corrupt');
  });

  test('damage in a generation with no edits yet is repaired, or reported', async () => {
    const fileSystem = new MemoryFileSystem();
    const store = await openStore(fileSystem);
    await store.commit(bytesOf('one'));
    await store.replace(bytesOf('ONE'));
    await store.close();
    const bytes = fileSystem.bytesOf('data/manifest/manifest-0000000002');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(await recover(fileSystem)).toMatch(/^(1: ONE \| |1: - \| one|corrupt)$/);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  test('a generation cut off at any length starts with the edits before the cut, or is reported', async () => {
    const fileSystem = await sample();
    const path = 'data/manifest/manifest-0000000002';
    const states = ['4: ONE TWO | three four', '3: ONE TWO | three', '2: ONE TWO | ', 'corrupt'];
    let last = 0;
    for (let length = fileSystem.bytesOf(path).length; length >= 0; length--) {
      fileSystem.truncateNow(path, length);
      const at = states.indexOf(await recover(fileSystem));
      // The longer the cut, the less is left; the generation before never passes for the newest state.
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
    }
    expect(states[last]).toBe('corrupt');
  });

  test('leftovers of a replacement that was cut short are ignored', async () => {
    const fileSystem = await sample();
    await (await fileSystem.open('data/manifest/manifest.tmp', 'create')).close();
    expect(await recover(fileSystem)).toBe('4: ONE TWO | three four');
  });

  test('a manifest of a later format is refused by name', async () => {
    const { crc32 } = await import('../../../src/bytes/crc32.ts');
    const fileSystem = await sample();
    const bytes = fileSystem.bytesOf('data/manifest/manifest-0000000002');
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint32(8, 2, true);
    view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
    await expect(openStore(fileSystem)).rejects.toThrow('has format 2; this version reads format 1');
  });
});

describe('power cuts at random operations', () => {
  test('lose no edit that was committed, and leave whole states only', async () => {
    const seeds = 1500 * Number(process.env.FAULT_ROUNDS ?? 1);
    for (let seed = 1; seed <= seeds; seed++) {
      const random = new SeededRandom(seed);
      let fileSystem = new MemoryFileSystem();
      // A state is the text of all edits so far; a checkpoint holds it.
      let known = '';
      for (let run = 0; run < 3; run++) {
        let attempted = known;
        fileSystem.cutPowerAfter(random.below(50));
        try {
          const store = await openStore(fileSystem, random.uint32());
          for (let step = random.below(12); step > 0; step--) {
            if (random.fraction() < 0.25) {
              await store.replace(bytesOf(known));
            } else {
              const edit = `${run}${step}`.repeat(random.pick([1, 3, 400])).concat(';');
              attempted = known + edit;
              await store.commit(bytesOf(edit));
              known = attempted;
            }
          }
          if (random.fraction() < 0.5) await store.close();
        } catch (error) {
          if (!fileSystem.isPowerOff) throw error;
        }
        fileSystem = random.fraction() < 0.3 ? fileSystem.clone() : fileSystem.afterPowerCut(random);
        const { checkpoint, edits } = await (await openStore(fileSystem.clone())).load();
        const found = textOf(checkpoint ?? new Uint8Array(0)) + edits.map(textOf).join('');
        expect([known, attempted], `seed ${seed}, run ${run}`).toContain(found);
        known = found;
      }
    }
  });
});
