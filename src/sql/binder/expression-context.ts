import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { AggregateCollector } from './aggregate-collector.ts';
import { emptyScope, type Scope } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';

/** The part of a statement that an expression stands in, as messages name it. */
export type Clause =
  | 'SELECT'
  | 'WHERE'
  | 'HAVING'
  | 'JOIN conditions'
  | 'functions in FROM'
  | 'FILTER'
  | 'GROUP BY'
  | 'ORDER BY'
  | 'DISTINCT ON'
  | 'LIMIT'
  | 'OFFSET'
  | 'VALUES'
  | 'UPDATE'
  | 'RETURNING'
  | 'EXECUTE'
  | 'DEFAULT expressions'
  | 'check constraints'
  | 'transform expressions';

/** What an expression may refer to, and where its aggregates go. */
export interface ExpressionContext {
  readonly binding: StatementBinding;
  readonly scope: Scope;
  readonly clause: Clause;
  /** undefined: aggregates are not allowed here. */
  readonly aggregates: AggregateCollector | undefined;
  /** Names beyond the scope's, asked when it has none: the select list's aliases in HAVING. */
  readonly outputNamed?: (name: string, position: number) => Expression | undefined;
}

/** For expressions that can refer to nothing: VALUES. */
export function constantContext(binding: StatementBinding, clause: Clause): ExpressionContext {
  return { binding, scope: emptyScope, clause, aggregates: undefined };
}

export function aggregatesOf(context: ExpressionContext, position: number): AggregateCollector {
  if (context.aggregates !== undefined) return context.aggregates;
  throw new SqlError(SqlState.GroupingError, `aggregate functions are not allowed in ${context.clause}`, { position });
}
