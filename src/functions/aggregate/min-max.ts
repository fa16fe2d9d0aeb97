import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import type { Dictionary } from '../../columnar/dictionary.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import { kernels } from '../../kernels/numeric-kernels.ts';
import { compareUtf8 } from '../../types/compare-utf8.ts';
import { date } from '../../types/date.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { inet } from '../../types/inet.ts';
import { canonicalInstant } from '../../types/instant.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { interval } from '../../types/interval-type.ts';
import { numeric } from '../../types/numeric-type.ts';
import { oid } from '../../types/oid.ts';
import { anyarray, anyenum } from '../../types/pseudo-types.ts';
import { bpchar, text } from '../../types/string-types.ts';
import { tid } from '../../types/tid.ts';
import { time } from '../../types/time.ts';
import { timestamp } from '../../types/timestamp.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { timetz } from '../../types/timetz.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Int64, Value } from '../../types/value.ts';
import {
  type Accumulator,
  type AggregateFunction,
  type RowAccumulator,
  type RunAccumulator,
  type RunSegments,
  SHORT_SEGMENT,
} from '../function-definition.ts';
import { extremeFrames } from './frame-extremes.ts';
import { grownFloat64, grownUint8, liveRows } from './group-arrays.ts';

type Direction = 'min' | 'max';

/** The shared half: what has been seen, NULL for groups without values, and states that are results. */
abstract class ExtremeAccumulator implements Accumulator {
  protected readonly type: TypeDefinition;
  /** 1 for max, -1 for min: orders times this are positive where a value replaces the one kept. */
  protected readonly sign: 1 | -1;

  constructor(type: TypeDefinition, direction: Direction) {
    this.type = type;
    this.sign = direction === 'max' ? 1 : -1;
  }

  abstract readonly sizeBytes: number;
  abstract reserve(groupCount: number): void;
  abstract update(inputs: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void;
  abstract results(groupCount: number): Column;

  partialStates(groupCount: number): readonly Column[] {
    return [this.results(groupCount)];
  }

  merge(states: readonly Column[], groups: Uint32Array, stateCount: number): void {
    this.update(states, groups, stateCount);
  }
}

/** Values of any type, one object per group. */
class ValueExtremeAccumulator extends ExtremeAccumulator {
  #values: (Value | undefined)[] = [];

  get sizeBytes(): number {
    return this.#values.length * 64;
  }

  reserve(groupCount: number): void {
    while (this.#values.length < groupCount) this.#values.push(undefined);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const { type, sign } = this;
    const live = liveRows(input!.validity, filter, rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const value = valueAt(input!, row);
      const kept = this.#values[groups[row]];
      if (kept === undefined || replaces(type, sign * type.compare(value, kept))) this.#values[groups[row]] = value;
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder(this.type.representation, { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) builder.push(this.#values[group] ?? null);
    return builder.finish();
  }
}

/** Of values that sort alike but look different (1.0 and 1.00) the last one is shown; of char(n) the first. */
export function replaces(type: TypeDefinition, order: number): boolean {
  return order > 0 || (order === 0 && type !== bpchar);
}

/** Text: within a run of one group, dictionary codes are compared by rank, and only the best string with the one kept. */
class TextExtremeAccumulator extends ExtremeAccumulator {
  #values: (string | undefined)[] = [];

  get sizeBytes(): number {
    return this.#values.length * 64;
  }

  reserve(groupCount: number): void {
    while (this.#values.length < groupCount) this.#values.push(undefined);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    if (input!.kind === 'dictionary') {
      this.#updateCodes(input!.codes, input!.dictionary, live, groups, rowCount);
      return;
    }
    for (let row = 0; row < rowCount; row++) {
      if (live === undefined || live[row] !== 0) this.#offer(groups[row], valueAt(input!, row) as string);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('text', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) builder.push(this.#values[group] ?? null);
    return builder.finish();
  }

  #updateCodes(
    codes: Uint32Array,
    dictionary: Dictionary,
    live: Uint8Array | undefined,
    groups: Uint32Array,
    rowCount: number,
  ): void {
    const strings = dictionary.strings();
    let row = 0;
    while (row < rowCount) {
      const group = groups[row];
      let best = -1;
      for (; row < rowCount && groups[row] === group; row++) {
        if (live !== undefined && live[row] === 0) continue;
        const code = codes[row];
        if (code === best) continue;
        if (best < 0 || this.sign * compareUtf8(strings[code], strings[best]) > 0) best = code;
      }
      if (best >= 0) this.#offer(group, dictionary.string(best));
    }
  }

  #offer(group: number, value: string): void {
    const kept = this.#values[group];
    if (kept === undefined || this.sign * compareUtf8(value, kept) > 0) this.#values[group] = value;
  }
}

/** Numbers and instants as doubles; the first column with wide integers moves all states to scalars. */
class NumberExtremeAccumulator extends ExtremeAccumulator implements RunAccumulator {
  readonly runs = this;
  readonly rows: RowAccumulator = {
    accepts: (input) => this.accepts(input),
    add: (input, groups, rowCount) => this.#addRows(input, groups, rowCount),
    resultsOf: (from, to) => this.#resultsOf(from, to),
  };
  #values: Float64Array = new Float64Array(0);
  #seen: Uint8Array = new Uint8Array(0);
  #wide: (Int64 | undefined)[] | undefined;

  get sizeBytes(): number {
    return this.#values.byteLength + this.#seen.byteLength + (this.#wide?.length ?? 0) * 24;
  }

  reserve(groupCount: number): void {
    this.#values = grownFloat64(this.#values, groupCount);
    this.#seen = grownUint8(this.#seen, groupCount);
    if (this.#wide !== undefined) while (this.#wide.length < groupCount) this.#wide.push(undefined);
  }

  update([input]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    const live = liveRows(input!.validity, filter, rowCount);
    if (input!.kind === 'number' && this.#wide === undefined) {
      this.#updateNumbers(input!.values, live, groups, rowCount);
      return;
    }
    this.#wide ??= this.#scalars();
    for (let row = 0; row < rowCount; row++) {
      if (live !== undefined && live[row] === 0) continue;
      const value = this.#canonical(valueAt(input!, row) as Int64);
      const kept = this.#wide[groups[row]];
      if (kept === undefined || (this.sign > 0 ? value > kept : value < kept)) this.#wide[groups[row]] = value;
    }
  }

  accepts(input: Column | undefined): boolean {
    return input?.kind === 'number' && this.#wide === undefined;
  }

  add(input: Column | undefined, segments: RunSegments, live: Uint8Array | undefined): void {
    if (input?.kind !== 'number') throw new TypeError('an extreme of numbers is looked for among numbers');
    if (live === undefined) this.#addAll(input.values, segments);
    else this.#addLive(input.values, segments, live);
  }

  acceptsStatistics(statistics: UnitStatistics | undefined, rowCount: number): boolean {
    if (statistics?.kind !== 'float64' && statistics?.kind !== 'int64') return false;
    if (statistics.nullCount === rowCount) return true;
    return this.#wide === undefined && typeof (this.sign > 0 ? statistics.max : statistics.min) === 'number';
  }

  addStatistics(statistics: UnitStatistics | undefined, rowCount: number, group: number): void {
    if (statistics?.kind !== 'float64' && statistics?.kind !== 'int64') return;
    if (statistics.nullCount === rowCount) return;
    const isMax = this.sign > 0;
    const isLargest = isMax && statistics.kind === 'float64' && statistics.hasNaN;
    this.#offer(group, isLargest ? Number.NaN : ((isMax ? statistics.max : statistics.min) as number));
  }

  results(groupCount: number): Column {
    return this.#resultsOf(0, groupCount);
  }

  #resultsOf(from: number, to: number): Column {
    if (this.#wide !== undefined) {
      const builder = new ColumnBuilder(this.type.representation, { capacity: to - from });
      for (let group = from; group < to; group++) builder.push(this.#wide[group] ?? null);
      return builder.finish();
    }
    const seen = this.#seen.slice(from, to);
    return {
      kind: 'number',
      values: this.#values.slice(from, to),
      validity: seen.includes(0) ? seen : undefined,
    };
  }

  #addRows(input: Column | undefined, groups: Uint32Array, rowCount: number): void {
    if (input?.kind !== 'number') throw new TypeError('an extreme of numbers is looked for among numbers');
    const values = this.#values;
    const seen = this.#seen;
    const isMax = this.sign > 0;
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row];
      const value = input.values[row];
      const kept = values[group];
      if (seen[group] === 0) {
        values[group] = value;
        seen[group] = 1;
      } else if (isMax ? value >= kept || value !== value : value <= kept || kept !== kept) values[group] = value;
    }
  }

  #addAll(values: Float64Array, { from, to, groups, start, end, base }: RunSegments): void {
    const isMax = this.sign > 0;
    for (let at = start; at < end; at++) {
      const first = from[at];
      const last = to[at];
      let best = values[first];
      if (last - first >= SHORT_SEGMENT)
        best = isMax ? kernels.max(values, first, last) : kernels.min(values, first, last);
      else {
        for (let row = first + 1; row < last; row++) {
          const value = values[row];
          // NaN is the greatest.
          if (isMax ? value > best || value !== value : value < best || best !== best) best = value;
        }
      }
      this.#offer(groups[at] - base, best);
    }
  }

  #addLive(values: Float64Array, { from, to, groups, start, end, base }: RunSegments, live: Uint8Array): void {
    const isMax = this.sign > 0;
    for (let at = start; at < end; at++) {
      const firstLive = live.indexOf(1, from[at]);
      if (firstLive < 0 || firstLive >= to[at]) continue;
      const best = isMax
        ? kernels.maxSelected(values, live, firstLive, to[at])
        : kernels.minSelected(values, live, firstLive, to[at]);
      this.#offer(groups[at] - base, best);
    }
  }

  #offer(group: number, value: number): void {
    const kept = this.#values[group];
    const isBetter = this.sign > 0 ? value >= kept || Number.isNaN(value) : value <= kept || Number.isNaN(kept);
    if (this.#seen[group] === 1 && !isBetter) return;
    this.#values[group] = value;
    this.#seen[group] = 1;
  }

  /** NaN is the greatest: max keeps it, min lets anything replace it. */
  #updateNumbers(values: Float64Array, live: Uint8Array | undefined, groups: Uint32Array, rowCount: number): void {
    const isMax = this.sign > 0;
    let row = 0;
    while (row < rowCount) {
      const group = groups[row];
      let isSeen = this.#seen[group] === 1;
      let kept = this.#values[group];
      for (; row < rowCount && groups[row] === group; row++) {
        if (live !== undefined && live[row] === 0) continue;
        const value = values[row];
        if (!isSeen) {
          kept = value;
          isSeen = true;
        } else if (isMax) {
          if (value >= kept || value !== value) kept = value;
        } else {
          if (value <= kept || kept !== kept) kept = value;
        }
      }
      this.#values[group] = kept;
      this.#seen[group] = isSeen ? 1 : 0;
    }
  }

  #scalars(): (Int64 | undefined)[] {
    return Array.from(this.#seen, (isSeen, group) => (isSeen === 1 ? this.#values[group] : undefined));
  }

  #canonical(value: Int64): Int64 {
    return this.type.category === 'D' ? canonicalInstant(value) : value;
  }
}

function accumulatorFor(type: TypeDefinition, direction: Direction): Accumulator {
  if (type.representation === 'float64' || type.representation === 'int64') {
    return new NumberExtremeAccumulator(type, direction);
  }
  // char(n) does not count its padding, which byte order would.
  if (type.representation === 'text' && type.hasLooseEquality !== true)
    return new TextExtremeAccumulator(type, direction);
  return new ValueExtremeAccumulator(type, direction);
}

function aggregates(direction: Direction, rows: readonly (readonly [number, TypeDefinition])[]): AggregateFunction[] {
  return rows.map(([functionOid, type]) => ({
    kind: 'aggregate',
    name: direction,
    oid: functionOid,
    argumentTypes: [type],
    resultType: type,
    ignoresDuplicates: true,
    ignoresOrder: true,
    aggregateFrames: (input, [actual]) => extremeFrames(input, actual ?? type, direction),
    createAccumulator: ([actual]) => accumulatorFor(type.category === 'P' ? actual! : type, direction),
  }));
}

export const minMaxAggregates: readonly AggregateFunction[] = [
  ...aggregates('max', [
    [2050, anyarray],
    [2115, int8],
    [2116, int4],
    [2117, int2],
    [2118, oid],
    [2119, float4],
    [2120, float8],
    [2122, date],
    [2123, time],
    [2124, timetz],
    [2126, timestamp],
    [2127, timestamptz],
    [2128, interval],
    [2129, text],
    [2130, numeric],
    [2244, bpchar],
    [3526, anyenum],
    [3564, inet],
    [2797, tid],
  ]),
  ...aggregates('min', [
    [2051, anyarray],
    [2131, int8],
    [2132, int4],
    [2133, int2],
    [2134, oid],
    [2135, float4],
    [2136, float8],
    [2138, date],
    [2139, time],
    [2140, timetz],
    [2142, timestamp],
    [2143, timestamptz],
    [2144, interval],
    [2145, text],
    [2146, numeric],
    [2245, bpchar],
    [3527, anyenum],
    [3565, inet],
    [2798, tid],
  ]),
];
