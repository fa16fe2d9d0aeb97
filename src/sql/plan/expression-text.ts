import { unreachable } from '../../errors/invariant.ts';
import { findCast } from '../../functions/cast-registry.ts';
import { formatType } from '../../types/format-type.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { CallExpression, CaseExpression, Expression, SubqueryExpression } from '../expression/expression.ts';
import { operatorOf } from '../expression/operator-of.ts';
import { fieldName, subscriptsText } from '../expression/subscripts-text.ts';

/** Lists longer than this are cut short: nobody reads a million items. */
const MAX_LISTED = 20;

/** What stands for subqueries and for the values that they get from around them. */
export interface SubplanTexts {
  slotText(slot: number): string;
  subqueryText(subquery: SubqueryExpression, columns: readonly string[]): string;
}

const withoutSubplans: SubplanTexts = {
  slotText: (slot) => `$${slot}`,
  subqueryText: () => '(SubPlan)',
};

/**
 * An expression as SQL, much as PostgreSQL prints it; for EXPLAIN only. `columns[i]` is the text of column i.
 * Compound expressions are parenthesized.
 */
export function expressionText(
  expression: Expression,
  columns: readonly string[],
  subplans: SubplanTexts = withoutSubplans,
): string {
  const text = (part: Expression): string => expressionText(part, columns, subplans);
  const list = (parts: readonly Expression[]): string => {
    const shown = parts.slice(0, MAX_LISTED).map(text);
    if (parts.length > MAX_LISTED) shown.push(`… ${parts.length - MAX_LISTED} more`);
    return shown.join(', ');
  };
  switch (expression.kind) {
    case 'constant':
      return constantText(expression.value, expression.type);
    case 'column':
      return columns[expression.index] ?? `column ${expression.index + 1}`;
    case 'parameter':
      return `$${expression.index + 1}`;
    case 'correlated':
      return subplans.slotText(expression.slot);
    case 'subquery':
      return subplans.subqueryText(expression, columns);
    case 'call':
      return callText(expression, text, list);
    case 'text-cast':
    case 'relabel':
      return `(${text(expression.argument)})::${formatType(expression.type)}`;
    case 'and':
    case 'or':
      return `(${expression.arguments.map(text).join(expression.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${text(expression.argument)})`;
    case 'null-test':
      return `(${text(expression.argument)} IS ${expression.isNegated ? 'NOT ' : ''}NULL)`;
    case 'boolean-test':
      return `(${text(expression.argument)} IS ${expression.isNegated ? 'NOT ' : ''}${expression.test.toUpperCase()})`;
    case 'distinct-test': {
      const negation = expression.isNegated ? 'NOT ' : '';
      return `(${text(expression.left)} IS ${negation}DISTINCT FROM ${text(expression.right)})`;
    }
    case 'case':
      return caseText(expression, text);
    case 'coalesce':
    case 'greatest':
    case 'least':
      return `${expression.kind.toUpperCase()}(${list(expression.arguments)})`;
    case 'nullif':
      return `NULLIF(${text(expression.left)}, ${text(expression.right)})`;
    case 'in-list':
      return `(${text(expression.argument)} ${expression.isNegated ? 'NOT IN' : 'IN'} (${list(expression.list)}))`;
    case 'in-constants': {
      const { constants, argument, isNegated } = expression;
      const items = Array.from({ length: constants.length }, (_, at) => constantText(constants.at(at), argument.type));
      return `(${text(argument)} ${isNegated ? 'NOT IN' : 'IN'} (${items.join(', ')}))`;
    }
    case 'array-comparison': {
      const operator = operatorOf(expression.operator)?.name ?? expression.operator.name;
      const quantifier = expression.isAll ? 'ALL' : 'ANY';
      return `(${text(expression.left)} ${operator} ${quantifier} (${text(expression.array)}))`;
    }
    case 'row':
      return `ROW(${list(expression.elements)})`;
    case 'field':
      return `(${text(expression.argument)}).${fieldName(expression)}`;
    case 'subscript':
      return `(${text(expression.argument)})${subscriptsText(expression, text)}`;
    case 'array':
      return `ARRAY[${list(expression.elements)}]`;
    default:
      return unreachable(expression);
  }
}

type TextOf = (part: Expression) => string;

function callText(call: CallExpression, text: TextOf, list: (parts: readonly Expression[]) => string): string {
  const [first, second] = call.arguments;
  const operator = operatorOf(call.function);
  if (operator !== undefined && first !== undefined) {
    return second === undefined
      ? `(${operator.name} ${text(first)})`
      : `(${text(first)} ${operator.name} ${text(second)})`;
  }
  if (first !== undefined && isCast(call)) {
    // A cast to a length is two steps, of which the type alone is the first.
    const isStep = first.kind === 'call' && isCast(first) && first.type.definition === call.type.definition;
    return `(${text(isStep ? first.arguments[0] : first)})::${formatType(call.type)}`;
  }
  return `${quoteIdentifier(call.function.name)}(${list(call.arguments)})`;
}

/** A conversion between types, or of a type to a length of its own. */
function isCast(call: CallExpression): boolean {
  const source = call.arguments[0]?.type.definition;
  if (source === undefined) return false;
  if (call.arguments.length === 1) return findCast(source, call.type.definition)?.method === call.function;
  return call.arguments.length === 3 && call.type.typmod >= 0 && source === call.type.definition;
}

function caseText(expression: CaseExpression, text: TextOf): string {
  const branches = expression.branches.map(({ when, then }) => `WHEN ${text(when)} THEN ${text(then)}`);
  const otherwise = expression.otherwise === undefined ? [] : [`ELSE ${text(expression.otherwise)}`];
  return `CASE ${[...branches, ...otherwise].join(' ')} END`;
}

function constantText(value: Value, type: SqlType): string {
  const { definition } = type;
  if (value === null) return `NULL::${formatType(type)}`;
  if (definition.name === 'bool') return value === true ? 'true' : 'false';
  const text = definition.format(value, neutralContext);
  // Integers and decimals are literals by themselves, if they are finite and not negative.
  if ((definition.name === 'int4' || definition.name === 'numeric') && /^[\d.]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "''")}'::${formatType(type)}`;
}

/** A name as SQL would have to write it. */
export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
