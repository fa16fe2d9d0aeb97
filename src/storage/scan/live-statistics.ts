import type { Column } from '../../columnar/column.ts';
import type { UnitStatistics } from '../../columnar/unit-statistics.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';

const MAX_EXACT = 2 ** 53;

const NOT_KNOWN = 0;
const HAS_VALUES = 1;
const HAS_NAN = 2;
const HAS_INFINITY = 4;
const IS_KNOWN = 8;

const kept = new WeakMap<SegmentReader, Map<number, LiveStatistics>>();

/** What is known of a column of a segment of which the rows in `dead` are deleted; forgotten once there are others. */
export function liveStatistics(reader: SegmentReader, columnNumber: number, dead: Uint32Array): LiveStatistics {
  let columns = kept.get(reader);
  if (columns === undefined) {
    columns = new Map();
    kept.set(reader, columns);
  }
  const known = columns.get(columnNumber);
  if (known?.dead === dead) return known;
  const statistics = new LiveStatistics(reader, columnNumber, dead);
  columns.set(columnNumber, statistics);
  return statistics;
}

/**
 * Statistics of a column's units less their deleted rows: made when a unit is read, so that the next query need not read it.
 * Of numbers alone, and of integers whose sum is exact. 45 bytes a unit.
 */
export class LiveStatistics {
  readonly dead: Uint32Array;
  readonly #kind: 'float64' | 'int64' | undefined;
  readonly #flags: Uint8Array;
  readonly #nullCounts: Uint16Array;
  readonly #firstRows: Uint16Array;
  readonly #lastRows: Uint16Array;
  readonly #edges: { readonly [edge in 'min' | 'max' | 'sum' | 'first' | 'last']: Float64Array };

  constructor(reader: SegmentReader, columnNumber: number, dead: Uint32Array) {
    const { kind } = reader.columnStatistics(columnNumber);
    const unitCount = kind === 'float64' || kind === 'int64' ? reader.unitCount : 0;
    const edge = (): Float64Array => new Float64Array(unitCount);
    this.dead = dead;
    this.#kind = kind === 'float64' || kind === 'int64' ? kind : undefined;
    this.#flags = new Uint8Array(unitCount);
    this.#nullCounts = new Uint16Array(unitCount);
    this.#firstRows = new Uint16Array(unitCount);
    this.#lastRows = new Uint16Array(unitCount);
    this.#edges = { min: edge(), max: edge(), sum: edge(), first: edge(), last: edge() };
  }

  /** Of a unit of which `liveCount` rows are left; undefined where it was not read. */
  at(unit: number, liveCount: number): UnitStatistics | undefined {
    const kind = this.#kind;
    const flags = this.#flags[unit] ?? NOT_KNOWN;
    if (kind === undefined || flags === NOT_KNOWN) return undefined;
    const hasValues = (flags & HAS_VALUES) !== 0;
    const { min, max, sum, first, last } = this.#edges;
    const common = {
      rowCount: liveCount,
      nullCount: this.#nullCounts[unit],
      hasInfinity: (flags & HAS_INFINITY) !== 0,
      min: min[unit],
      max: max[unit],
      sum: sum[unit],
      first: first[unit],
      last: last[unit],
      firstRow: hasValues ? this.#firstRows[unit] : -1,
      lastRow: hasValues ? this.#lastRows[unit] : -1,
    };
    if (kind === 'int64') return { kind, isWide: false, ...common };
    return { kind, hasNaN: (flags & HAS_NAN) !== 0, ...common };
  }

  /** Takes note of a unit that was read: the rows whose mask is 1 are left of it. */
  note(unit: number, { values, validity }: Extract<Column, { kind: 'number' }>, live: Uint8Array): void {
    if (this.#kind === undefined || this.#flags[unit] !== NOT_KNOWN) return;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let sum = 0;
    let first = -1;
    let last = -1;
    let nullCount = 0;
    let hasNaN = false;
    for (let row = 0; row < values.length; row++) {
      if (live[row] === 0) continue;
      if (validity !== undefined && validity[row] === 0) {
        nullCount++;
        continue;
      }
      const value = values[row];
      if (first < 0) first = row;
      last = row;
      sum += value;
      if (value < min) min = value;
      if (value > max) max = value;
      hasNaN ||= Number.isNaN(value);
    }
    if (this.#kind === 'int64' && Math.max(max, -min) * values.length > MAX_EXACT) return;
    const hasInfinity = min === Number.NEGATIVE_INFINITY || max === Number.POSITIVE_INFINITY;
    const hasNumbers = min <= max;
    const edges = this.#edges;
    edges.min[unit] = hasNumbers ? min : Number.NaN;
    edges.max[unit] = hasNumbers ? max : Number.NaN;
    edges.sum[unit] = sum;
    edges.first[unit] = first < 0 ? Number.NaN : values[first];
    edges.last[unit] = last < 0 ? Number.NaN : values[last];
    this.#nullCounts[unit] = nullCount;
    this.#firstRows[unit] = Math.max(first, 0);
    this.#lastRows[unit] = Math.max(last, 0);
    this.#flags[unit] =
      IS_KNOWN |
      (first >= 0 ? HAS_VALUES : 0) |
      (hasNaN ? HAS_NAN : 0) |
      (hasInfinity && hasNumbers ? HAS_INFINITY : 0);
  }
}
