import type { Column } from '../../columnar/column.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { GroupTable } from '../group-table.ts';
import { DenseGrouper } from './dense-grouper.ts';
import { NumberGrouper } from './number-grouper.ts';

/** Groups that are handed on in one go when another way takes over. */
const MOVED_GROUPS = 4096;

/**
 * Numbers the distinct keys 0, 1, 2 … in order of first appearance, by the cheapest way that their types and then their
 * values allow: an array over small codes, a hash table over doubles, or the one over keys of any type. It begins with the
 * first of them and moves on, all groups keeping their numbers, when a batch does not fit.
 */
export class RowGrouper {
  readonly #types: readonly SqlType[];
  #dense: DenseGrouper | undefined;
  #numbers: NumberGrouper | undefined;
  #table: GroupTable | undefined;

  constructor(keyTypes: readonly SqlType[]) {
    this.#types = keyTypes;
    this.#dense = DenseGrouper.of(keyTypes);
    if (this.#dense === undefined) this.#numbers = NumberGrouper.of(keyTypes);
    if (this.#dense === undefined && this.#numbers === undefined) this.#table = new GroupTable(keyTypes);
  }

  get groupCount(): number {
    return this.#way.groupCount;
  }

  get sizeBytes(): number {
    return this.#way.sizeBytes;
  }

  /** Gives each row its group, adding groups for new keys. */
  assign(keys: readonly Column[], rowCount: number, groups: Uint32Array): void {
    if (this.#dense !== undefined) {
      if (this.#dense.assign(keys, rowCount, groups)) return;
      this.#leaveDense();
    }
    if (this.#numbers !== undefined) {
      if (this.#numbers.assign(keys, rowCount, groups)) return;
      this.#leaveNumbers();
    }
    this.#table!.assign(keys, rowCount, groups);
  }

  /** Gives each row its group, or -1 where the key has none; NULL is a key like others. */
  known(keys: readonly Column[], rowCount: number, groups: Int32Array): void {
    this.#way.known(keys, rowCount, groups);
  }

  /** No group comes any more: `known` then takes up no values. */
  close(): void {
    this.#dense?.close();
    this.#table?.close();
  }

  /** The keys of the groups from `from` to `to` (exclusive), a column per key; of equal keys the one that came first. */
  keyColumns(from = 0, to = this.groupCount): Column[] {
    return this.#way.keyColumns(from, to);
  }

  get #way(): DenseGrouper | NumberGrouper | GroupTable {
    return (this.#dense ?? this.#numbers ?? this.#table)!;
  }

  #leaveDense(): void {
    const dense = this.#dense!;
    const numbers = NumberGrouper.of(this.#types);
    this.#dense = undefined;
    if (numbers !== undefined && move(dense, numbers)) {
      this.#numbers = numbers;
      return;
    }
    this.#table = new GroupTable(this.#types);
    move(dense, this.#table);
  }

  #leaveNumbers(): void {
    const table = new GroupTable(this.#types);
    move(this.#numbers!, table);
    this.#numbers = undefined;
    this.#table = table;
  }
}

/** Groups are handed on in their order, so that each gets its number again. False where some key is no double for `to`. */
function move(from: DenseGrouper | NumberGrouper, to: NumberGrouper | GroupTable): boolean {
  const { groupCount } = from;
  const numbers = new Uint32Array(Math.min(groupCount, MOVED_GROUPS));
  for (let first = 0; first < groupCount; first += MOVED_GROUPS) {
    const end = Math.min(first + MOVED_GROUPS, groupCount);
    if (to.assign(from.keyColumns(first, end), end - first, numbers) === false) return false;
  }
  return true;
}
