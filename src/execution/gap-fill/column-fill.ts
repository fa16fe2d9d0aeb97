import { type Column, valueAt } from '../../columnar/column.ts';
import type { ColumnBuilder } from '../../columnar/column-builder.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isFiniteInstant } from '../../types/instant.ts';
import type { SqlRecord } from '../../types/sql-record.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import { interpolate, type Sample } from './interpolate.ts';
import type { MaxGap } from './max-gap.ts';

/**
 * What fills one column of a series. Rows are taken and gaps are filled in the order of time:
 *
 *   beginSeries    row  beginGaps  gap  gap  row  row  beginGaps  gap   (end of the series)
 *                                            `next` of the gaps before it
 */
export interface ColumnFill {
  beginSeries(): void;
  /** Whether what stands before the series is wanted for its first bucket; given to `setPrevious` then. */
  readonly lacksPrevious: boolean;
  setPrevious(value: Value): void;
  /** The same for a row of that bucket, whose value may be taken for a gap. */
  lacksPreviousFor(column: Column, row: number): boolean;
  /** Whether what stands behind the series is wanted for the gaps that `beginGaps` has begun; given to `setNext` then. */
  readonly lacksNext: boolean;
  setNext(value: Value): void;
  /** `next`: the value of the row behind the gaps and its time; undefined for gaps at the end of a series. */
  beginGaps(next: NextRow | undefined): void;
  fillGap(time: Int64, target: ColumnBuilder): void;
  /** The row's value is read from `column` later on, until `keepSeen`. */
  takeRow(column: Column, row: number, time: Int64, target: ColumnBuilder): void;
  /** The batch of the rows that were taken is about to go. */
  keepSeen(): void;
}

export interface NextRow {
  readonly value: Value;
  readonly time: Int64;
}

function isNull(column: Column, row: number): boolean {
  return column.validity !== undefined && column.validity[row] === 0;
}

interface FillOptions {
  readonly maxGap: MaxGap | undefined;
}

export interface CarryOptions extends FillOptions {
  readonly treatsNullAsMissing: boolean;
  /** What a value from before the series counts as standing at. */
  readonly timeBefore: () => Int64;
}

/** locf: the last value goes on, a NULL too unless it is taken for a gap. */
export class CarryForward implements ColumnFill {
  readonly #options: CarryOptions;
  #value: Value = null;
  #time: Int64 = 0;
  /** Where the value is still to be read. */
  #seen: Column | undefined;
  #row = 0;

  constructor(options: CarryOptions) {
    this.#options = options;
  }

  beginSeries(): void {
    this.#value = null;
    this.#seen = undefined;
  }

  get lacksPrevious(): boolean {
    return this.#seen === undefined && this.#value === null;
  }

  setPrevious(value: Value): void {
    this.#value = value;
    this.#time = this.#options.timeBefore();
  }

  lacksPreviousFor(column: Column, row: number): boolean {
    return this.#options.treatsNullAsMissing && isNull(column, row) && this.lacksPrevious;
  }

  get lacksNext(): boolean {
    return false;
  }

  setNext(): void {}

  beginGaps(): void {
    this.keepSeen();
  }

  fillGap(time: Int64, target: ColumnBuilder): void {
    const { maxGap } = this.#options;
    const isNear = this.#value !== null && (maxGap === undefined || maxGap.reaches(this.#time, time));
    target.push(isNear ? this.#value : null);
  }

  takeRow(column: Column, row: number, time: Int64, target: ColumnBuilder): void {
    if (!isNull(column, row)) {
      this.#seen = column;
      this.#row = row;
      this.#time = time;
      target.pushFrom(column, row);
    } else if (this.#options.treatsNullAsMissing) {
      this.keepSeen();
      this.fillGap(time, target);
    } else {
      this.#seen = undefined;
      this.#value = null;
      target.pushNull();
    }
  }

  keepSeen(): void {
    if (this.#seen === undefined) return;
    this.#value = valueAt(this.#seen, this.#row);
    this.#seen = undefined;
  }
}

export interface InterpolationOptions extends FillOptions {
  readonly type: TypeDefinition;
  /** That of the buckets. */
  readonly timeType: TypeDefinition;
}

/** interpolate: gaps lie on the line between the rows around them, as long as neither is NULL. */
export class Interpolation implements ColumnFill {
  readonly #options: InterpolationOptions;
  #previous: Sample | undefined;
  #next: Sample | undefined;
  #seen: Column | undefined;
  #row = 0;
  #time: Int64 = 0;
  #isAtEnd = false;

  constructor(options: InterpolationOptions) {
    this.#options = options;
  }

  beginSeries(): void {
    this.#previous = undefined;
    this.#seen = undefined;
  }

  get lacksPrevious(): boolean {
    return this.#seen === undefined && this.#previous === undefined;
  }

  setPrevious(value: Value): void {
    this.#previous = this.#sampleOf(value);
    this.#forgetIfFar();
  }

  lacksPreviousFor(): boolean {
    return false;
  }

  get lacksNext(): boolean {
    return this.#isAtEnd && this.#next === undefined;
  }

  setNext(value: Value): void {
    this.#next = this.#sampleOf(value);
    this.#forgetIfFar();
  }

  beginGaps(next: NextRow | undefined): void {
    this.keepSeen();
    this.#isAtEnd = next === undefined;
    this.#next = next === undefined ? undefined : sampleAt(next.value, next.time);
    this.#forgetIfFar();
  }

  fillGap(time: Int64, target: ColumnBuilder): void {
    if (this.#previous === undefined || this.#next === undefined) target.pushNull();
    else target.push(interpolate(this.#options.type, this.#previous, this.#next, time));
  }

  takeRow(column: Column, row: number, time: Int64, target: ColumnBuilder): void {
    this.#seen = column;
    this.#row = row;
    this.#time = time;
    target.pushFrom(column, row);
  }

  keepSeen(): void {
    if (this.#seen === undefined) return;
    this.#previous = sampleAt(valueAt(this.#seen, this.#row), this.#time);
    this.#seen = undefined;
  }

  #forgetIfFar(): void {
    const { maxGap } = this.#options;
    if (maxGap === undefined || this.#previous === undefined || this.#next === undefined) return;
    if (!maxGap.reaches(this.#previous.time, this.#next.time)) this.#next = undefined;
  }

  /** Throws 22023 for a record of other things than a time of the buckets' type and a value of the column's. */
  #sampleOf(value: Value): Sample | undefined {
    if (value === null) return undefined;
    const { fields, values } = value as SqlRecord;
    if (fields.length !== 2) {
      throw new SqlError(SqlState.InvalidParameterValue, 'interpolate RECORD arguments must have 2 elements');
    }
    const { timeType, type } = this.#options;
    const [timeField, valueField] = fields.map((field) => field.type.definition);
    if (timeField !== timeType) throw mismatch('first', 'used timestamp datatype', timeField, timeType);
    if (valueField !== type) throw mismatch('second', 'used interpolate datatype', valueField, type);
    const [time, sampled] = values;
    return time === null ? undefined : sampleAt(sampled, time as Int64);
  }
}

function sampleAt(value: Value, time: Int64): Sample | undefined {
  return value === null || !isFiniteInstant(time) ? undefined : { time, value: value as Int64 };
}

function mismatch(place: string, wanted: string, found: TypeDefinition, expected: TypeDefinition): SqlError {
  return new SqlError(
    SqlState.InvalidParameterValue,
    `${place} argument of interpolate returned record must match ${wanted}`,
    { detail: `Returned type ${found.sqlName} does not match expected type ${expected.sqlName}.` },
  );
}
