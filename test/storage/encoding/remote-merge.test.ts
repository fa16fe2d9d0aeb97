import { describe, expect, test } from 'vitest';
import { CompactionAbandoned, CompactionPace } from '../../../src/storage/compaction/compaction-pace.ts';
import { mergeLayout } from '../../../src/storage/compaction/merge-layout.ts';
import { mergeSegments } from '../../../src/storage/compaction/merge-segments.ts';
import { type PortableMerge, portableMerge } from '../../../src/storage/compaction/portable-merge.ts';
import { UnreadableInput } from '../../../src/storage/compaction/unreadable-input.ts';
import { LocalSegmentStore } from '../../../src/storage/local-segment-store.ts';
import { InProcessEncoders } from '../../support/in-process-encoders.ts';
import { MemoryFileSystem } from '../../support/memory-file-system.ts';
import { fileOf, freePace, type Row, type RowKind, sorted, tableOf } from '../compaction/merge-helpers.ts';
import { MemorySegment, openSegment } from '../segment/segment-helpers.ts';

const HEADER = { tableOid: 16384, schemaVersion: 1, partitionStart: 0, minLsn: 1, maxLsn: 2 };
const READ_AHEAD_BYTES = 65_536;

/** Series of a thousand points each, of which every other segment has a part. */
function rowsOfSegment(kind: RowKind, at: number): Row[] {
  const rows = Array.from({ length: 4000 }, (_, index): Row => {
    const fields = { 2: (index * (at + 1)) / 8, 3: index % 9 === 0 ? null : index, 5: `text ${index % 50}` };
    const row = { series: index % 4, time: index * 2 + (at % 2), fields };
    return kind === 'keyed' ? row : { ...row, rowId: at * 10_000 + index };
  });
  return sorted(kind, rows);
}

async function prepared(kind: RowKind, damage?: number) {
  const fileSystem = new MemoryFileSystem();
  const store = await LocalSegmentStore.open({ fileSystem, directory: '/db' });
  const files: MemorySegment[] = [];
  const inputs: PortableMerge['inputs'][number][] = [];
  const dead = [Uint32Array.of(0, 5, 2000), new Uint32Array(0), Uint32Array.of(3999)];
  for (let at = 0; at < 3; at++) {
    const file = await fileOf(kind, rowsOfSegment(kind, at));
    files.push(file);
    const bytes = file.bytes.slice();
    if (damage === at) bytes[200] ^= 1;
    const draft = await store.create(`1/${at}.segment`);
    await draft.append(bytes);
    await draft.publish();
    inputs.push({ name: `s${at}`, file: `1/${at}.segment`, offset: 0, sizeBytes: bytes.length, dead: dead[at]! });
  }
  const readers = await Promise.all(files.map((file) => openSegment(file, { readAheadBytes: READ_AHEAD_BYTES })));
  const layout = mergeLayout(tableOf(kind), readers, { isOldest: true });
  const here = new MemorySegment();
  const expected = await mergeSegments(here, HEADER, {
    inputs: readers.map((reader, at) => ({ reader, dead: dead[at]! })),
    layout,
    pace: freePace(),
  });
  const merge = portableMerge(HEADER, layout, { directory: '/db', inputs, readAheadBytes: READ_AHEAD_BYTES })!;
  return { fileSystem, merge, expected, bytes: Buffer.from(here.bytes) };
}

/** A sink that takes its time, and fails with the piece `failsAt`. */
class SlowSink extends MemorySegment {
  pieces = 0;
  readonly #failsAt: number;

  constructor(failsAt = Number.POSITIVE_INFINITY) {
    super();
    this.#failsAt = failsAt;
  }

  override async append(bytes: Uint8Array): Promise<void> {
    if (++this.pieces >= this.#failsAt) throw new Error('no space left on device');
    await new Promise((resolve) => setImmediate(resolve));
    await super.append(bytes);
  }
}

describe('a merge in another thread', () => {
  for (const kind of ['keyed', 'keyless', 'plain'] as const) {
    test(`of ${kind} rows gives the bytes that it gives here`, async () => {
      const { fileSystem, merge, expected, bytes } = await prepared(kind);
      const encoders = await new InProcessEncoders({ fileSystem }).start();
      const there = new SlowSink();
      expect(await encoders.merge(merge, there, freePace())).toEqual(expected);
      expect(Buffer.from(there.bytes).equals(bytes)).toBe(true);
    });
  }

  test('goes on when its pace lets it, and ends when that ends it', async () => {
    const { fileSystem, merge, expected } = await prepared('keyed');
    const encoders = await new InProcessEncoders({ fileSystem }).start();
    let rests = 0;
    const resting = new CompactionPace({
      check: () => {},
      giveWay: () => undefined,
      rest: () => {
        rests += 1;
        return undefined;
      },
    });
    await encoders.merge(merge, new SlowSink(), resting);
    expect(rests).toBeGreaterThan(0);
    const ending = new CompactionPace({
      check: () => {
        throw new CompactionAbandoned('the table is gone');
      },
      giveWay: () => undefined,
      rest: () => undefined,
    });
    await expect(encoders.merge(merge, new SlowSink(), ending)).rejects.toThrow('the table is gone');
    // Its files are closed by then, and the next one is merged as ever.
    await expect(encoders.merge(merge, new SlowSink(), freePace())).resolves.toEqual(expected);
  });

  test('names the segment that it cannot read', async () => {
    const { fileSystem, merge } = await prepared('plain', 1);
    const encoders = await new InProcessEncoders({ fileSystem }).start();
    const failed = await encoders.merge(merge, new SlowSink(), freePace())!.catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(UnreadableInput);
    expect((failed as UnreadableInput).segmentName).toBe('s1');
    await fileSystem.remove('/db/1/0.segment');
    const gone = await encoders.merge(merge, new SlowSink(), freePace())!.catch((error: unknown) => error);
    expect((gone as UnreadableInput).segmentName).toBe('s0');
  });

  test('fails with its sink and with its thread', async () => {
    const { fileSystem, merge } = await prepared('keyless');
    const encoders = await new InProcessEncoders({ fileSystem }).start();
    await expect(encoders.merge(merge, new SlowSink(1), freePace())).rejects.toThrow('no space left on device');
    const dying = await new InProcessEncoders({ fileSystem, dropsAfter: 2 }).start();
    await expect(dying.merge(merge, new SlowSink(), freePace())).rejects.toThrow('a worker thread ended');
    expect(dying.merge(merge, new SlowSink(), freePace())).toBeUndefined();
  });

  test('is not begun while there are two', async () => {
    const { fileSystem, merge } = await prepared('keyless');
    const encoders = await new InProcessEncoders({ fileSystem }).start();
    const both = [encoders.merge(merge, new SlowSink(), freePace()), encoders.merge(merge, new SlowSink(), freePace())];
    expect(encoders.merge(merge, new SlowSink(), freePace())).toBeUndefined();
    await Promise.all(both);
    await encoders.merge(merge, new SlowSink(), freePace());
    expect(encoders.merges).toBe(3);
  });
});
