import type { TableDescriptor } from '../../catalog/table-descriptor.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { sliceBatch } from '../../columnar/copy-rows.ts';
import { BinaryCopyReader } from '../../copy/binary-copy-reader.ts';
import { inCopyContext } from '../../copy/copy-context.ts';
import type { CopyFormat } from '../../copy/copy-format.ts';
import type { CopyReader, CopyRows } from '../../copy/copy-reader.ts';
import { TextCopyReader } from '../../copy/text-copy-reader.ts';
import type { Transaction } from '../../database/transaction.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { withCommonTable } from '../../execution/common-tables.ts';
import { executePlan } from '../../execution/execute-plan.ts';
import type { ExecutionContext } from '../../execution/execution-context.ts';
import { RowBuffer } from '../../execution/row-buffer.ts';
import { type BoundCopyFrom, bindCopyFrom, copyColumns } from '../../sql/binder/bind-copy.ts';
import type { CopyStatement } from '../../sql/syntax/copy-ast.ts';
import { statementConstraints } from '../constraints/statement-constraint-scope.ts';
import type { StatementConstraints } from '../constraints/statement-constraints.ts';
import { notice } from '../notice.ts';
import type { CommandResult } from '../statement-run.ts';
import type { StatementScope } from '../statement-scope.ts';
import { copyFormat } from './copy-form.ts';
import { type CopySource, checkPlace, copySource } from './copy-place.ts';
import { checkForcedColumns, copiedTable, requireInsert } from './copy-table.ts';

/**
 * COPY … FROM: all rows or none. They go in batches from the bytes to the table, so that any number of them takes little
 * memory; what the transaction cannot keep in memory it puts aside on disk.
 */
export async function copyFrom(statement: CopyStatement, scope: StatementScope): Promise<CommandResult> {
  const { block, settings, control, environment } = scope;
  const { source: wanted, place, where } = statement;
  if (wanted.kind === 'query') throw new SqlError(SqlState.SyntaxError, 'COPY query cannot be copied to');
  checkPlace(place, scope, true);
  const transaction = block.current();
  block.noteQuery();
  const found = copiedTable(environment.bindContext(undefined), wanted.relation, true);
  const lockTimeoutMs = settings.lockTimeoutMs;
  if (!block.isReadOnly) await transaction.lockTable(found.oid, 'append', { control, lockTimeoutMs });
  // It may have waited for whatever has changed the table.
  const context = environment.bindContext(undefined);
  const table = copiedTable(context, wanted.relation, true);
  const columns = copyColumns(table, wanted.columns);
  requireInsert(scope, table, columns, where !== undefined);
  const takesDefaults = statement.options.some(({ name }) => name === 'default');
  const bound = bindCopyFrom(context, table, columns, { where, takesDefaults });
  block.requireWritable('COPY FROM');
  const format = copyFormat(statement.options, true, scope);
  checkForcedColumns(
    format,
    columns.map(({ name }) => name),
    table,
  );
  const data = columns.map(({ name, type }) => ({ name, type }));
  const options = { columns: data, tableName: table.name, typeContext: environment.typeContext };
  const reader = format.kind === 'binary' ? new BinaryCopyReader(options) : new TextCopyReader({ ...options, format });
  const source = await copySource(place, scope);
  try {
    const begun = source.begin({ isBinary: format.kind === 'binary', columnCount: columns.length });
    if (begun !== undefined) await begun;
    const isNew = transaction.hasDefined(table.oid) || transaction.hasTruncated(table.oid);
    if (format.isFreeze && !isNew) {
      throw new SqlError(
        SqlState.ObjectNotInPrerequisiteState,
        'cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction',
      );
    }
    const rowCount = await asStatement(scope, transaction, (execution) =>
      new CopyFrom({ table, format, bound, reader, source, scope, execution }).run(),
    );
    return { tag: `COPY ${rowCount}` };
  } finally {
    await source.close();
  }
}

/** All or nothing. */
async function asStatement(
  { block, environment, control }: StatementScope,
  transaction: Transaction,
  run: (execution: ExecutionContext) => Promise<number>,
): Promise<number> {
  const snapshot = transaction.snapshot();
  const mark = transaction.markStatement();
  const deferred = block.constraints.save();
  try {
    return await run(environment.execution({ snapshot, tables: [], parameters: [], control }));
  } catch (error) {
    transaction.rollbackStatement(mark);
    block.constraints.restore(deferred);
    throw error;
  } finally {
    transaction.releaseMark(mark);
    snapshot.release();
  }
}

interface CopyFromParts {
  readonly table: TableDescriptor;
  readonly format: CopyFormat;
  readonly bound: BoundCopyFrom;
  readonly reader: CopyReader;
  readonly source: CopySource;
  readonly scope: StatementScope;
  readonly execution: ExecutionContext;
}

class CopyFrom {
  readonly #parts: CopyFromParts;
  readonly #transaction: Transaction;
  readonly #constraints: StatementConstraints;
  readonly #plan: BoundCopyFrom['plan'];
  #rowCount = 0;
  #skippedCount = 0;
  #reservedBytes = 0;

  constructor(parts: CopyFromParts) {
    const { scope, table, bound, execution } = parts;
    this.#parts = parts;
    this.#transaction = scope.block.current();
    this.#constraints = statementConstraints(scope, table, execution.memory);
    // As it is: WHERE looks at rows that have their defaults, which have been counted then.
    this.#plan = bound.plan;
  }

  async run(): Promise<number> {
    const { reader, source, scope, format, table } = this.#parts;
    const { control } = scope;
    try {
      for (let isEnded = false; !isEnded; ) {
        while (!reader.isFull && !isEnded) {
          const received = source.receive(control);
          const bytes = received instanceof Promise ? await received : received;
          if (bytes === undefined) {
            reader.end();
            isEnded = true;
          } else reader.push(bytes);
        }
        this.#reserve(reader.sizeBytes);
        for (let rows = reader.next(); rows !== undefined; rows = reader.next()) {
          await this.#take(rows);
          if (rows.failure !== undefined) throw rows.failure.error;
          const turn = control.yieldIfDue();
          if (turn !== undefined) await turn;
        }
      }
      await this.#transaction.settle();
    } catch (error) {
      // Its rows are taken back now: none of them may be on its way to disk any more.
      await this.#transaction.settle().catch(() => {});
      throw inCopyContext(error, table.name, { line: reader.line });
    }
    this.#tellSkipped(format);
    await this.#constraints.finish();
    return this.#rowCount;
  }

  /** Long lines and wide tables count as the statement's memory. Throws 53200. */
  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#reservedBytes) return;
    this.#parts.execution.memory.reserve(sizeBytes - this.#reservedBytes);
    this.#reservedBytes = sizeBytes;
  }

  async #take(rows: CopyRows): Promise<void> {
    this.#noteSkipped(rows);
    if (rows.rowCount === 0) return;
    if (this.#plan === undefined) {
      const columns: Column[] = [];
      for (const [at, place] of this.#parts.bound.places.entries()) columns[place] = rows.columns[at];
      const { repeats: read } = rows;
      const repeats = read && { ...read, columns: read.columns.map((at) => this.#parts.bound.places[at]!) };
      return this.#write({ rowCount: rows.rowCount, columns, repeats }, rows, (row) => row);
    }
    for await (const batch of this.#planned(rows, this.#plan)) {
      const numbers = batch.columns.at(-1);
      const rowOf = (row: number): number => (numbers?.kind === 'number' ? numbers.values[row] : row);
      await this.#write({ rowCount: batch.rowCount, columns: batch.columns.slice(0, -1) }, rows, rowOf);
    }
  }

  /** Rows with the values that the data lacks, less those that WHERE leaves out. */
  async *#planned(rows: CopyRows, { id, source }: NonNullable<BoundCopyFrom['plan']>): AsyncGenerator<Batch> {
    const { execution } = this.#parts;
    const buffer = new RowBuffer(execution.memory);
    try {
      buffer.append({
        rowCount: rows.rowCount,
        columns: planInput(rows, this.#parts.format.defaultText !== undefined),
      });
      yield* executePlan(source, withCommonTable(execution, id, buffer));
    } finally {
      await buffer.close();
    }
  }

  async #write(batch: Batch, rows: CopyRows, rowOf: (row: number) => number): Promise<void> {
    const { table, scope } = this.#parts;
    if (batch.rowCount === 0) return;
    const refused = this.#constraints.firstRefused(batch);
    if (refused !== undefined) {
      throw inCopyContext(refused.error, table.name, rows.place(rowOf(refused.row), { withText: true }));
    }
    const wait = { control: scope.control, lockTimeoutMs: scope.settings.lockTimeoutMs };
    try {
      // Who looks up what rows refer to sees those of this transaction too.
      const staysAhead = !this.#constraints.looksUpRows;
      this.#rowCount += await this.#transaction.append(table.oid, batch, { ...wait, staysAhead });
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== SqlState.UniqueViolation) throw error;
      const row = await this.#rowOfConflict(batch);
      throw inCopyContext(error, table.name, rows.place(rowOf(row), { withText: false }));
    }
    const lookup = this.#constraints.inserted(batch);
    if (lookup !== undefined) await lookup;
  }

  /** The first row whose key is taken: the statement has failed, and what is tried here goes with it. */
  async #rowOfConflict(batch: Batch): Promise<number> {
    const { table, scope } = this.#parts;
    const wait = { control: scope.control, lockTimeoutMs: scope.settings.lockTimeoutMs };
    let from = 0;
    for (let count = batch.rowCount; count > 1; ) {
      const half = count >>> 1;
      try {
        await this.#transaction.append(table.oid, sliceBatch(batch, from, from + half), wait);
        from += half;
        count -= half;
      } catch (error) {
        if (!(error instanceof SqlError) || error.code !== SqlState.UniqueViolation) throw error;
        count = half;
      }
    }
    return from;
  }

  #noteSkipped({ skipped }: CopyRows): void {
    const { format, scope, table } = this.#parts;
    const where = `COPY ${table.name}`;
    for (const { line, columnName, value } of skipped) {
      this.#skippedCount += 1;
      if (format.rejectLimit !== undefined && this.#skippedCount > format.rejectLimit) {
        const error = new SqlError(
          SqlState.InvalidTextRepresentation,
          `skipped more than REJECT_LIMIT (${format.rejectLimit}) rows due to data type incompatibility`,
        );
        throw inCopyContext(error, table.name, { line, columnName, value });
      }
      if (format.logVerbosity !== 'verbose') continue;
      const shown = value === null ? 'null input' : `"${value}"`;
      const message = `skipping row due to data type incompatibility at line ${line} for column "${columnName}": ${shown}`;
      scope.notice(notice(SqlState.SuccessfulCompletion, message, { where }));
    }
  }

  #tellSkipped({ logVerbosity }: CopyFormat): void {
    const count = this.#skippedCount;
    if (count === 0 || logVerbosity === 'silent') return;
    const rows = count === 1 ? '1 row was' : `${count} rows were`;
    const message = `${rows} skipped due to data type incompatibility`;
    this.#parts.scope.notice(notice(SqlState.SuccessfulCompletion, message));
  }
}

/** The columns of the data, whether their defaults are asked for, and the number of the row. */
function planInput({ rowCount, columns, defaults }: CopyRows, takesDefaults: boolean): Column[] {
  const marks = takesDefaults
    ? columns.map((_, at): Column => {
        return { kind: 'boolean', values: defaults?.[at] ?? new Uint8Array(rowCount), validity: undefined };
      })
    : [];
  const numbers = Float64Array.from({ length: rowCount }, (_, row) => row);
  return [...columns, ...marks, { kind: 'number', values: numbers, validity: undefined }];
}
