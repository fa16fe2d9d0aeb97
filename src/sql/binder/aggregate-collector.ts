import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression, RowExpression } from '../expression/expression.ts';
import { sameExpression, sameExpressions } from '../expression/same-expression.ts';
import { childrenOf, mapExpression, someExpression, withChildren } from '../expression/walk-expression.ts';
import type { AggregateCall, AggregateNode } from '../plan/aggregate-node.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { SortKey } from '../plan/sort-nodes.ts';
import type { BoundGrouping } from './bind-grouping.ts';
import { dependsOnKeys } from './functional-dependency.ts';
import type { Scope } from './scope.ts';
import { FIRST_AGGREGATE, FIRST_GROUPING, FIRST_SET_CALL, FIRST_WINDOW_CALL } from './stand-in-columns.ts';
import type { StatementBinding } from './statement-binding.ts';
import { int4Type } from './well-known-types.ts';

/** An aggregate while its SELECT is bound: what stands in the parentheses of an ordered-set one is bound over FROM. */
export interface CollectedAggregate extends Omit<AggregateCall, 'directArguments'> {
  readonly direct: readonly Expression[];
}

/** A GROUPING call, and where each of its arguments is written. */
export interface CollectedGrouping {
  readonly arguments: readonly Expression[];
  readonly positions: readonly number[];
  readonly position: number;
  /** Written in a subquery: PostgreSQL looks there for columns among the keys, not for expressions. */
  readonly isWithinSubquery: boolean;
}

/** The aggregate node of a SELECT, and its expressions as they read that node's output. */
export interface Grouped {
  readonly plan: AggregateNode;
  readonly expressions: readonly Expression[];
}

/**
 * The aggregates of one SELECT. While its expressions are bound over the rows of FROM, an aggregate is a stand-in column;
 * `group` then turns the expressions into ones over the aggregate node's output: keys, aggregates, values of GROUPING.
 */
export class AggregateCollector {
  readonly #calls: CollectedAggregate[] = [];
  readonly #groupings: CollectedGrouping[] = [];

  get isEmpty(): boolean {
    return this.#calls.length === 0 && this.#groupings.length === 0;
  }

  /** Equal calls are computed once. */
  add(call: CollectedAggregate): Expression {
    let at = this.#calls.findIndex((known) => sameCall(known, call));
    if (at < 0) at = this.#calls.push(call) - 1;
    return { kind: 'column', index: FIRST_AGGREGATE + at, type: call.type };
  }

  addGrouping(grouping: CollectedGrouping): Expression {
    const at = this.#groupings.push(grouping) - 1;
    return { kind: 'column', index: FIRST_GROUPING + at, type: int4Type };
  }

  /** The call that a stand-in column of this number stands for. */
  callOf(index: number): CollectedAggregate {
    return this.#calls[index - FIRST_AGGREGATE];
  }

  /** The arguments of the GROUPING that a stand-in column of this number stands for. */
  groupingOf(index: number): readonly Expression[] {
    return this.#groupings[index - FIRST_GROUPING].arguments;
  }

  /** The first aggregate within `expression`. */
  firstIn(expression: Expression): CollectedAggregate | undefined {
    return this.#first(expression, (index) => this.#calls[index - FIRST_AGGREGATE]);
  }

  /** The first aggregate or GROUPING, none of which may stand within another. */
  firstPositionIn(expression: Expression): number | undefined {
    const isEither = (index: number): CollectedAggregate | CollectedGrouping | undefined =>
      this.#calls[index - FIRST_AGGREGATE] ?? this.#groupings[index - FIRST_GROUPING];
    return this.#first(expression, isEither)?.position;
  }

  #first<T>(expression: Expression, at: (index: number) => T | undefined): T | undefined {
    if (expression.kind === 'column') return at(expression.index);
    for (const child of childrenOf(expression)) {
      const found = this.#first(child, at);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * Throws 42803 at a column that is neither a key (part) nor inside an aggregate, the first as the query is written:
   * `readBy` gives what a stand-in column for a window or set-returning call reads.
   */
  group(
    binding: StatementBinding,
    scope: Scope,
    input: LogicalPlan,
    grouping: BoundGrouping,
    expressions: readonly Expression[],
    readBy: (standIn: number) => readonly Expression[],
  ): Grouped {
    const rewriter = new GroupRewriter(binding, scope, grouping, {
      readBy,
      directArgumentsOf: (standIn) => this.#calls[standIn - FIRST_AGGREGATE]?.direct ?? [],
    });
    const groupings = this.#groupings.map((call) => rewriter.keysOf(call));
    const overKeys = expressions.map((expression) => rewriter.rewrite(expression));
    const calls = this.#calls.map((call) => withDirectArguments(call, rewriter));
    const node: AggregateNode = {
      kind: 'aggregate',
      input,
      keys: rewriter.keys,
      aggregates: calls,
      ...(rewriter.groupingSets === undefined ? {} : { groupingSets: rewriter.groupingSets }),
      ...(groupings.length === 0 ? {} : { groupings }),
      output: [
        ...rewriter.keys.map((key) => ({ name: '?column?', type: key.type })),
        ...calls.map((call) => ({ name: call.function.name, type: call.type })),
        ...groupings.map(() => ({ name: 'grouping', type: int4Type })),
      ].map((column) => ({ ...column, tableOid: 0, columnNumber: 0 })),
    };
    const firstCall = node.keys.length;
    const firstGrouping = firstCall + calls.length;
    const placed = (part: Expression): Expression => {
      if (part.kind !== 'column' || part.index < FIRST_AGGREGATE || part.index >= FIRST_WINDOW_CALL) return part;
      return part.index >= FIRST_GROUPING
        ? { ...part, index: part.index - FIRST_GROUPING + firstGrouping }
        : { ...part, index: part.index - FIRST_AGGREGATE + firstCall };
    };
    return { plan: node, expressions: overKeys.map((expression) => mapExpression(expression, placed)) };
  }
}

type Place = 'query' | 'subquery' | 'direct argument';

/** What stand-in columns read. */
interface StandIns {
  readonly readBy: (standIn: number) => readonly Expression[];
  readonly directArgumentsOf: (standIn: number) => readonly Expression[];
}

/** Turns expressions over FROM into ones over grouping keys; stand-ins for aggregates stay what they are. */
class GroupRewriter {
  readonly #binding: StatementBinding;
  readonly #scope: Scope;
  readonly #grouping: BoundGrouping;
  readonly #standIns: StandIns;
  readonly #keys: Expression[];
  readonly #sets: number[][] | undefined;

  constructor(binding: StatementBinding, scope: Scope, grouping: BoundGrouping, standIns: StandIns) {
    this.#binding = binding;
    this.#scope = scope;
    this.#grouping = grouping;
    this.#standIns = standIns;
    this.#keys = [...grouping.keys];
    this.#sets = grouping.sets?.map((set) => [...set]);
  }

  /** GROUP BY's, and behind them what depends on them. */
  get keys(): readonly Expression[] {
    return this.#keys;
  }

  get groupingSets(): readonly (readonly number[])[] | undefined {
    return this.#sets;
  }

  rewrite(expression: Expression, where: Place = 'query'): Expression {
    const key = this.#keys.findIndex((candidate) => sameExpression(candidate, expression));
    if (key >= 0) return { kind: 'column', index: key, type: expression.type };
    if (expression.kind === 'column') {
      if (expression.index >= FIRST_SET_CALL) {
        this.#check(expression.index, where);
        return expression;
      }
      if (dependsOnKeys(this.#scope, expression, this.#grouping)) {
        return { kind: 'column', index: this.#addDependent(expression, []), type: expression.type };
      }
      throw this.#ungrouped(expression, where);
    }
    if (expression.kind === 'row' && !this.#isRowGrouped(expression)) throw this.#ungrouped(expression, where);
    const children = childrenOf(expression);
    if (children.length === 0) return expression;
    // What a subquery is compared with stands in front of it, not in it.
    const outsideCount = expression.kind === 'subquery' ? expression.left.length : children.length;
    const inside = where === 'query' ? 'subquery' : where;
    const outside = children.slice(0, outsideCount).map((child) => this.rewrite(child, where));
    if (expression.kind === 'subquery') this.#checkInWrittenOrder(children.slice(outsideCount), inside);
    const rewritten = [...outside, ...children.slice(outsideCount).map((child) => this.rewrite(child, inside))];
    return rewritten.every((child, at) => child === children[at]) ? expression : withChildren(expression, rewritten);
  }

  /** The columns of a relation may all be keys: its whole row is something else, unless the primary key makes it one. */
  #isRowGrouped(row: RowExpression): boolean {
    if (this.#binding.originOf(row)?.isWholeRow !== true) return true;
    return row.elements.every(
      (element) => element.kind === 'column' && dependsOnKeys(this.#scope, element, this.#grouping),
    );
  }

  /** A subquery's references come as they were bound, FROM before the select list that is written in front of it. */
  #checkInWrittenOrder(references: readonly Expression[], where: Place): void {
    const positionOf = (reference: Expression): number => this.#binding.originOf(reference)?.position ?? 0;
    for (const reference of [...references].sort((left, right) => positionOf(left) - positionOf(right))) {
      this.rewrite(reference, where);
    }
  }

  /** What a stand-in reads is rewritten for itself as well; here its columns have their turn to be complained of. */
  #check(standIn: number, where: Place): void {
    const { readBy, directArgumentsOf } = this.#standIns;
    for (const read of readBy(standIn)) this.rewrite(read, where);
    for (const direct of directArgumentsOf(standIn)) {
      this.rewrite(direct, where === 'query' ? 'direct argument' : where);
    }
  }

  /** The keys that GROUPING is asked for. Throws 42803 for an argument that is none. */
  keysOf({ arguments: values, positions, isWithinSubquery }: CollectedGrouping): number[] {
    return values.map((value, at) => {
      const canMatch = !isWithinSubquery || value.kind === 'column';
      const key = canMatch ? this.#grouping.keys.findIndex((candidate) => sameExpression(candidate, value)) : -1;
      if (key >= 0) return key;
      throw new SqlError(
        SqlState.GroupingError,
        'arguments to GROUPING must be grouping expressions of the associated query level',
        { position: positions[at] },
      );
    });
  }

  /** A direct argument as the number of the key that has its value, or as it is when it reads no row. */
  direct(expression: Expression): number | Expression {
    if (!readsColumns(expression)) return expression;
    // Thrown for its sake: what reads keys alone has one value a group, and can be a key as well.
    this.rewrite(expression, 'direct argument');
    const known = this.#keys.findIndex((candidate) => sameExpression(candidate, expression));
    return known >= 0 ? known : this.#addDependent(expression, columnsWithin(expression));
  }

  /** Grouping by it too makes the same groups, in each grouping set that determines it. */
  #addDependent(expression: Expression, columns: readonly Expression[]): number {
    const determining = columns.map((column) => this.#keys.findIndex((key) => sameExpression(key, column)));
    const key = this.#keys.push(expression) - 1;
    for (const set of this.#sets ?? []) {
      if (determining.every((column) => set.includes(column))) set.push(key);
    }
    return key;
  }

  #ungrouped(column: Expression, where: Place): SqlError {
    const origin = this.#binding.originOf(column);
    const name = origin === undefined ? '?column?' : `${origin.relationName}.${origin.columnName}`;
    const message =
      where === 'subquery'
        ? `subquery uses ungrouped column "${name}" from outer query`
        : `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`;
    return new SqlError(SqlState.GroupingError, message, {
      position: origin?.position,
      ...(where === 'direct argument'
        ? { detail: 'Direct arguments of an ordered-set aggregate must use only grouped columns.' }
        : {}),
    });
  }
}

export function readsColumns(expression: Expression): boolean {
  return someExpression(expression, (part) => part.kind === 'column');
}

function columnsWithin(expression: Expression): Expression[] {
  return expression.kind === 'column' ? [expression] : childrenOf(expression).flatMap(columnsWithin);
}

function withDirectArguments({ direct, ...call }: CollectedAggregate, rewriter: GroupRewriter): AggregateCall {
  if (direct.length === 0) return call;
  return { ...call, directArguments: direct.map((argument) => rewriter.direct(argument)) };
}

function sameCall(left: CollectedAggregate, right: CollectedAggregate): boolean {
  if (left.function !== right.function || left.isDistinct !== right.isDistinct) return false;
  if ((left.filter === undefined) !== (right.filter === undefined)) return false;
  if (left.filter !== undefined && right.filter !== undefined && !sameExpression(left.filter, right.filter)) {
    return false;
  }
  return (
    sameExpressions(left.arguments, right.arguments) &&
    sameExpressions(left.direct, right.direct) &&
    sameOrder(left.orderBy ?? [], right.orderBy ?? [])
  );
}

function sameOrder(left: readonly SortKey[], right: readonly SortKey[]): boolean {
  return (
    left.length === right.length &&
    left.every(
      (key, at) =>
        key.isDescending === right[at].isDescending &&
        key.nullsFirst === right[at].nullsFirst &&
        sameExpression(key.expression, right[at].expression),
    )
  );
}
