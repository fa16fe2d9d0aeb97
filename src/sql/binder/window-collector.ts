import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { childrenOf, mapExpression } from '../expression/walk-expression.ts';
import type { WindowCall } from '../plan/window-node.ts';
import type { WindowName, WindowSyntax } from '../syntax/window-ast.ts';
import { FIRST_WINDOW_CALL } from './stand-in-columns.ts';

/** A call and the definition of its window, as a number into `definitions`. */
export interface CollectedCall {
  readonly call: WindowCall;
  readonly definition: number;
}

/**
 * The window function calls of one SELECT. While its expressions are bound a call is a stand-in column; `placed` then
 * turns the expressions into ones over the output of the window nodes.
 */
export class WindowCollector {
  readonly #definitions: WindowSyntax[];
  readonly #calls: CollectedCall[] = [];

  /** `named`: the WINDOW clause. */
  constructor(named: readonly WindowSyntax[]) {
    this.#definitions = [...named];
  }

  /** The WINDOW clause's, then those that stand behind OVER. */
  get definitions(): readonly WindowSyntax[] {
    return this.#definitions;
  }

  get calls(): readonly CollectedCall[] {
    return this.#calls;
  }

  /** Throws 42704 when there is no window of the name. */
  add(over: WindowSyntax | WindowName, call: WindowCall): Expression {
    const definition = over.kind === 'window' ? this.#definitions.push(over) - 1 : this.#named(over);
    const at = this.#calls.push({ call, definition }) - 1;
    return { kind: 'column', index: FIRST_WINDOW_CALL + at, type: call.type };
  }

  /** The first call within `expression`. */
  firstIn(expression: Expression): WindowCall | undefined {
    if (expression.kind === 'column') return this.#calls[expression.index - FIRST_WINDOW_CALL]?.call;
    for (const child of childrenOf(expression)) {
      const found = this.firstIn(child);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** `expression` with each call read from where `indexOf` says that it is. */
  placed(expression: Expression, indexOf: (call: number) => number): Expression {
    if (this.#calls.length === 0) return expression;
    return mapExpression(expression, (part) =>
      part.kind === 'column' && part.index >= FIRST_WINDOW_CALL
        ? { ...part, index: indexOf(part.index - FIRST_WINDOW_CALL) }
        : part,
    );
  }

  #named({ name, position }: WindowName): number {
    const at = this.#definitions.findIndex((definition) => definition.name === name);
    if (at >= 0) return at;
    throw new SqlError(SqlState.UndefinedObject, `window "${name}" does not exist`, { position });
  }
}
