import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { childrenOf, someExpression, withChildren } from '../expression/walk-expression.ts';
import type { AggregateCall } from '../plan/logical-plan.ts';
import { sameExpression, sameExpressions } from './same-expression.ts';
import type { StatementBinding } from './statement-binding.ts';

/** Columns numbered from here stand for aggregates until the grouping keys are known. No table has so many columns. */
const FIRST_AGGREGATE = 2 ** 30;

/**
 * The aggregates of one SELECT. While its expressions are bound over the rows of FROM, an aggregate is a stand-in column;
 * `overGroups` then turns the expressions into ones over the aggregate node's output: keys, then aggregates.
 */
export class AggregateCollector {
  readonly #calls: AggregateCall[] = [];

  get calls(): readonly AggregateCall[] {
    return this.#calls;
  }

  /** Equal calls are computed once. */
  add(call: AggregateCall): Expression {
    let at = this.#calls.findIndex((known) => sameCall(known, call));
    if (at < 0) at = this.#calls.push(call) - 1;
    return { kind: 'column', index: FIRST_AGGREGATE + at, type: call.type };
  }

  /** The first aggregate within `expression`. */
  firstIn(expression: Expression): AggregateCall | undefined {
    if (expression.kind === 'column') return this.#calls[expression.index - FIRST_AGGREGATE];
    for (const child of childrenOf(expression)) {
      const found = this.firstIn(child);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Throws 42803 at a column that is neither a key (part) nor inside an aggregate. */
  overGroups(binding: StatementBinding, keys: readonly Expression[], expression: Expression): Expression {
    const rewrite = (part: Expression): Expression => {
      const key = keys.findIndex((candidate) => sameExpression(candidate, part));
      if (key >= 0) return { kind: 'column', index: key, type: part.type };
      if (part.kind === 'column') {
        if (part.index >= FIRST_AGGREGATE) return { ...part, index: keys.length + part.index - FIRST_AGGREGATE };
        throw ungrouped(binding, part);
      }
      const children = childrenOf(part);
      if (children.length === 0) return part;
      const rewritten = children.map(rewrite);
      return rewritten.every((child, at) => child === children[at]) ? part : withChildren(part, rewritten);
    };
    return rewrite(expression);
  }
}

export function readsColumns(expression: Expression): boolean {
  return someExpression(expression, (part) => part.kind === 'column');
}

function ungrouped(binding: StatementBinding, column: Expression): SqlError {
  const origin = binding.originOf(column);
  const name = origin === undefined ? '?column?' : `${origin.relationName}.${origin.columnName}`;
  return new SqlError(
    SqlState.GroupingError,
    `column "${name}" must appear in the GROUP BY clause or be used in an aggregate function`,
    { position: origin?.position },
  );
}

function sameCall(left: AggregateCall, right: AggregateCall): boolean {
  if (left.function !== right.function || left.isDistinct !== right.isDistinct) return false;
  if ((left.filter === undefined) !== (right.filter === undefined)) return false;
  if (left.filter !== undefined && right.filter !== undefined && !sameExpression(left.filter, right.filter)) {
    return false;
  }
  return sameExpressions(left.arguments, right.arguments);
}
