import type { Expression, SubqueryExpression } from './expression.ts';
import { childrenOf } from './walk-expression.ts';

/** Whether two bound expressions mean the same over the same row, wherever in the text they stand. */
export function sameExpression(left: Expression, right: Expression): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind || left.type.definition !== right.type.definition) return false;
  if (left.type.typmod !== right.type.typmod || !sameNode(left, right)) return false;
  const leftChildren = childrenOf(left);
  const rightChildren = childrenOf(right);
  return (
    leftChildren.length === rightChildren.length &&
    leftChildren.every((child, at) => sameExpression(child, rightChildren[at]))
  );
}

export function sameExpressions(left: readonly Expression[], right: readonly Expression[]): boolean {
  return left.length === right.length && left.every((expression, at) => sameExpression(expression, right[at]));
}

/** What a node says beyond its kind, type and children. */
function sameNode(left: Expression, right: Expression): boolean {
  switch (left.kind) {
    case 'constant':
      if (right.kind !== 'constant') return false;
      if (left.value === null || right.value === null) return left.value === right.value;
      if (typeof left.value !== 'object') return Object.is(left.value, right.value);
      return left.type.definition.hashKey(left.value) === left.type.definition.hashKey(right.value);
    case 'column':
      return right.kind === 'column' && left.index === right.index;
    case 'parameter':
      return right.kind === 'parameter' && left.index === right.index;
    case 'correlated':
      return right.kind === 'correlated' && left.slot === right.slot;
    case 'subquery':
      return right.kind === 'subquery' && left.form === right.form && !left.isVolatile && sameSubquery(left, right);
    case 'call':
      // A volatile call gives another value each time.
      return right.kind === 'call' && left.function === right.function && left.function.volatility !== 'volatile';
    case 'null-test':
      return right.kind === 'null-test' && left.isNegated === right.isNegated;
    case 'boolean-test':
      return right.kind === 'boolean-test' && left.test === right.test && left.isNegated === right.isNegated;
    case 'distinct-test':
      return right.kind === 'distinct-test' && left.equals === right.equals && left.isNegated === right.isNegated;
    case 'nullif':
      return right.kind === 'nullif' && left.equals === right.equals;
    case 'case':
      return right.kind === 'case' && (left.otherwise === undefined) === (right.otherwise === undefined);
    case 'in-list':
      return right.kind === 'in-list' && left.equals === right.equals && left.isNegated === right.isNegated;
    case 'in-constants':
      return (
        right.kind === 'in-constants' &&
        left.constants === right.constants &&
        left.equals === right.equals &&
        left.isNegated === right.isNegated
      );
    case 'row':
      return right.kind === 'row' && (left.presence === undefined) === (right.presence === undefined);
    case 'field':
      return right.kind === 'field' && left.index === right.index;
    case 'subscript':
      return right.kind === 'subscript' && JSON.stringify(left.slices) === JSON.stringify(right.slices);
    case 'array-comparison':
      return right.kind === 'array-comparison' && left.operator === right.operator && left.isAll === right.isAll;
    default:
      return true;
  }
}

/** Whether two plans do the same once the slots of one are taken for those of the other, in the order of bindings. */
function sameSubquery(left: SubqueryExpression, right: SubqueryExpression): boolean {
  if (left.bindings.length !== right.bindings.length || left.left.length !== right.left.length) return false;
  const slots = new Map(left.bindings.map(({ slot }, at) => [slot, right.bindings[at].slot]));
  return sameData(left.plan, right.plan, slots) && sameData(left.comparison, right.comparison, slots);
}

/** Fields that say where something was written. */
const PLACES = new Set(['position']);

/** Plans and expressions are plain data over shared definitions (functions, tables, types), which are equal as they are. */
function sameData(left: unknown, right: unknown, slots: Map<number, number>): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, at) => sameData(item, right[at], slots))
    );
  }
  const prototype = Object.getPrototypeOf(left);
  if (prototype !== Object.prototype || Object.getPrototypeOf(right) !== prototype) return false;
  const before = left as Readonly<Record<string, unknown>>;
  const after = right as Readonly<Record<string, unknown>>;
  if (before.kind === 'constant' && after.kind === 'constant') {
    return sameExpression(left as Expression, right as Expression);
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of names) {
    if (PLACES.has(name)) continue;
    if (name === 'slot') {
      if (!sameSlot(before.slot as number, after.slot as number, slots)) return false;
    } else if (!sameData(before[name], after[name], slots)) return false;
  }
  return true;
}

/** Slots inside are numbered as they come: the first meeting pairs them. */
function sameSlot(left: number, right: number, slots: Map<number, number>): boolean {
  const known = slots.get(left);
  if (known === undefined) slots.set(left, right);
  return (known ?? right) === right;
}
