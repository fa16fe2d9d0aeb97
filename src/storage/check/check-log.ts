import { isShared, isSharedKey, SHARED_OID } from '../../catalog/catalog-object.ts';
import type { Lsn } from '../../catalog/table.ts';
import { CorruptionError } from '../../errors/corruption-error.ts';
import { unreachable } from '../../errors/invariant.ts';
import type { FileSystem } from '../../platform/file-system.ts';
import { databaseOids, type ManifestContent } from '../checkpoint/manifest-content.ts';
import type { CommitOperation } from '../commit/commit-operation.ts';
import { type CommitRecord, decodeCommit } from '../commit/commit-record.ts';
import type { RowBlock } from '../memtable/row-block.ts';
import { lostEnd } from '../orderly-end.ts';
import { RecordKind } from '../wal/log-record.ts';
import { RecordReader } from '../wal/record-reader.ts';
import { examineWal, firstPosition, type WalExamination, type WalFile, walCorruption } from '../wal/wal-recovery.ts';
import { ObjectReplay } from './check-objects.ts';
import { StagedReferences } from './check-staged.ts';
import type { CheckedObjects } from './check-tables.ts';
import type { Findings } from './findings.ts';

/** A commit that every replay would run, and where it stands. */
interface LoggedCommit {
  readonly record: CommitRecord;
  readonly lsn: Lsn;
  readonly path: string;
  readonly offset: number;
}

/**
 * The chain of the log from where the manifest needs it, the body of every record, and whether the commits fit the
 * manifest's catalog and each other; and the segments that they name. Returns the files of these.
 */
export async function checkLog(
  fileSystem: FileSystem,
  directory: string,
  content: ManifestContent,
  { findings, objects }: { readonly findings: Findings; readonly objects: CheckedObjects },
): Promise<ReadonlySet<string>> {
  const examination = await examineWal(fileSystem, directory, content.replayFrom);
  const { started, unused, obsolete, damage } = examination;
  for (const { sizeBytes } of [...obsolete, ...started, ...unused]) findings.countFile(sizeBytes);
  if (started.length + unused.length + obsolete.length === 0 && content.replayFrom > 1) {
    findings.problem(directory, undefined, `there is no log, but commits up to ${content.replayFrom - 1} were written`);
  }
  if (damage !== undefined) findings.problem(damage.path, damage.offset, walCorruption(damage).message);
  if (examination.discardedRecordCount > 0 && damage === undefined) {
    const last = started.at(-1) ?? unused[0]!;
    findings.trace(last.path, `${examination.discardedRecordCount} records of a group that was never acknowledged`);
  }
  const replay = new DryReplay(content, findings);
  for (const file of started) {
    for await (const commit of commitsOf(fileSystem, file, findings)) {
      findings.counts.commitCount++;
      replay.apply(commit);
    }
  }
  checkEnd(examination, directory, content, findings);
  return replay.checkStaged(objects);
}

/** A log that ends before the server did has lost records without a trace. */
function checkEnd(
  { started, unused, end, damage }: WalExamination,
  directory: string,
  { endedAt, replayFrom }: ManifestContent,
  findings: Findings,
): void {
  const lastLsn = Math.max(end.lsn, replayFrom - 1);
  if (damage !== undefined || endedAt === undefined || lastLsn >= endedAt) return;
  const last = started.at(-1);
  // That there is no log at all has been said.
  if (last === undefined && unused.length === 0) return;
  findings.problem(last?.path ?? directory, last === undefined ? undefined : end.offset, lostEnd(lastLsn, endedAt));
}

/** The commits of one file, up to where its chain ends; a body that cannot be read is a problem. */
async function* commitsOf(fileSystem: FileSystem, file: WalFile, findings: Findings): AsyncGenerator<LoggedCommit> {
  const handle = await fileSystem.open(file.path, 'read');
  try {
    const reader = new RecordReader(handle, file.header!.fileId);
    const position = firstPosition(file.header!);
    for (;;) {
      const { offset } = position;
      const next = await reader.next(position);
      if (next === undefined) return;
      if (next.header.kind !== RecordKind.Commit) continue;
      try {
        yield { record: decodeCommit(next.body), lsn: next.header.lsn, path: file.path, offset };
      } catch (error) {
        if (!(error instanceof CorruptionError)) throw error;
        findings.problem(file.path, offset, `commit ${next.header.lsn}: ${error.message}`);
      }
    }
  } finally {
    await handle.close();
  }
}

/** Follows which tables and series there are from commit to commit, as a replay would. */
class DryReplay {
  readonly #content: ManifestContent;
  readonly #findings: Findings;
  readonly #seriesCounts = new Map<number, number>();
  readonly #databases: Set<number>;
  readonly #objects: ObjectReplay;
  readonly #staged: StagedReferences;

  constructor(content: ManifestContent, findings: Findings) {
    this.#content = content;
    this.#findings = findings;
    this.#databases = databaseOids(content);
    this.#objects = new ObjectReplay(content);
    this.#staged = new StagedReferences(content);
    for (const { descriptor, series } of content.tables) {
      const hasTags = (descriptor.timeSeries?.tagColumnNumbers.length ?? 0) > 0;
      const count = series.reduce((total, piece) => total + piece.count, 0);
      this.#seriesCounts.set(descriptor.oid, hasTags ? count : 1);
    }
  }

  apply(commit: LoggedCommit): void {
    const { record, lsn } = commit;
    if (lsn < this.#content.replayFrom) return;
    // What the manifest's catalog holds already may speak of tables and databases that were dropped since.
    const isInCatalog = lsn <= this.#content.catalogLsn;
    if (!this.#databases.has(record.databaseOid)) {
      if (!isInCatalog) this.#problem(commit, `it is for database ${record.databaseOid}, which does not exist`);
      return;
    }
    for (const operation of record.operations) {
      this.#staged.note(operation, lsn, isInCatalog);
      switch (operation.kind) {
        case 'create-table':
        case 'alter-table': {
          const { oid, timeSeries } = operation.table;
          if (isInCatalog) break;
          this.#objects.checkTypes(operation.table, (what) => this.#problem(commit, what));
          const hasTags = (timeSeries?.tagColumnNumbers.length ?? 0) > 0;
          if (operation.kind === 'create-table') this.#seriesCounts.set(oid, hasTags ? 0 : 1);
          else if (!this.#seriesCounts.has(oid)) this.#problem(commit, `it alters table ${oid}, which does not exist`);
          break;
        }
        case 'drop-table':
          if (!isInCatalog) this.#seriesCounts.delete(operation.tableOid);
          break;
        case 'new-series':
          this.#addSeries(commit, operation, isInCatalog);
          break;
        case 'rows':
        case 'delete':
          this.#checkRows(commit, operation, isInCatalog);
          break;
        case 'staged':
        case 'truncate':
          this.#checkRows(commit, { tableOid: operation.tableOid, blocks: [] }, isInCatalog);
          break;
        case 'put-sequence':
        case 'drop-sequence':
        case 'count-sequence':
        case 'put-enum':
        case 'drop-enum':
        case 'put-object':
        case 'drop-object':
          if (isInCatalog) break;
          this.#objects.apply(databaseOfOperation(record.databaseOid, operation), operation, (what) =>
            this.#problem(commit, what),
          );
          this.#noteDatabase(operation);
          break;
        default:
          unreachable(operation);
      }
    }
  }

  #noteDatabase(operation: CommitOperation): void {
    if (operation.kind === 'put-object' && operation.object.kind === 'database') {
      this.#databases.add(operation.object.oid);
    } else if (operation.kind === 'drop-object') {
      const oid = /^database (\d+)$/.exec(operation.key)?.[1];
      if (oid !== undefined) this.#databases.delete(Number(oid));
    }
  }

  checkStaged(objects: CheckedObjects): Promise<ReadonlySet<string>> {
    return this.#staged.check(objects, (oid) => this.#seriesCounts.get(oid) ?? 0, this.#findings);
  }

  #addSeries(
    commit: LoggedCommit,
    { tableOid, firstId, count }: { tableOid: number; firstId: number; count: number },
    isInCatalog: boolean,
  ): void {
    const known = this.#seriesCounts.get(tableOid);
    if (known === undefined) {
      if (!isInCatalog) this.#problem(commit, `it adds series to table ${tableOid}, which does not exist`);
    } else if (firstId + count > known) {
      if (firstId !== known) {
        this.#problem(commit, `series of table ${tableOid} begin at ${firstId} instead of ${known}`);
      }
      this.#seriesCounts.set(tableOid, firstId + count);
    }
  }

  #checkRows(
    commit: LoggedCommit,
    { tableOid, blocks }: { tableOid: number; blocks: readonly RowBlock[] },
    isInCatalog: boolean,
  ): void {
    const known = this.#seriesCounts.get(tableOid);
    if (known === undefined) {
      if (!isInCatalog) this.#problem(commit, `it has rows for table ${tableOid}, which does not exist`);
      return;
    }
    for (const { seriesIds } of blocks) {
      const unknown = seriesIds.find((id) => id >= known);
      if (unknown !== undefined) this.#problem(commit, `a row of table ${tableOid} has the unknown series ${unknown}`);
    }
  }

  #problem({ path, offset, lsn }: LoggedCommit, what: string): void {
    this.#findings.problem(path, offset, `commit ${lsn}: ${what}`);
  }
}

/** Roles and their like belong to no database, whichever the commit is for. */
function databaseOfOperation(databaseOid: number, operation: CommitOperation): number {
  const isOfAll =
    (operation.kind === 'put-object' && isShared(operation.object)) ||
    (operation.kind === 'drop-object' && isSharedKey(operation.key));
  return isOfAll ? SHARED_OID : databaseOid;
}
