import type { Expression } from '../expression/expression.ts';
import { sameExpressions } from '../expression/same-expression.ts';
import { childrenOf, mapExpression, someExpression } from '../expression/walk-expression.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import type { ProjectSetNode, SetCall } from '../plan/table-function-nodes.ts';
import { FIRST_SET_CALL, isSetCall } from './stand-in-columns.ts';

interface CollectedSet {
  readonly call: SetCall;
  readonly type: Expression['type'];
}

/** A plan that gives the rows of set-returning functions, and expressions that read them there. */
export interface PlacedSets {
  readonly plan: LogicalPlan;
  readonly expressions: readonly Expression[];
  /** Any expression with the placed calls read there. */
  readonly over: (expression: Expression) => Expression;
}

/**
 * The set-returning functions in the select list of one SELECT. While its expressions are bound a call is a stand-in
 * column; `place` then puts the calls behind the rows that they are over.
 */
export class SetCollector {
  readonly #calls: CollectedSet[] = [];
  #additionCount = 0;
  #lastPosition = 0;

  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** Calls met so far, and where the last of them stands: what must not hold one looks whether there are more. */
  get additionCount(): number {
    return this.#additionCount;
  }

  get lastPosition(): number {
    return this.#lastPosition;
  }

  /** Equal calls step on together: one is enough. */
  add(call: SetCall, type: Expression['type'], position: number): Expression {
    this.#additionCount += 1;
    this.#lastPosition = position;
    let at = this.#calls.findIndex(
      ({ call: known }) => known.function === call.function && sameExpressions(known.arguments, call.arguments),
    );
    if (at < 0) at = this.#calls.push({ call, type }) - 1;
    return { kind: 'column', index: FIRST_SET_CALL + at, type };
  }

  /** The call that a stand-in column of this number stands for. */
  callOf(index: number): SetCall {
    return this.#calls[index - FIRST_SET_CALL].call;
  }

  /** What the calls are over. */
  get arguments(): readonly Expression[] {
    return this.#calls.flatMap(({ call }) => call.arguments);
  }

  /**
   * The calls that `expressions` read, over the rows of `input`; `change` turns their arguments into ones over these
   * rows. Arguments that hold calls themselves come first.
   */
  place(
    input: LogicalPlan,
    expressions: readonly Expression[],
    change: (expression: Expression) => Expression = (expression) => expression,
  ): PlacedSets {
    const placed = new Map<number, number>();
    const overPlaced = (expression: Expression): Expression =>
      mapExpression(expression, (part) =>
        isSetCall(part) && placed.has(part.index) ? { ...part, index: placed.get(part.index) ?? -1 } : part,
      );
    let plan = input;
    let waiting = this.#readBy(expressions);
    while (waiting.length > 0) {
      const ready = waiting.filter((at) => this.#calls[at].call.arguments.every((part) => isReady(part, placed)));
      const calls = ready.map((at) => this.#calls[at]);
      const node: ProjectSetNode = {
        kind: 'project-set',
        input: plan,
        calls: calls.map(({ call }) => ({
          ...call,
          arguments: call.arguments.map((argument) => overPlaced(change(argument))),
        })),
        output: [
          ...plan.output,
          ...calls.map(({ call, type }) => ({ name: call.function.name, type, tableOid: 0, columnNumber: 0 })),
        ],
      };
      for (const [offset, at] of ready.entries()) placed.set(FIRST_SET_CALL + at, plan.output.length + offset);
      plan = node;
      waiting = waiting.filter((at) => !ready.includes(at));
    }
    return { plan, expressions: expressions.map(overPlaced), over: overPlaced };
  }

  /** Numbers of the calls within expressions, and of those within their arguments. */
  #readBy(expressions: readonly Expression[]): number[] {
    const found = new Set<number>();
    const visit = (expression: Expression): void => {
      if (isSetCall(expression)) {
        const at = expression.index - FIRST_SET_CALL;
        found.add(at);
        this.#calls[at].call.arguments.forEach(visit);
      }
      childrenOf(expression).forEach(visit);
    };
    expressions.forEach(visit);
    return [...found].sort((left, right) => left - right);
  }
}

function isReady(expression: Expression, placed: ReadonlyMap<number, number>): boolean {
  return !someExpression(expression, (part) => isSetCall(part) && !placed.has(part.index));
}
