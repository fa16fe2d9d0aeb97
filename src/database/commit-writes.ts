import type { SequenceDescriptor, SequenceState } from '../catalog/sequence-descriptor.ts';
import type { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { nextTurn } from '../platform/next-turn.ts';
import type { CommitOperation } from '../storage/commit/commit-operation.ts';
import { DeleteResolution, type NamesToDelete } from '../storage/deletes/delete-resolution.ts';
import type { PlainCommit } from '../storage/index/applied-plain.ts';
import { uniqueViolation } from '../storage/key-check.ts';
import { prepareStagedCommit, type StagedCommit } from '../storage/staging/commit-staged.ts';
import { findCommittedDuplicate } from '../storage/staging/staged-keys.ts';
import type { StorageEngine } from '../storage/storage-engine.ts';
import { mergesVersions } from '../storage/table-identity.ts';
import { instantOf } from '../storage/time-key.ts';
import { commitOperations, commitOperationsInSteps, namesToDelete } from '../storage/versions/commit-write-set.ts';
import type { WriteSet } from '../storage/versions/write-set.ts';

/** Beyond so many rows, deleted ones included, a commit takes several turns of the event loop. */
const ROWS_PER_TURN = 16_384;

export interface CommitTask {
  readonly databaseOid: number;
  /** Waits for others as long as keys of plain tables are in doubt. Rejects with 23505. */
  readonly preparePlain: () => Promise<void>;
  /** What plain tables are to have, once `operations` are what is committed. */
  readonly plainCommit: (operations: readonly CommitOperation[]) => PlainCommit;
  /**
   * Keys against what others have committed: a promise when something has to be read, after which it is asked again. Throws
   * 23505.
   */
  readonly recheckKeys: () => Promise<void> | undefined;
  /** The last check, in the very turn of the append. Throws 40001. */
  readonly beforeAppend: () => void;
  readonly sequences: {
    /** Where a sequence that the transaction puts counts from. */
    committedState(sequence: SequenceDescriptor): SequenceState;
    /** What the log has lost of the sequences that the rows count by. */
    missingRecords(): readonly CommitOperation[];
    /** The commit that brings them. */
    noteAppended(published: Promise<void>): void;
    /** The last of these records came to nothing. */
    noteRejected(): void;
  };
  /** False: does not wait for the disk. */
  readonly isSynchronous: boolean;
}

/**
 * Publishes a write set as one commit. Small ones are checked, appended and applied in one turn of the event loop. Large
 * ones close the gate to others, and take as many turns as they need. False when there was nothing to publish.
 */
export async function commitWrites(engine: StorageEngine, writes: WriteSet, task: CommitTask): Promise<boolean> {
  const { state, stager } = engine;
  const { databaseOid } = task;
  const hasStaged = await stageRest(engine, writes, databaseOid);
  await task.preparePlain();
  const staged = hasStaged ? await prepareStagedCommit(writes, engine.stagingContext(databaseOid)) : undefined;
  let release: (() => void) | undefined;
  let isOnItsWay = false;
  try {
    const deletes = await namesToDelete(writes, state);
    const resolution = new DeleteResolution(deletes);
    if (hasStaged || rowCount(writes, deletes) > ROWS_PER_TURN) release = await engine.gate.enter();
    if (hasStaged) await checkStagedKeys(engine, writes);
    for (;;) {
      engine.hearRejection();
      const { rejection } = engine;
      const busy = release === undefined ? engine.gate.whenOpen() : undefined;
      const pending = busy ?? task.recheckKeys() ?? resolution.prepare(state);
      if (pending !== undefined) {
        await pending;
        continue;
      }
      // From here to the append nothing else is committed: the checks hold.
      const database = state.databases.get(databaseOid)!;
      const { sequences, isSynchronous } = task;
      const inputs = {
        database,
        deletes,
        staged: staged?.operations,
        stateOf: (sequence: SequenceDescriptor) => sequences.committedState(sequence),
      };
      const written =
        release === undefined
          ? commitOperations(writes, state, inputs)
          : await inTurns(commitOperationsInSteps(writes, state, inputs));
      if (written.length === 0) break;
      const missing = sequences.missingRecords();
      const operations = [...missing, ...written];
      const body = release === undefined ? undefined : await engine.encode(databaseOid, operations);
      // What the operations build on may have come to nothing meanwhile.
      if (engine.rejection !== rejection) {
        sequences.noteRejected();
        continue;
      }
      const published = appended(sequences, () => {
        task.beforeAppend();
        return engine.commit(databaseOid, operations, {
          resolution,
          staged: staged?.segments,
          plain: task.plainCommit(operations),
          isSynchronous,
          body,
          release,
        });
      });
      isOnItsWay = true;
      if (missing.length > 0) sequences.noteAppended(published);
      await published;
      break;
    }
    if (staged !== undefined) stager.files.discard(unshared(staged));
    if (isOnItsWay) for (const { staged: rows } of writes.tables()) rows.forget();
    return isOnItsWay;
  } catch (error) {
    // A record that may yet be found in the log names its segments, whether it could be applied or not.
    if (isOnItsWay && (error as Partial<SqlError>).code !== SqlState.DiskFull) keepFiles(engine, writes);
    else for (const { name } of staged?.written ?? []) stager.files.remove(name);
    throw error;
  } finally {
    release?.();
  }
}

async function inTurns<T>(steps: Generator<void, T, undefined>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

function appended(sequences: CommitTask['sequences'], append: () => Promise<void>): Promise<void> {
  try {
    return append();
  } catch (error) {
    sequences.noteRejected();
    throw error;
  }
}

/** What is left in memory of tables with staged rows: so their part of the commit costs nothing by the row. */
async function stageRest({ stager }: StorageEngine, writes: WriteSet, databaseOid: number): Promise<boolean> {
  let hasStaged = false;
  for (const table of writes.tables()) {
    if (table.staged.isEmpty) continue;
    hasStaged = true;
    await stager.stage(writes, table, databaseOid);
  }
  return hasStaged;
}

function rowCount(writes: WriteSet, deletes: readonly NamesToDelete[]): number {
  let count = 0;
  for (const table of writes.tables()) count += table.rowCount;
  for (const { blocks } of deletes) for (const block of blocks) count += block.rowCount;
  return count;
}

async function checkStagedKeys({ state }: StorageEngine, writes: WriteSet): Promise<void> {
  for (const table of writes.tables()) {
    if (table.staged.isEmpty || !mergesVersions(table.descriptor)) continue;
    const found = await findCommittedDuplicate(table, state);
    if (found === undefined) continue;
    const { descriptor } = table;
    const { series } = state.tables.get(table.tableOid)!;
    const values = descriptor.uniqueKey!.columnNumbers.map((number) =>
      number === descriptor.timeSeries!.timeColumnNumber
        ? instantOf(found.time, found.fraction)
        : series.valueOf(found.seriesId, number),
    );
    throw uniqueViolation(descriptor, values);
  }
}

/** Segments without a row that lie in files of their own. */
function unshared({ unused }: StagedCommit) {
  return unused.filter(({ entry }) => entry.pack === undefined);
}

function keepFiles({ stager }: StorageEngine, writes: WriteSet): void {
  for (const { staged } of writes.tables()) {
    for (const { segment } of staged.segments) stager.files.close(segment);
    staged.forget();
  }
}
