import { notSupported } from '../../errors/sql-error.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import type { FromItem, FromJoin } from '../syntax/from-ast.ts';
import type { BoundFrom } from './bind-from.ts';
import type { QueryNames, RelationNames } from './deparse-names.ts';
import type { QueryRecord } from './query-record.ts';
import type { ColumnOrigin } from './statement-binding.ts';

/** A relation in FROM, whose columns are a stretch of the rows' columns. */
export interface Leaf {
  readonly item: FromItem;
  readonly bound: BoundFrom;
  /** What it was called when the query was bound, and what it is called in the text. */
  readonly boundName: string;
  readonly name: string;
  readonly start: number;
  /** By places in the stretch. */
  readonly boundColumns: readonly string[];
  readonly columns: readonly string[];
  /** A table or view, and the numbers of its columns. */
  readonly relation: RelationNames | undefined;
  readonly numbers: readonly number[];
}

/** The relations that one SELECT reads, and those of the queries around it. */
export class Level {
  readonly #outer: Level | undefined;
  readonly #names: QueryNames;
  readonly #record: QueryRecord;
  readonly #leaves: Leaf[] = [];
  /** What the aliases of joins hide. */
  readonly #joined = new Map<FromItem, readonly Leaf[]>();
  #width = 0;

  constructor(outer: Level | undefined, names: QueryNames, record: QueryRecord) {
    this.#outer = outer;
    this.#names = names;
    this.#record = record;
  }

  /** Takes up the relations of an item, in the order of their columns. */
  add(item: FromItem): void {
    const bound = this.#boundOf(item);
    if (item.kind !== 'join') {
      this.#addLeaf(item, bound);
      return;
    }
    if (item.alias === undefined) {
      this.#addSides(item);
      return;
    }
    // The alias hides what is inside, whose columns are all the same where they were.
    const start = this.#width;
    this.#addSides(item);
    const inside = this.#leaves.splice(this.#leaves.findIndex((leaf) => leaf.start >= start));
    this.#joined.set(item, inside);
    const width = this.#width - start;
    const columns = new Array<string>(width).fill('');
    for (const column of bound.scope.relations[0].columns) {
      if (column.expression.kind === 'column') columns[column.expression.index] = column.name;
    }
    const { name } = item.alias;
    const own = { boundName: name, name: this.#freeName(name), start, boundColumns: columns, columns };
    this.#leaves.push({ item, bound, ...own, relation: undefined, numbers: [] });
  }

  /** Behind the columns of a side may stand one that tells whether a row of it is there. */
  #addSides({ left, right }: FromJoin): void {
    for (const side of [left, right]) {
      const start = this.#width;
      this.add(side);
      this.#width = start + this.#boundOf(side).plan.output.length;
    }
  }

  leafOf(item: FromItem): Leaf {
    const leaf = this.#leaves.find((candidate) => candidate.item === item) ?? this.#insideOf(item);
    if (leaf === undefined) throw notSupported('this form of FROM in a view');
    return leaf;
  }

  /** Within a join with an alias: the level that its own conditions are written in. */
  within(item: FromItem): Level {
    const inside = this.#joined.get(item);
    if (inside === undefined) return this;
    const level = new Level(this.#outer, this.#names, this.#record);
    level.#leaves.push(...inside);
    for (const [join, leaves] of this.#joined) level.#joined.set(join, leaves);
    return level;
  }

  column(index: number): string {
    const leaf = this.#leaves.findLast((candidate) => candidate.start <= index);
    const name = leaf?.columns[index - leaf.start];
    if (leaf === undefined || name === undefined || name === '') throw notSupported('this column in a view');
    leaf.relation?.use(leaf.numbers[index - leaf.start]);
    return `${quoteIdentifier(leaf.name)}.${quoteIdentifier(name)}`;
  }

  /** The whole row of the relation that a column is of. */
  wholeRow(index: number): string {
    const leaf = this.#leaves.findLast((candidate) => candidate.start <= index);
    if (leaf === undefined) throw notSupported('this row in a view');
    for (const number of leaf.numbers) leaf.relation?.use(number);
    return `${quoteIdentifier(leaf.name)}.*`;
  }

  /** The bare name of a column. */
  columnName(index: number): string {
    const leaf = this.#leaves.findLast((candidate) => candidate.start <= index);
    return leaf?.columns[index - leaf.start] ?? '';
  }

  /** A column of this or an outer query, by the names that it had when it was bound. */
  columnNamed(origin: ColumnOrigin): string {
    const { relationName, columnName, isWholeRow } = origin;
    for (const leaf of this.#leaves) {
      if (leaf.boundName !== relationName) continue;
      if (isWholeRow === true) return this.wholeRow(leaf.start);
      const place = leaf.boundColumns.indexOf(columnName);
      if (place >= 0) return this.column(leaf.start + place);
    }
    if (this.#outer !== undefined) return this.#outer.columnNamed(origin);
    throw notSupported('this reference to an outer query in a view');
  }

  #insideOf(item: FromItem): Leaf | undefined {
    for (const leaves of this.#joined.values()) {
      const leaf = leaves.find((candidate) => candidate.item === item);
      if (leaf !== undefined) return leaf;
    }
    return undefined;
  }

  #boundOf(item: FromItem): BoundFrom {
    const bound = this.#record.from.get(item);
    if (bound === undefined) throw notSupported('this form of FROM in a view');
    return bound;
  }

  #addLeaf(item: Exclude<FromItem, { kind: 'join' }>, bound: BoundFrom): void {
    const [relation] = bound.scope.relations;
    const { plan } = bound;
    const table = relation.table ?? relation.view;
    const names = table === undefined ? undefined : this.#names.relation(table.oid);
    const given = item.alias?.columns ?? [];
    const shown = relation.columns.filter((column) => !column.isHidden);
    const columns = relation.columns.map((column) => {
      if (names === undefined || given[shown.indexOf(column)] !== undefined) return column.name;
      return names.columnName(column.columnNumber) ?? column.name;
    });
    const start = this.#width;
    this.#width += plan.output.length;
    this.#leaves.push({
      item,
      bound,
      boundName: relation.name,
      name: this.#freeName(item.alias?.name ?? names?.name ?? relation.name),
      start,
      boundColumns: relation.columns.map((column) => column.name),
      columns,
      relation: names,
      numbers: plan.output.map((column) => column.columnNumber),
    });
  }

  /** Two relations of one name, of different schemas or of nested queries, are told apart. */
  #freeName(name: string): string {
    for (let suffix = 0; ; suffix++) {
      const candidate = suffix === 0 ? name : `${name}_${suffix}`;
      if (!this.#isTaken(candidate)) return candidate;
    }
  }

  #isTaken(name: string): boolean {
    const isOwn = this.#leaves.some((leaf) => leaf.name === name);
    if (isOwn || this.#outer === undefined) return isOwn;
    return this.#outer.#isTaken(name);
  }
}
