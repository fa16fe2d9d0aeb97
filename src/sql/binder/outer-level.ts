import type { CorrelatedExpression, Expression, SlotBinding } from '../expression/expression.ts';
import { sameExpression } from '../expression/same-expression.ts';
import { someExpression } from '../expression/walk-expression.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { Scope } from './scope.ts';

export interface LevelOptions {
  /** The side of a join that stands beside this one: what is read of it is read row by row. */
  readonly isLateral?: boolean;
  /** What lies beyond it stands in the same FROM clause, further to the left. */
  readonly goesOnLeft?: boolean;
  /** RIGHT and FULL JOIN: the left side's names are known, but cannot be used. */
  readonly isBarred?: boolean;
  /** Barred because it is the table that an UPDATE or DELETE changes, which its FROM does not see. */
  readonly isTarget?: boolean;
}

/**
 * What lies around a query within another one: the expression, or the FROM item, that it stands in. Names that the inner
 * query lacks are looked up there, and the values reach it through slots: `bindings` says what each slot is to be set to,
 * over the rows of the outer query.
 */
export class OuterLevel {
  readonly context: ExpressionContext;
  readonly isLateral: boolean;
  readonly goesOnLeft: boolean;
  readonly isBarred: boolean;
  readonly isTarget: boolean;
  readonly #volatileCallsBefore: number;
  #bindings: SlotBinding[] = [];

  constructor(
    context: ExpressionContext,
    { isLateral = false, goesOnLeft = false, isBarred = false, isTarget = false }: LevelOptions = {},
  ) {
    this.context = context;
    this.isLateral = isLateral;
    this.goesOnLeft = goesOnLeft;
    this.isBarred = isBarred;
    this.isTarget = isTarget;
    this.#volatileCallsBefore = context.binding.volatileCallCount;
  }

  get scope(): Scope {
    return this.context.scope;
  }

  get bindings(): readonly SlotBinding[] {
    return this.#bindings;
  }

  /** Whether something was bound since that gives another value each time. */
  get isVolatile(): boolean {
    return this.context.binding.volatileCallCount > this.#volatileCallsBefore;
  }

  /** `value`, which is over the outer rows, as the inner query reads it. */
  capture(value: Expression): Expression {
    // What comes from further out is the same on both sides of a join: its slot is set already.
    if (this.isLateral && !readsRows(value)) return value;
    const known = this.#bindings.find((binding) => sameExpression(binding.value, value));
    if (known !== undefined) {
      this.#noteEarlier(known.value, value);
      return correlated(known);
    }
    const binding: SlotBinding = { slot: this.context.binding.nextSlot(), value };
    this.#bindings.push(binding);
    this.context.binding.record?.slots.set(binding.slot, value);
    const reference = correlated(binding);
    const origin = this.context.binding.originOf(value);
    if (origin !== undefined) this.context.binding.rememberOrigin(reference, origin);
    return reference;
  }

  /** A value that is read several times is complained of where it is read first, which is bound after FROM. */
  #noteEarlier(known: Expression, again: Expression): void {
    const { binding } = this.context;
    const [origin, other] = [binding.originOf(known), binding.originOf(again)];
    if (origin !== undefined && other !== undefined && other.position < origin.position) {
      binding.rememberOrigin(known, other);
    }
  }

  /** Binds something that may turn out not to belong here: `undo` forgets what it captured. */
  mark(): () => void {
    const count = this.#bindings.length;
    const outer = this.scope.outer?.mark();
    return () => {
      this.#bindings = this.#bindings.slice(0, count);
      outer?.();
    };
  }
}

function correlated({ slot, value }: SlotBinding): CorrelatedExpression {
  return { kind: 'correlated', slot, type: value.type };
}

function readsRows(expression: Expression): boolean {
  return someExpression(expression, (part) => part.kind === 'column');
}
