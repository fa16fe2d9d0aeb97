import type { Column } from '../columnar/column.ts';
import { ColumnBuilder } from '../columnar/column-builder.ts';
import type { Value } from '../types/value.ts';
import { isSameKeys, type RelationPart } from './relation-part.ts';
import type { RowList } from './row-list.ts';
import type { SystemRelation } from './system-relation.ts';

/** A block has at most so many rows, unless a single object has more. */
export const MAX_BLOCK_ROWS = 1024;
/** From here on a block ends where the number of an object says so. */
const MIN_BLOCK_ROWS = 256;
/** One object in eight is the last of its block. */
const BOUNDARY_SHIFT = 29;
const HASH_FACTOR = 0x9e37_79b1;
/** Sessions of so many kinds have blocks of their own over the same objects. */
const MAX_KEPT = 48;

/** Columns that every table has without declaring them, by their numbers; ctid depends on where a block stands. */
const XMIN = -2;
const TABLEOID = -6;

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Some of the rows of a system relation, side by side in columns, each of which is made when it is first read. Versions of
 * a catalog share the blocks of the objects that are the same in both.
 */
export class RelationBlock {
  readonly rowCount: number;
  readonly #relation: SystemRelation;
  readonly #parts: readonly { readonly from: number; readonly rows: RowList }[];
  readonly #transactionId: number;
  readonly #columns: Column[] = [];
  /** By column: which rows have a value. */
  readonly #places = new Map<number, ReadonlyMap<Value, readonly number[]>>();
  readonly #ranges = new Map<number, NumberRange | undefined>();

  constructor(relation: SystemRelation, lists: readonly RowList[], transactionId: number) {
    let from = 0;
    this.#relation = relation;
    this.#transactionId = transactionId;
    this.#parts = lists.map((rows) => {
      const part = { from, rows };
      from += rows.length;
      return part;
    });
    this.rowCount = from;
  }

  /** `column`: a position in the relation's descriptor. */
  column(column: number): Column {
    this.#columns[column] ??= this.#build(column);
    return this.#columns[column];
  }

  /** Row numbers within the block, in order; none: an empty list. */
  rowsWith(column: number, value: Value): readonly number[] {
    let places = this.#places.get(column);
    if (places === undefined) {
      places = this.#index(column);
      this.#places.set(column, places);
    }
    return places.get(value) ?? [];
  }

  /** What the numbers in a column lie between; undefined where there are other values. */
  range(column: number): NumberRange | undefined {
    if (!this.#ranges.has(column)) this.#ranges.set(column, this.#rangeOf(column));
    return this.#ranges.get(column);
  }

  value(column: number, row: number): Value {
    if (column >= this.#relation.columns.length) return this.#systemValue(column);
    const { from, rows } = this.#parts[this.#partOf(row, 0)];
    return rows.cell(row - from, column);
  }

  /** Appends a column of some of the rows, which are in order. */
  pickInto(builder: ColumnBuilder, column: number, picked: readonly number[]): void {
    const isDeclared = column < this.#relation.columns.length;
    const same = isDeclared ? null : this.#systemValue(column);
    let part = 0;
    for (const row of picked) {
      if (!isDeclared) {
        builder.push(same);
        continue;
      }
      part = this.#partOf(row, part);
      const { from, rows } = this.#parts[part];
      builder.push(rows.cell(row - from, column));
    }
  }

  /** The part that a row is in, which is not before part `low`. */
  #partOf(row: number, first: number): number {
    let low = first;
    if (low + 1 >= this.#parts.length || this.#parts[low + 1].from > row) return low;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#parts[middle].from <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #rangeOf(column: number): NumberRange | undefined {
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let isOfNumbers = true;
    this.#each(column, (value) => {
      if (typeof value !== 'number') isOfNumbers = false;
      else if (value < min) min = value;
      if ((value as number) > max) max = value as number;
    });
    return isOfNumbers ? { min, max } : undefined;
  }

  #build(column: number): Column {
    const { representation } = this.#relation.descriptor.columns[column].type.definition;
    const builder = new ColumnBuilder(representation, { capacity: this.rowCount, text: 'dictionary' });
    this.#each(column, (value) => builder.push(value));
    return builder.finish();
  }

  #index(column: number): Map<Value, number[]> {
    const places = new Map<Value, number[]>();
    this.#each(column, (value, row) => {
      const rows = places.get(value);
      if (rows === undefined) places.set(value, [row]);
      else rows.push(row);
    });
    return places;
  }

  #each(column: number, take: (value: Value, row: number) => void): void {
    const isDeclared = column < this.#relation.columns.length;
    const same = isDeclared ? null : this.#systemValue(column);
    for (const { from, rows } of this.#parts) {
      for (let row = 0; row < rows.length; row++) take(isDeclared ? rows.cell(row, column) : same, from + row);
    }
  }

  #systemValue(column: number): Value {
    const { number } = this.#relation.descriptor.columns[column];
    if (number === TABLEOID) return this.#relation.oid;
    return number === XMIN ? this.#transactionId : 0;
  }
}

interface KeptBlock {
  readonly keys: readonly unknown[];
  readonly block: RelationBlock;
}

/** By what the first part of a block follows from, and then by relation and viewer. */
const keptBlocks = new WeakMap<object, Map<string, KeptBlock>>();

interface BlockOptions {
  /** What tells apart those who see the same objects differently. */
  readonly viewer: string;
  readonly transactionId: number;
  /** False for what is not committed: later versions are to have blocks with later transaction ids then. Default: true. */
  readonly isKept?: boolean;
}

/**
 * Rows of parts in blocks: those that are there from an earlier version, for the same `viewer`, and new ones. Where a block
 * ends follows from the objects around it, so that one object more or less changes few blocks.
 */
export function blocksOf(
  relation: SystemRelation,
  parts: Iterable<RelationPart>,
  { viewer, transactionId, isKept = true }: BlockOptions,
): RelationBlock[] {
  const blocks: RelationBlock[] = [];
  const name = `${relation.oid} ${viewer}`;
  let gathered: RelationPart[] = [];
  let rowCount = 0;
  const close = (): void => {
    if (gathered.length > 0) blocks.push(blockOf(relation, gathered, { name, transactionId, isKept }));
    gathered = [];
    rowCount = 0;
  };
  for (const part of parts) {
    const { length } = part.rows;
    if (length === 0) continue;
    if (rowCount + length > MAX_BLOCK_ROWS) close();
    gathered.push(part);
    rowCount += length;
    if (rowCount >= MIN_BLOCK_ROWS && isBoundary(part.oid)) close();
  }
  close();
  return blocks;
}

function isBoundary(oid: number): boolean {
  return Math.imul(oid, HASH_FACTOR) >>> BOUNDARY_SHIFT === 0;
}

function blockOf(
  relation: SystemRelation,
  parts: readonly RelationPart[],
  { name, transactionId, isKept }: Omit<Required<BlockOptions>, 'viewer'> & { readonly name: string },
): RelationBlock {
  const newBlock = (): RelationBlock => {
    const lists = parts.map((part) => part.rows);
    return new RelationBlock(relation, lists, transactionId);
  };
  const keys: unknown[] = [];
  for (const part of parts) {
    if (part.keys === undefined) return newBlock();
    for (const key of part.keys) keys.push(key);
  }
  const first = parts[0].keys?.[0];
  if (first === undefined) return newBlock();
  let kept = keptBlocks.get(first);
  if (kept === undefined) {
    kept = new Map();
    keptBlocks.set(first, kept);
  }
  const known = kept.get(name);
  if (known !== undefined && isSameKeys(known.keys, keys)) return known.block;
  const block = newBlock();
  if (!isKept) return block;
  // Names that were looked for longest ago go.
  kept.delete(name);
  kept.set(name, { keys, block });
  if (kept.size > MAX_KEPT) kept.delete([...kept.keys()][0] ?? '');
  return block;
}
