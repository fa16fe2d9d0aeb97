import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import type { BindContext } from './bind-context.ts';
import { ParameterTypes } from './parameter-types.ts';

/** How deeply expressions and subqueries may nest: what every later walk over the plan manages on its stack. */
export const MAX_DEPTH = 1000;

/** Where a bound column reference came from. */
export interface ColumnOrigin {
  readonly relationName: string;
  readonly columnName: string;
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly position: number;
}

/** What is gathered while one statement is bound. */
export class StatementBinding {
  readonly context: BindContext;
  readonly parameters: ParameterTypes;
  /** Casts of constants stay as they were written, since the expression becomes text again. */
  readonly keepsForm: boolean;
  /** Keyed by the very object that the reference was bound to. */
  readonly #origins = new WeakMap<Expression, ColumnOrigin>();
  #isCacheable = true;
  #depth = 0;

  constructor(context: BindContext, options: { readonly keepsForm?: boolean } = {}) {
    this.context = context;
    this.keepsForm = options.keepsForm ?? false;
    this.parameters = new ParameterTypes(context.parameterTypes, { isAllowed: context.allowsParameters ?? true });
  }

  /** False once the plan holds something that is true only now (the tables that exist, the literal 'today'). */
  get isCacheable(): boolean {
    return this.#isCacheable;
  }

  forbidCaching(): void {
    this.#isCacheable = false;
  }

  rememberOrigin(reference: Expression, origin: ColumnOrigin): void {
    this.#origins.set(reference, origin);
  }

  originOf(reference: Expression): ColumnOrigin | undefined {
    return this.#origins.get(reference);
  }

  /** Runs `bind` `levels` deeper. Throws 54001 rather than exhaust the stack. */
  deeper<T>(levels: number, bind: () => T): T {
    this.#depth += levels;
    try {
      if (this.#depth > MAX_DEPTH) throw stackDepthExceeded();
      return bind();
    } finally {
      this.#depth -= levels;
    }
  }
}

export function stackDepthExceeded(): SqlError {
  return new SqlError(SqlState.StatementTooComplex, 'stack depth limit exceeded', {
    hint: `Expressions and subqueries nest at most ${MAX_DEPTH} deep: split the statement.`,
  });
}
