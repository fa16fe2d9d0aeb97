import type { Batch, BatchStream } from '../../columnar/batch.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import type { JoinNode } from '../../sql/plan/join-nodes.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowStore } from '../row-store.ts';
import { MAX_LEVEL } from '../spill/row-partitions.ts';
import { END, everyRow, JoinIndex } from './join-index.ts';
import { JoinPairs } from './join-pairs.ts';
import { type JoinSides, partitionedJoin } from './partitioned-join.ts';

/** Rows that go to disk in one go. */
const PIECE_ROWS = 1024;
/** What the hash table over the right side takes a row: slots, keys and chains. */
const INDEX_ROW_BYTES = 36;

/**
 * Joins of every type. The right side is kept; with equalities it is hashed by key (each key's rows form a chain),
 * otherwise every pair is looked at. Pairs are made in batches of 2,048 and the rest of the condition filters them. Where
 * the right side passes the memory of the statement, both sides are parted on disk first.
 */
export function join(left: BatchStream, right: BatchStream, node: JoinNode, context: ExecutionContext): BatchStream {
  return joinSides(left, right, 0, node, context);
}

async function* joinSides(
  left: BatchStream,
  right: BatchStream,
  level: number,
  node: JoinNode,
  context: ExecutionContext,
): BatchStream {
  const store = new RowStore(
    node.right.output.map((column) => column.type),
    context.memory,
  );
  const { memory, spill } = context;
  const canPart = spill !== undefined && node.equalities.length > 0 && level < MAX_LEVEL;
  let indexBytes = 0;
  try {
    for (;;) {
      const { value: batch, done } = await right.next();
      if (done === true) break;
      const indexGrowth = node.equalities.length === 0 ? 0 : batch.rowCount * INDEX_ROW_BYTES;
      if (!canPart) memory.reserve(indexGrowth);
      const hasRoom = !canPart || memory.tryReserve(indexGrowth);
      if (hasRoom) indexBytes += indexGrowth;
      if (!canPart) store.append(batch);
      else if (!hasRoom || !store.tryAppend(batch)) {
        memory.release(indexBytes);
        indexBytes = 0;
        const sides: JoinSides = (some, others, below) => joinSides(some, others, below, node, context);
        yield* partitionedJoin(left, restOf(store, batch, right), { node, level, space: spill }, context, sides);
        return;
      }
      const turn = context.control.yieldIfDue();
      if (turn !== undefined) await turn;
    }
    yield* joinStored(left, store, node, context);
  } finally {
    memory.release(indexBytes);
    store.release();
    await right.return();
    await left.return();
  }
}

/** What was kept, the batch that did not fit, and what comes after it. */
async function* restOf(store: RowStore, batch: Batch, right: BatchStream): BatchStream {
  // The next batch overwrites this one.
  yield batch;
  for (const kept of store.batches()) yield* inPieces(kept);
  store.release();
  yield* right;
}

function* inPieces(rows: Batch): Generator<Batch, void, undefined> {
  for (let from = 0; from < rows.rowCount; from += PIECE_ROWS) {
    yield sliceBatch(rows, from, Math.min(from + PIECE_ROWS, rows.rowCount));
  }
}

async function* joinStored(left: BatchStream, store: RowStore, node: JoinNode, context: ExecutionContext): BatchStream {
  const index = node.equalities.length === 0 ? undefined : await JoinIndex.build(store, node, context);
  const pairs = new JoinPairs(node, store, context);
  const matches = index === undefined ? everyRow(store) : index.matcher(node, context);
  const asksForOne = node.type === 'semi' || node.type === 'anti';
  // Without a condition the key alone decides: no pair need be looked at.
  const isDecidedByKey = asksForOne && node.condition === undefined;
  for await (const batch of left) {
    const first = matches.firstMatches(batch);
    pairs.begin(batch);
    for (let leftRow = 0; leftRow < batch.rowCount; leftRow++) {
      let rightRow = first === undefined ? matches.start : first[leftRow];
      if (isDecidedByKey) {
        if (rightRow !== END) pairs.noteLeft(leftRow);
        continue;
      }
      for (; rightRow !== END; rightRow = matches.next(rightRow)) {
        if (!pairs.add(leftRow, rightRow)) continue;
        const full = await pairs.take();
        if (full !== undefined) yield full;
        const turn = context.control.yieldIfDue();
        if (turn !== undefined) await turn;
        if (asksForOne && pairs.isDecided(leftRow)) break;
      }
    }
    const rest = await pairs.take();
    if (rest !== undefined) yield rest;
    const leftRows = pairs.leftRows();
    if (leftRows !== undefined) yield leftRows;
    const turn = context.control.yieldIfDue();
    if (turn !== undefined) await turn;
  }
  yield* pairs.rightRows();
}
