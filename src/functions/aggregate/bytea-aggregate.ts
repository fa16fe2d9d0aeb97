import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { bytea } from '../../types/bytea.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';

/** The pieces of one group: a delimiter before each value, of which the first does not count. */
type Pieces = Uint8Array[];

/** string_agg of bytea: values joined by delimiters, in the order of arrival. */
class BytesAccumulator implements Accumulator {
  readonly #groups: (Pieces | undefined)[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#groups.length * 32 + this.#sizeBytes;
  }

  reserve(groupCount: number): void {
    while (this.#groups.length < groupCount) this.#groups.push(undefined);
  }

  update([values, delimiters]: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    for (let row = 0; row < rowCount; row++) {
      if (filter !== undefined && filter[row] === 0) continue;
      const value = valueAt(values!, row) as Uint8Array | null;
      if (value === null) continue;
      const delimiter = (valueAt(delimiters!, row) as Uint8Array | null) ?? new Uint8Array(0);
      this.#append(groups[row], delimiter, value);
    }
  }

  /** The first delimiter, and all that follows it. */
  partialStates(groupCount: number): readonly Column[] {
    const delimiters = new ColumnBuilder('value', { capacity: groupCount });
    const rests = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const pieces = this.#groups[group];
      delimiters.push(pieces?.[0] ?? null);
      rests.push(pieces === undefined ? null : joined(pieces.slice(1)));
    }
    return [delimiters.finish(), rests.finish()];
  }

  merge([delimiters, rests]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const delimiter = valueAt(delimiters!, state) as Uint8Array | null;
      if (delimiter !== null) this.#append(groups[state], delimiter, valueAt(rests!, state) as Uint8Array);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('value', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const pieces = this.#groups[group];
      builder.push(pieces === undefined ? null : joined(pieces.slice(1)));
    }
    return builder.finish();
  }

  #append(group: number, delimiter: Uint8Array, value: Uint8Array): void {
    let pieces = this.#groups[group];
    if (pieces === undefined) {
      pieces = [];
      this.#groups[group] = pieces;
    }
    pieces.push(delimiter, value);
    this.#sizeBytes += delimiter.length + value.length + 128;
  }
}

function joined(pieces: Pieces): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

export const byteaAggregates: readonly AggregateFunction[] = [
  {
    kind: 'aggregate',
    name: 'string_agg',
    oid: 3545,
    argumentTypes: [bytea, bytea],
    resultType: bytea,
    isCollecting: true,
    createAccumulator: () => new BytesAccumulator(),
  },
];
