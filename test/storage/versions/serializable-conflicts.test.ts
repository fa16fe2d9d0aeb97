import { describe, expect, test } from 'vitest';
import {
  NOTHING_WRITTEN,
  SerializableConflicts,
  type SerializableReads,
  type WrittenRows,
} from '../../../src/storage/versions/serializable-conflicts.ts';

const A = 1;
const B = 2;
const READ_WRITE = { isReadOnly: false };

/** Transactions over two tables; what they write is published with the commit. */
class World {
  lsn = 10;
  readonly conflicts = new SerializableConflicts(() => this.lsn);

  begin(...tables: readonly number[]): SerializableReads {
    const reads = this.conflicts.begin(this.lsn, READ_WRITE);
    for (const table of tables) reads.tables.add(table);
    return reads;
  }

  commit(reads: SerializableReads, ...tables: readonly number[]): void {
    const written: WrittenRows = new Map(tables.map((table) => [table, 'all']));
    this.conflicts.commit(reads, written, this.lsn + 1);
    if (tables.length > 0) this.lsn += 1;
  }
}

const FAILURE = { code: '40001' };

describe('who commits', () => {
  test('is refused as the pivot between two that have committed', () => {
    const world = new World();
    const [first, pivot, last] = [world.begin(B), world.begin(A), world.begin()];
    world.commit(last, A);
    world.commit(first, 9);
    expect(() => world.commit(pivot, B)).toThrow(expect.objectContaining(FAILURE));
  });

  test('is refused as the first of such three', () => {
    const world = new World();
    const [first, pivot, last] = [world.begin(B), world.begin(A), world.begin()];
    world.commit(last, A);
    world.commit(pivot, B);
    expect(() => world.commit(first, 9)).toThrow(expect.objectContaining(FAILURE));
  });

  test('is let be where the pivot was the first to commit', () => {
    const world = new World();
    const [first, pivot, last] = [world.begin(B), world.begin(A), world.begin()];
    world.commit(pivot, B);
    world.commit(last, A);
    expect(() => world.commit(first, 9)).not.toThrow();
  });

  test('is let be as a reader that began before the last had committed', () => {
    const world = new World();
    const [first, pivot, last] = [world.begin(B), world.begin(A), world.begin()];
    world.commit(last, A);
    world.commit(pivot, B);
    world.commit(first);
    expect(world.conflicts.size).toBe(0);
  });

  test('is refused as a reader that has seen the last, but not the pivot', () => {
    const world = new World();
    const [pivot, last] = [world.begin(A), world.begin()];
    world.commit(last, A);
    const reader = world.begin(A, B);
    world.commit(pivot, B);
    expect(() => world.commit(reader)).toThrow(expect.objectContaining(FAILURE));
  });

  test('is not stopped by who has rolled back', () => {
    const world = new World();
    const [one, other] = [world.begin(A), world.begin(A)];
    world.conflicts.abort(one);
    expect(() => world.commit(other, A)).not.toThrow();
  });
});

describe('keys', () => {
  const commitKeys = (world: World, reads: SerializableReads, keys: readonly string[]): void => {
    world.conflicts.commit(reads, new Map([[A, new Set(keys)]]), ++world.lsn);
  };

  test('meet the same keys, and tables', () => {
    const world = new World();
    const [one, other] = [world.begin(), world.begin()];
    one.noteKey(A, 'x');
    other.noteKey(A, 'y');
    commitKeys(world, one, ['y']);
    expect(() => commitKeys(world, other, ['x'])).toThrow(expect.objectContaining(FAILURE));
  });

  test('do not meet others', () => {
    const world = new World();
    const [one, other] = [world.begin(), world.begin()];
    one.noteKey(A, 'x');
    other.noteKey(A, 'y');
    commitKeys(world, one, ['x']);
    commitKeys(world, other, ['y']);
    expect(world.conflicts.size).toBe(0);
  });
});

test('transactions are remembered as long as somebody runs beside them, and until they are published', () => {
  const world = new World();
  const long = world.begin(B);
  for (let count = 0; count < 5; count++) world.commit(world.begin(A), A);
  expect(world.conflicts.size).toBe(6);
  world.conflicts.abort(long);
  expect(world.conflicts.size).toBe(0);
  const unpublished = world.begin();
  world.conflicts.commit(unpublished, new Map([[A, 'all']]), world.lsn + 1);
  expect(world.conflicts.size).toBe(1);
  world.lsn += 1;
  world.conflicts.commit(world.begin(), NOTHING_WRITTEN, 0);
  expect(world.conflicts.size).toBe(0);
});

test('a snapshot is safe unless one of the writers beside it turns out to be a pivot behind what it sees', () => {
  const world = new World();
  const [pivot, last] = [world.begin(A), world.begin()];
  world.commit(last, A);
  const reader = world.conflicts.begin(world.lsn, { isReadOnly: true });
  const writers = world.conflicts.writersBeside(reader);
  expect(writers).toEqual([pivot]);
  world.commit(pivot, B);
  expect(world.conflicts.isSafe(reader, writers)).toBe(false);
  const again = world.conflicts.begin(world.lsn, { isReadOnly: true });
  expect(world.conflicts.isSafe(again, world.conflicts.writersBeside(again))).toBe(true);
});
