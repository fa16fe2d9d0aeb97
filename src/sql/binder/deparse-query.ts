import { notSupported } from '../../errors/sql-error.ts';
import { quoteIdentifier } from '../../functions/scalar/quoting.ts';
import { deparseExpression } from '../expression/deparse-expression.ts';
import type { CorrelatedExpression, Expression, SubqueryExpression } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { CommonTable, Query, SelectStatement, SetOperationStatement, WithClause } from '../syntax/query-ast.ts';
import { isModification } from './bind-modification.ts';
import { deparseCall } from './deparse-call.ts';
import { FromWriter } from './deparse-from.ts';
import { Level } from './deparse-level.ts';
import type { QueryNames } from './deparse-names.ts';
import { LineWriter } from './line-writer.ts';
import type { QueryRecord, SelectRecord } from './query-record.ts';
import type { SelectItem } from './select-list.ts';
import { FIRST_SET_CALL } from './stand-in-columns.ts';
import type { ColumnOrigin, StatementBinding } from './statement-binding.ts';

/** How far lines are indented: by a clause, by a list within one, by a JOIN. */
const CLAUSE_INDENT = 8;
const LIST_INDENT = 4;

/** What is written about whatever part of the query. */
export interface QueryText {
  readonly binding: StatementBinding;
  readonly record: QueryRecord;
  readonly names: QueryNames;
  readonly isPretty: boolean;
}

export interface ResultNames {
  /** What the columns are called, where that is not what the query calls them. */
  readonly columns?: readonly string[] | undefined;
  /** Whether anything sees the names of computed columns. */
  readonly areVisible: boolean;
}

/**
 * A query as SQL that means the same again, in the form of PostgreSQL's pg_get_viewdef. `query` has been bound, with what
 * was found out in `record`. Throws 0A000 for what has no such form here.
 */
export function deparseQuery(text: QueryText, query: Query, result: ResultNames): string {
  return new QueryWriter(text, undefined, 0).query(query, result);
}

/** Writes one query; those within it have writers of their own. */
export class QueryWriter {
  readonly text: QueryText;
  readonly #outer: Level | undefined;
  readonly #out: LineWriter;

  constructor(text: QueryText, outer: Level | undefined, indent: number) {
    this.text = text;
    this.#outer = outer;
    this.#out = new LineWriter(indent);
  }

  query(query: Query, result: ResultNames): string {
    const out = this.#out;
    const level = this.#levelOf(query);
    if (query.with !== undefined) this.#with(query.with, level);
    if (query.kind === 'set-operation') {
      this.#setOperation(query, result);
      this.#resultFrame(query);
    } else if (query.values !== undefined) this.#values(query, result);
    else this.#select(query, level, result);
    return out.text;
  }

  #levelOf(query: Query): Level {
    const level = new Level(this.#outer, this.text.names, this.text.record);
    if (query.kind === 'select') for (const item of query.from) level.add(item);
    return level;
  }

  #with({ isRecursive, tables }: WithClause, level: Level): void {
    const out = this.#out;
    out.indent += CLAUSE_INDENT;
    out.write(' ');
    out.write(isRecursive ? 'WITH RECURSIVE ' : 'WITH ');
    tables.forEach((table, at) => {
      if (at > 0) out.write(', ');
      this.#commonTable(table, level);
    });
    out.indent -= CLAUSE_INDENT;
    out.line('');
  }

  /** `level`: its names are taken, although the table cannot refer to it. */
  #commonTable({ name, columns, materialized, statement, search, cycle }: CommonTable, level: Level): void {
    const out = this.#out;
    if (search !== undefined || cycle !== undefined) throw notSupported('SEARCH or CYCLE in a view');
    if (isModification(statement)) throw notSupported('a statement that changes rows in a view');
    const list = columns.length === 0 ? '' : `(${columns.map(quoteIdentifier).join(', ')})`;
    const manner = { default: '', always: 'MATERIALIZED ', never: 'NOT MATERIALIZED ' }[materialized];
    out.write(`${quoteIdentifier(name)}${list} AS ${manner}(`);
    out.line('');
    out.write(this.within(level, statement, { areVisible: true }));
    out.line('');
    out.write(')');
  }

  /** Another query within this one, or beside it. */
  within(outer: Level | undefined, query: Query, result: ResultNames): string {
    return new QueryWriter(this.text, outer, this.#out.indent).query(query, result);
  }

  #select(statement: SelectStatement, level: Level, result: ResultNames): void {
    const out = this.#out;
    if (statement.locking !== undefined) throw notSupported('FOR UPDATE or FOR SHARE in a view');
    const record = this.text.record.selects.get(statement);
    if (record === undefined) throw notSupported('this query in a view');
    out.indent += CLAUSE_INDENT;
    out.write(' SELECT');
    const { distinct, items, where, having, grouping, limits } = record;
    if (distinct.kind === 'all') out.write(' DISTINCT');
    if (distinct.kind === 'on') {
      const keys = distinct.keys.map((key) => this.#sortable(level, record, itemOf(items, key).expression));
      out.write(` DISTINCT ON (${keys.join(', ')})`);
    }
    this.#targets(level, record, result);
    if (statement.from.length > 0) {
      out.line(' FROM ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: 2 });
      new FromWriter(this, level, out).items(statement.from);
    }
    if (where !== undefined) {
      out.line(' WHERE ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: 1 });
      out.write(this.expression(level, record, where));
    }
    if (grouping.keys.length > 0 || grouping.sets !== undefined) {
      out.line(' GROUP BY ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: 1 });
      const keys = grouping.keys.map((key) => this.#sortable(level, record, key));
      const sets = grouping.sets?.map((set) => `(${set.map((key) => keys[key]).join(', ')})`);
      out.write(sets === undefined ? keys.join(', ') : `GROUPING SETS (${sets.join(', ')})`);
    }
    if (having !== undefined) {
      out.line(' HAVING ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT });
      out.write(this.expression(level, record, having));
    }
    this.#windowClause(level, record);
    this.#sortAndLimit(
      record.sortKeys.map((key) => this.#sortable(level, record, itemOf(items, key.expression).expression)),
      { keys: record.sortKeys, limits },
      (limit) => this.expression(level, record, limit),
    );
  }

  #targets(level: Level, record: SelectRecord, { columns, areVisible }: ResultNames): void {
    const out = this.#out;
    let isLastLong = false;
    record.items.slice(0, record.visibleCount).forEach((item, at) => {
      const { expression } = item;
      const name = columns?.[at] ?? item.name;
      const value = this.expression(level, record, expression);
      const own = this.#ownName(level, expression, value) ?? (areVisible ? undefined : '?column?');
      // By itself the row of a relation would be read as all its columns.
      const isRow =
        (expression.kind === 'row' && expression.isRelation === true) ||
        (expression.kind === 'correlated' && this.#originOf(expression)?.isWholeRow === true);
      const text = isRow ? `${value}::${this.text.names.typeName(expression.type)}` : value;
      const whole = own === name ? text : `${text} AS ${quoteIdentifier(name)}`;
      out.write(at === 0 ? ' ' : ', ');
      if (whole.startsWith('\n')) out.trim();
      else if (at > 0) out.line('', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: LIST_INDENT });
      isLastLong = whole.includes('\n', 1);
      out.write(whole);
    });
    // What follows begins a line of its own whether or not the last column took several.
    if (isLastLong) out.trim();
  }

  /** What a column is called without being given a name; `text` is how it is written. */
  #ownName(level: Level, expression: Expression, text: string): string | undefined {
    if (expression.kind === 'column') {
      return expression.index < FIRST_SET_CALL ? level.columnName(expression.index) : undefined;
    }
    const origin = expression.kind === 'correlated' ? this.#originOf(expression) : undefined;
    return origin !== undefined && text.endsWith(`.${quoteIdentifier(origin.columnName)}`)
      ? origin.columnName
      : undefined;
  }

  #windowClause(level: Level, record: SelectRecord): void {
    const named = record.boundWindows.flatMap((window) => (window.name === undefined ? [] : [window]));
    if (named.length === 0) return;
    const out = this.#out;
    out.line(' WINDOW ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: 1 });
    const write = (part: Expression): string => this.expression(level, record, part);
    const texts = named.map(
      (window) => `${quoteIdentifier(window.name ?? '')} AS ${deparseCall.window(window, write)}`,
    );
    out.write(texts.join(', '));
  }

  /** VALUES alone are what they are; with a frame or other names they are selected from. */
  #values(statement: SelectStatement, { columns }: ResultNames): void {
    const out = this.#out;
    const node = this.text.record.values.get(statement);
    if (node === undefined) throw notSupported('this query in a view');
    const level = new Level(this.#outer, this.text.names, this.text.record);
    const rows = node.rows.map((row) => `(${row.map((value) => this.expression(level, undefined, value)).join(',')})`);
    const list = `VALUES ${rows.join(', ')}`;
    const frame = this.text.record.frames.get(statement);
    const isRenamed = columns?.some((name, at) => name !== node.output[at].name) === true;
    out.indent += CLAUSE_INDENT;
    if (frame === undefined && !isRenamed) {
      out.write(` ${list}`);
      return;
    }
    const table = quoteIdentifier('*VALUES*');
    const targets = node.output.map(({ name }, at) => {
      const shown = columns?.[at] ?? name;
      return `${table}.${name}${shown === name ? '' : ` AS ${quoteIdentifier(shown)}`}`;
    });
    out.write(` SELECT ${targets[0] ?? ''}`);
    for (const target of targets.slice(1)) {
      out.write(', ');
      out.line('', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: LIST_INDENT });
      out.write(target);
    }
    out.line(' FROM ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: 2 });
    out.write(`(${list}) ${table}`);
    if (frame === undefined) return;
    const references = { column: (index: number) => `${table}.${node.output[index].name}` };
    const write = (part: Expression): string => this.#deparse(level, part, 0, references.column);
    this.#sortAndLimit(
      frame.sortKeys.map((key) => this.#parenthesized(itemOf(frame.items, key.expression).expression, write)),
      { keys: frame.sortKeys, limits: frame.limits },
      write,
    );
  }

  #setOperation(statement: SetOperationStatement, result: ResultNames): void {
    const out = this.#out;
    const { left, right, operation, isAll } = statement;
    const isSame = left.kind === 'set-operation' && left.operation === operation && left.isAll === isAll;
    const isLeftEnclosed = isOperation(left) && !isSame;
    if (isLeftEnclosed) {
      out.write('(');
      out.line('', { before: CLAUSE_INDENT });
    }
    this.#side(left, result);
    if (isLeftEnclosed) out.line(') ', { before: -CLAUSE_INDENT });
    else out.line('');
    out.write(`${operation.toUpperCase()} ${isAll ? 'ALL ' : ''}`);
    const isRightEnclosed = isOperation(right);
    const deeper = isRightEnclosed ? CLAUSE_INDENT : 0;
    if (isRightEnclosed) out.write('(');
    out.line('', { before: deeper });
    this.#side(right, { columns: result.columns, areVisible: false });
    out.indent -= deeper;
    if (isRightEnclosed) out.line(')');
  }

  #side(query: Query, result: ResultNames): void {
    if (isOperation(query)) this.#setOperation(query, result);
    else {
      const isEnclosed = hasFrame(query);
      const text = this.within(this.#outer, query, result);
      this.#out.write(isEnclosed ? `(${text})` : text);
    }
  }

  /** ORDER BY of a set operation: numbers of columns. */
  #resultFrame(statement: SetOperationStatement): void {
    const frame = this.text.record.frames.get(statement);
    if (frame === undefined) return;
    const level = new Level(this.#outer, this.text.names, this.text.record);
    const numbers = frame.sortKeys.map(({ expression }) =>
      String(expression.kind === 'column' ? expression.index + 1 : 0),
    );
    this.#sortAndLimit(numbers, { keys: frame.sortKeys, limits: frame.limits }, (limit) =>
      this.expression(level, undefined, limit),
    );
  }

  #sortAndLimit(
    texts: readonly string[],
    { keys, limits }: { readonly keys: readonly SortKey[]; readonly limits: SelectRecord['limits'] },
    write: (limit: Expression) => string,
  ): void {
    const out = this.#out;
    if (texts.length > 0) {
      out.line(' ORDER BY ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT, plus: 1 });
      out.write(texts.map((text, at) => `${text}${deparseCall.order(keys[at])}`).join(', '));
    }
    const { offset, count, withTies } = limits;
    if (offset !== undefined) {
      out.line(' OFFSET ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT });
      out.write(write(offset));
    }
    if (count === undefined) return;
    out.line(withTies ? ' FETCH FIRST ' : ' LIMIT ', { before: -CLAUSE_INDENT, after: CLAUSE_INDENT });
    const isAll = count.kind === 'constant' && count.value === null;
    // The grammar of FETCH takes no more than a literal without parentheses.
    if (withTies) out.write(`(${write(count)}) ROWS WITH TIES`);
    else out.write(isAll ? 'ALL' : write(count));
  }

  /** In ORDER BY and GROUP BY calls stand in parentheses. */
  #sortable(level: Level, record: SelectRecord, expression: Expression): string {
    return this.#parenthesized(expression, (part) => this.expression(level, record, part));
  }

  #parenthesized(expression: Expression, write: (part: Expression) => string): string {
    const text = write(expression);
    if (expression.kind === 'constant')
      return text.includes('::') ? text : `${text}::${this.text.names.typeName(expression.type)}`;
    const isStandIn = expression.kind === 'column' && expression.index >= FIRST_SET_CALL;
    const isCall =
      expression.kind === 'call' && expression.coercion === undefined && operatorOf(expression.function) === undefined;
    const isWhole = this.text.isPretty && expression.kind !== 'column';
    return isStandIn || isCall || isWhole ? `(${text})` : text;
  }

  /** An expression over the rows of a level; `record` tells what stand-in columns of its SELECT stand for. */
  expression(level: Level, record: SelectRecord | undefined, expression: Expression): string {
    return this.#deparse(level, expression, 0, (index, text) => {
      if (index < FIRST_SET_CALL) return level.column(index);
      if (record === undefined) throw notSupported('this expression in a view');
      return deparseCall.standIn(record, index, text);
    });
  }

  /** An item of FROM over those to its left. */
  lateral(level: Level, expression: Expression): string {
    return new QueryWriter(this.text, level, this.#out.indent).expression(level, undefined, expression);
  }

  /** A join's condition over its own columns, which begin at `start`. */
  joined(level: Level, condition: Expression, start: number): string {
    return this.#deparse(level, condition, start, (index) => level.column(start + index));
  }

  #deparse(
    level: Level,
    expression: Expression,
    start: number,
    column: (index: number, text: (part: Expression) => string) => string,
  ): string {
    const { names, isPretty } = this.text;
    return deparseExpression(names.withTypesOfNow(expression), [], {
      typeContext: names.typeContext,
      typeName: (type) => names.typeName(type),
      isPretty,
      indent: this.#out.indent,
      references: {
        column,
        wholeRow: (index) => level.wholeRow(start + index),
        correlated: (reference) => this.#correlated(reference),
        subquery: (subquery, text) => this.#subquery(level, subquery, text),
      },
    });
  }

  #originOf({ slot }: CorrelatedExpression): ColumnOrigin | undefined {
    const { binding, record } = this.text;
    let value = record.slots.get(slot);
    while (value?.kind === 'correlated') value = record.slots.get(value.slot);
    return value === undefined ? undefined : binding.originOf(value);
  }

  #correlated(reference: CorrelatedExpression): string {
    const origin = this.#originOf(reference);
    if (origin === undefined || this.#outer === undefined)
      throw notSupported('this reference to an outer query in a view');
    return this.#outer.columnNamed(origin);
  }

  #subquery(level: Level, subquery: SubqueryExpression, text: (part: Expression) => string): string {
    const query = this.text.record.queryOf(subquery.plan);
    if (query === undefined) throw notSupported('this subquery in a view');
    const inner = this.within(level, query, { areVisible: false });
    const left = subquery.left.map(text);
    const operand = left.length === 1 ? left[0] : `(${left.join(', ')})`;
    switch (subquery.form) {
      case 'scalar':
        return `(${inner})`;
      case 'array':
        return `ARRAY(${inner})`;
      case 'exists':
        return `(EXISTS (${inner}))`;
      default: {
        const operator = comparisonOf(subquery.comparison);
        if (subquery.form === 'any' && operator === '=') return `(${operand} IN (${inner}))`;
        const quantifier = { any: ' ANY', all: ' ALL', row: '' }[subquery.form];
        return `(${operand} ${operator}${quantifier} (${inner}))`;
      }
    }
  }
}

/** The operator between rows is that of their first columns. */
function comparisonOf(comparison: Expression | undefined): string {
  if (comparison?.kind === 'call') {
    const operator = operatorOf(comparison.function);
    if (operator !== undefined) return operator.name;
  }
  if (comparison?.kind === 'and') return comparisonOf(comparison.arguments[0]);
  throw notSupported('this comparison with a subquery in a view');
}

function itemOf(items: readonly SelectItem[], key: Expression): SelectItem {
  if (key.kind !== 'column') throw notSupported('this sort key in a view');
  return items[key.index];
}

function isOperation(query: Query): query is SetOperationStatement {
  return query.kind === 'set-operation' && !hasFrame(query);
}

function hasFrame(query: Query): boolean {
  return (
    query.orderBy.length > 0 || query.limit !== undefined || query.offset !== undefined || query.with !== undefined
  );
}
