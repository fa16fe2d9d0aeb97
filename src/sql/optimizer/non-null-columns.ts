import type { Expression } from '../expression/expression.ts';

/** Columns that are not NULL wherever `condition` is true: with a NULL in them it would be false or unknown. */
export function nonNullColumns(condition: Expression): ReadonlySet<number> {
  switch (condition.kind) {
    case 'and':
      return union(condition.arguments.map(nonNullColumns));
    case 'or':
      return condition.arguments.map(nonNullColumns).reduce(intersection);
    case 'null-test':
      return condition.isNegated && condition.argument.type.definition.category !== 'P'
        ? strictColumns(condition.argument)
        : NONE;
    case 'boolean-test':
      return condition.test !== 'unknown' && !condition.isNegated ? strictColumns(condition.argument) : NONE;
    default:
      return strictColumns(condition);
  }
}

const NONE: ReadonlySet<number> = new Set();

/** Columns that make the expression NULL when they are NULL. */
function strictColumns(expression: Expression): ReadonlySet<number> {
  switch (expression.kind) {
    case 'column':
      return new Set([expression.index]);
    case 'call':
      return expression.function.handlesNull === true ? NONE : union(expression.arguments.map(strictColumns));
    case 'relabel':
    case 'text-cast':
    case 'not':
      return strictColumns(expression.argument);
    case 'in-list':
    case 'in-constants':
      return strictColumns(expression.argument);
    default:
      return NONE;
  }
}

function union(sets: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  return new Set(sets.flatMap((set) => [...set]));
}

function intersection(left: ReadonlySet<number>, right: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...left].filter((column) => right.has(column)));
}
