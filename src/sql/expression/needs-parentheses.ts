import type { CallExpression, Expression } from './expression.ts';
import { operatorOf } from './operator-of.ts';

/**
 * Whether a part of an expression stands in parentheses when it is shown to people. PostgreSQL's rules (its "pretty" form):
 * it drops the parentheses of what looks like a call, of AND within OR, of `*` within `+`, and of what comes first of equal
 * rank; all other parts keep them.
 */
export function needsParentheses(part: Expression, whole: Expression): boolean {
  switch (part.kind) {
    case 'constant':
    case 'column':
    case 'parameter':
    case 'array':
    case 'coalesce':
    case 'greatest':
    case 'least':
    case 'nullif':
    case 'case':
      return false;
    case 'text-cast':
    case 'relabel':
      return needsParentheses(part.argument, part);
    case 'call': {
      if (!isOperator(part)) return false;
      return isOperator(whole) ? !bindsTighter(part, whole) : !enclosesTests(whole);
    }
    case 'null-test':
    case 'boolean-test':
      return !enclosesTests(whole);
    case 'distinct-test':
      return part.isNegated ? !takesLogic('not', whole) : !enclosesTests(whole);
    case 'and':
    case 'or':
    case 'not':
      return !takesLogic(part.kind, whole);
    default:
      return true;
  }
}

function isOperator(expression: Expression): expression is CallExpression {
  if (expression.kind !== 'call') return false;
  const { keyword, coercion, isInWords } = expression;
  if (keyword !== undefined || coercion !== undefined || isInWords === true) return false;
  return operatorOf(expression.function) !== undefined;
}

/** 2: `*`, 1: `+`, 0: any other operator. */
function rankOf({ function: method, arguments: operands }: CallExpression): number {
  const name = operatorOf(method)?.name ?? '';
  if (operands.length !== 2 || name.length !== 1) return 0;
  if ('*/%'.includes(name)) return 2;
  return '+-'.includes(name) ? 1 : 0;
}

function bindsTighter(part: CallExpression, whole: CallExpression): boolean {
  const [rank, wholeRank] = [rankOf(part), rankOf(whole)];
  if (rank === 0 || wholeRank === 0) return false;
  return rank > wholeRank || (rank === wholeRank && whole.arguments[0] === part);
}

/** What binds less than any test, or has brackets of its own. */
function enclosesTests(whole: Expression): boolean {
  return isLogic(whole) || hasBrackets(whole);
}

function isLogic({ kind }: Expression): boolean {
  return kind === 'and' || kind === 'or' || kind === 'not';
}

function takesLogic(kind: 'and' | 'or' | 'not', whole: Expression): boolean {
  if (isLogic(whole)) return whole.kind === 'or' || (whole.kind === 'and' && kind !== 'or');
  return hasBrackets(whole);
}

function hasBrackets(whole: Expression): boolean {
  switch (whole.kind) {
    case 'array':
    case 'coalesce':
    case 'greatest':
    case 'least':
    case 'nullif':
    case 'case':
      return true;
    case 'call':
      return whole.coercion === undefined && whole.isInWords !== true && !isOperator(whole);
    default:
      return false;
  }
}
