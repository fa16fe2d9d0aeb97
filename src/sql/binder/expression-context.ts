import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { AggregateCollector } from './aggregate-collector.ts';
import type { OuterLevel } from './outer-level.ts';
import { emptyScope, type Scope } from './scope.ts';
import type { SetCollector } from './set-collector.ts';
import type { StatementBinding } from './statement-binding.ts';
import type { WindowCollector } from './window-collector.ts';

/** The part of a statement that an expression stands in, as messages name it. */
export type Clause =
  | 'SELECT'
  | 'WHERE'
  | 'HAVING'
  | 'JOIN conditions'
  | 'functions in FROM'
  | 'FROM clause of their own query level'
  | 'FILTER'
  | 'GROUP BY'
  | 'ORDER BY'
  | 'DISTINCT ON'
  | 'LIMIT'
  | 'OFFSET'
  | 'VALUES'
  | 'UPDATE'
  | 'RETURNING'
  | 'EXECUTE parameters'
  | 'arguments of create_hypertable'
  | 'DEFAULT expressions'
  | 'check constraints'
  | 'column generation expressions'
  | 'transform expressions'
  | 'COPY FROM WHERE conditions'
  | 'index expressions'
  | 'index predicates'
  | 'window definitions'
  | 'window ROWS'
  | 'window RANGE'
  | 'window GROUPS';

/** What an expression may refer to, and where its aggregates go. */
export interface ExpressionContext {
  readonly binding: StatementBinding;
  readonly scope: Scope;
  readonly clause: Clause;
  /** undefined: aggregates are not allowed here. */
  readonly aggregates: AggregateCollector | undefined;
  /** undefined: window functions are not allowed here. */
  readonly windows?: WindowCollector | undefined;
  /** undefined: set-returning functions are not allowed here. */
  readonly sets?: SetCollector | undefined;
  /** Names beyond the scope's, asked when it has none: the select list's aliases in HAVING. */
  readonly outputNamed?: (name: string, position: number) => Expression | undefined;
}

/** For expressions that can refer to nothing, or only to what lies around the query: VALUES. */
export function constantContext(binding: StatementBinding, clause: Clause, outer?: OuterLevel): ExpressionContext {
  return { binding, scope: { ...emptyScope, outer }, clause, aggregates: undefined };
}

export function aggregatesOf(
  context: ExpressionContext,
  position: number,
  what: 'aggregate functions' | 'grouping operations' = 'aggregate functions',
): AggregateCollector {
  if (context.aggregates !== undefined) return context.aggregates;
  throw new SqlError(SqlState.GroupingError, `${what} are not allowed in ${context.clause}`, { position });
}
