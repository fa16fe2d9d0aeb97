import type { Morsel, ScanSpan } from '../../catalog/table.ts';
import type { Batch } from '../../columnar/batch.ts';
import type { Column } from '../../columnar/column.ts';
import { gatherColumn } from '../../columnar/copy-rows.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { ColumnEvaluator } from '../../sql/expression/compile-expression.ts';
import type { Expression } from '../../sql/expression/expression.ts';
import { columnsUsed } from '../../sql/expression/walk-expression.ts';
import { int4 } from '../../types/int4.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { ExecutionContext } from '../execution-context.ts';
import { RowGrouper } from '../grouping/row-grouper.ts';
import { FieldIndex } from './field-index.ts';
import type { PassingRows } from './passing-rows.ts';
import type { RunGroups } from './run-groups.ts';

/** Where fewer rows than one in so many pass, they are brought together first; otherwise all rows go the same way. */
const MIN_PASSING_SHARE = 4;
/** Groups that are handed on in one go when another way takes over. */
const MOVED_GROUPS = 4096;
const OUTER_TYPE = sqlType(int4);

/**
 * Groups of which some keys are fields, or computed from them: those of the stretches that the other keys make, which
 * `RunGroups` knows, divided by the rows' own keys. Groups are numbered from 1. Rows that do not count are of group 0.
 */
export class FieldGroups {
  readonly firstGroup = 1;
  readonly #runs: RunGroups;
  readonly #keyCount: number;
  /** The keys that rows are asked for, and those that stretches are. */
  readonly #fieldKeys: readonly number[];
  readonly #runKeys: readonly number[];
  readonly #types: readonly SqlType[];
  readonly #evaluators: readonly ColumnEvaluator[];
  readonly #columns: readonly number[];
  /** By key, the column that it is; undefined where it is computed. */
  readonly #keyColumns: readonly (number | undefined)[];
  /** Keys that are columns can be had of any row; others only of rows that count, since they may fail. */
  readonly #areColumns: boolean;
  #index: FieldIndex | undefined;
  #grouper: RowGrouper | undefined;
  #groups = new Uint32Array(1024);
  #passing = new Uint32Array(0);
  #outers = new Float64Array(0);
  #ids = new Uint32Array(0);
  /** Whether `rowGroups` are those of the passing rows side by side; otherwise of all rows of the span. */
  isGathered = false;
  rowCount = 0;
  #mask: Uint8Array | undefined;

  /** `fieldKeys`: which of `keys` rows are asked for. `runs` has the others. */
  constructor(
    keys: readonly Expression[],
    fieldKeys: readonly number[],
    { runs, context }: { readonly runs: RunGroups; readonly context: ExecutionContext },
  ) {
    this.#runs = runs;
    this.#keyCount = keys.length;
    this.#fieldKeys = fieldKeys;
    this.#runKeys = [...keys.keys()].filter((key) => !fieldKeys.includes(key));
    const fields = fieldKeys.map((key) => keys[key]);
    this.#types = fields.map(({ type }) => type);
    this.#evaluators = fields.map((field) => new ColumnEvaluator(field, context));
    this.#columns = columnsUsed(...fields);
    this.#keyColumns = fields.map(columnOf);
    this.#areColumns = !this.#keyColumns.includes(undefined);
    this.#index = FieldIndex.of(this.#types);
    if (this.#index === undefined) this.#grouper = this.#newGrouper();
  }

  /** One more than there are groups. */
  get groupCount(): number {
    return this.#index?.groupCount ?? this.#grouper!.groupCount + 1;
  }

  get sizeBytes(): number {
    return this.#runs.sizeBytes + (this.#index ?? this.#grouper!).sizeBytes;
  }

  meet(morsel: Morsel): void {
    this.#runs.meet(morsel);
  }

  /** The statistics of a whole run say nothing of the groups in it. */
  assignWhole(): boolean {
    return false;
  }

  /** Gives rows their groups. A promise when something has to be read; false when the buckets of these times cannot be told. */
  assign(span: ScanSpan, mask: Uint8Array | undefined, passing: PassingRows): boolean | Promise<boolean> {
    const isCut = this.#runs.assign(span, mask);
    if (isCut instanceof Promise) return isCut.then((isKnown) => isKnown && this.#load(span, mask, passing));
    return isCut && this.#load(span, mask, passing);
  }

  /** By row, as `isGathered` says. */
  get rowGroups(): Uint32Array {
    return this.#groups;
  }

  /** The group of each row that passes. */
  passingGroups(count: number): Uint32Array {
    if (this.isGathered || this.#mask === undefined) return this.#groups;
    if (this.#passing.length < this.rowCount) this.#passing = new Uint32Array(this.rowCount);
    const mask = this.#mask;
    let at = 0;
    for (let row = 0; at < count; row++) {
      this.#passing[at] = this.#groups[row];
      at += mask[row];
    }
    return this.#passing;
  }

  /** The keys of the groups from `from` to `to` (exclusive); those of group 0 are NULL. */
  keyColumns(from: number, to: number): Column[] {
    const count = to - from;
    const outers = new Uint32Array(count);
    let fields: readonly Column[];
    if (this.#index !== undefined) {
      for (let group = from; group < to; group++) outers[group - from] = this.#index.outerOf(group);
      fields = this.#index.keyColumns(from, to);
    } else {
      const known = this.#grouper!.keyColumns(Math.max(from - 1, 0), Math.max(to - 1, 0));
      const columns = from === 0 ? known.map((column) => behindNull(column, count)) : known;
      fields = this.#hasOuter ? columns.slice(1) : columns;
      const [outer] = columns;
      if (this.#hasOuter && outer.kind === 'number') {
        for (let index = from === 0 ? 1 : 0; index < count; index++) outers[index] = outer.values[index];
      }
    }
    const columns = new Array<Column>(this.#keyCount);
    for (const [place, key] of this.#fieldKeys.entries()) columns[key] = fields[place];
    if (this.#runKeys.length > 0) {
      const runs = this.#runs.keyColumns(0, this.#runs.groupCount);
      for (const key of this.#runKeys) {
        const column = gatherColumn(runs[key], outers, count);
        columns[key] = from === 0 ? { ...column, validity: nullFirst(column.validity, count) } : column;
      }
    }
    return columns;
  }

  get #hasOuter(): boolean {
    return this.#runKeys.length > 0;
  }

  #load(span: ScanSpan, mask: Uint8Array | undefined, passing: PassingRows): boolean | Promise<boolean> {
    const pending = span.load(this.#columns);
    if (pending !== undefined) {
      return pending.then(() => {
        this.#assignRows(span, mask, passing);
        return true;
      });
    }
    this.#assignRows(span, mask, passing);
    return true;
  }

  #assignRows(span: ScanSpan, mask: Uint8Array | undefined, passing: PassingRows): void {
    const isThin = passing.count * MIN_PASSING_SHARE < span.rowCount;
    this.isGathered = mask !== undefined && (!this.#areColumns || this.#index === undefined || isThin);
    if (this.#index !== undefined && this.#assignCodes(this.#index, span, mask, passing)) return;
    if (this.#index !== undefined) this.#leaveIndex(this.#index);
    this.isGathered = mask !== undefined;
    this.#assignKeys(span, mask, passing);
  }

  /** False where keys have no small codes. */
  #assignCodes(index: FieldIndex, span: ScanSpan, mask: Uint8Array | undefined, passing: PassingRows): boolean {
    const keys = this.#evaluate(span, mask, passing);
    const bounds = this.#keyColumns.map((column): UnitStatistics | undefined =>
      column === undefined ? undefined : span.bounds(column),
    );
    const runs = this.#runs;
    if (!index.encode(keys, bounds, this.rowCount, runs.groupCount)) return false;
    const rowMask = this.isGathered ? undefined : mask;
    let row = 0;
    for (let segment = 0; segment < runs.segmentCount; segment++) {
      const from = this.isGathered ? row : runs.from[segment];
      const to = this.isGathered ? row + runs.counts[segment] : runs.to[segment];
      // Stretches without a row that passes.
      this.#groups.fill(0, row, from);
      index.assign(runs.groups[segment], from, to, rowMask, this.#groups);
      row = to;
    }
    this.#groups.fill(0, row, this.rowCount);
    return true;
  }

  /** By the passing rows alone: the table would keep the keys of others as well. */
  #assignKeys(span: ScanSpan, mask: Uint8Array | undefined, passing: PassingRows): void {
    const keys = this.#evaluate(span, mask, passing);
    const { rowCount } = this;
    if (this.#ids.length < rowCount) this.#ids = new Uint32Array(rowCount);
    this.#grouper!.assign(this.#hasOuter ? [this.#outerColumn(rowCount), ...keys] : keys, rowCount, this.#ids);
    for (let row = 0; row < rowCount; row++) this.#groups[row] = this.#ids[row] + 1;
  }

  #evaluate(span: ScanSpan, mask: Uint8Array | undefined, passing: PassingRows): readonly Column[] {
    this.#mask = mask;
    this.rowCount = this.isGathered ? passing.count : span.rowCount;
    if (this.#groups.length < this.rowCount) this.#groups = new Uint32Array(this.rowCount);
    const columns: Column[] = [];
    for (const column of this.#columns) {
      columns[column] = this.isGathered ? passing.column(column) : span.column(column);
    }
    const batch: Batch = { rowCount: this.rowCount, columns };
    return this.#evaluators.map((evaluator) => evaluator.evaluate(batch));
  }

  /** The group of its stretch for each passing row. */
  #outerColumn(rowCount: number): Column {
    if (this.#outers.length < rowCount) this.#outers = new Float64Array(rowCount);
    const groups = this.#runs.passingGroups(rowCount);
    for (let row = 0; row < rowCount; row++) this.#outers[row] = groups[row];
    return { kind: 'number', values: this.#outers, validity: undefined };
  }

  /** Groups are handed on in their order, so that each gets its number again. */
  #leaveIndex(index: FieldIndex): void {
    const grouper = this.#newGrouper();
    const ids = new Uint32Array(MOVED_GROUPS);
    for (let from = 1; from < index.groupCount; from += MOVED_GROUPS) {
      const to = Math.min(from + MOVED_GROUPS, index.groupCount);
      const keys = index.keyColumns(from, to);
      if (this.#hasOuter) {
        const values = Float64Array.from({ length: to - from }, (_, at) => index.outerOf(from + at));
        keys.unshift({ kind: 'number', values, validity: undefined });
      }
      grouper.assign(keys, to - from, ids);
    }
    this.#index = undefined;
    this.#grouper = grouper;
  }

  #newGrouper(): RowGrouper {
    return new RowGrouper(this.#hasOuter ? [OUTER_TYPE, ...this.#types] : this.#types);
  }
}

function columnOf(key: Expression): number | undefined {
  if (key.kind === 'relabel') return columnOf(key.argument);
  return key.kind === 'column' ? key.index : undefined;
}

/** The column with a NULL before its first row. */
function behindNull(column: Column, count: number): Column {
  const rows = Uint32Array.from({ length: count }, (_, index) => Math.max(index - 1, 0));
  const gathered = gatherColumn(column, rows, count);
  return { ...gathered, validity: nullFirst(gathered.validity, count) };
}

function nullFirst(validity: Uint8Array | undefined, count: number): Uint8Array {
  const changed = validity ?? new Uint8Array(count).fill(1);
  changed[0] = 0;
  return changed;
}
