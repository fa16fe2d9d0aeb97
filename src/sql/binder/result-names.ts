import type { SyntaxExpression } from '../syntax/expression-ast.ts';

/** What PostgreSQL calls a column that has no name of its own. */
const NAMELESS = '?column?';

/** A name that an expression suggests; a weak one gives way to what surrounds it. */
interface Suggestion {
  readonly name: string;
  readonly isWeak: boolean;
}

/** The name of a result column without an alias: the column's, the function's, the cast's type … */
export function resultName(syntax: SyntaxExpression, nameOfSubquery: NameOfSubquery = () => undefined): string {
  return suggest(syntax, nameOfSubquery)?.name ?? NAMELESS;
}

/** What the column of a scalar subquery is called. */
type NameOfSubquery = (subquery: SyntaxExpression) => string | undefined;

function suggest(syntax: SyntaxExpression, nameOfSubquery: NameOfSubquery): Suggestion | undefined {
  // What is inside the casts speaks first; when it has nothing to say, the outermost type does.
  let outermostType: string | undefined;
  let part = syntax;
  while (part.kind === 'cast' || part.kind === 'collate') {
    if (part.kind === 'cast') outermostType ??= part.type.name;
    part = part.argument;
  }
  const inner = suggestPlain(part, nameOfSubquery);
  if (inner !== undefined && !inner.isWeak) return inner;
  return outermostType === undefined ? inner : { name: outermostType, isWeak: true };
}

function suggestPlain(syntax: SyntaxExpression, nameOfSubquery: NameOfSubquery): Suggestion | undefined {
  switch (syntax.kind) {
    case 'column':
    case 'call':
    case 'keyword-value':
      return { name: syntax.name, isWeak: false };
    case 'coalesce':
    case 'nullif':
    case 'greatest':
    case 'least':
    case 'array':
    case 'row':
    case 'grouping':
      return { name: syntax.kind, isWeak: false };
    case 'star': {
      const relation = syntax.qualifier.at(-1);
      return relation === undefined ? undefined : { name: relation, isWeak: false };
    }
    case 'indirection': {
      const field = syntax.steps.findLast((step) => step.kind === 'field');
      return field === undefined ? suggest(syntax.argument, nameOfSubquery) : { name: field.name, isWeak: false };
    }
    case 'subquery': {
      if (syntax.form !== 'scalar') return { name: syntax.form, isWeak: false };
      const name = nameOfSubquery(syntax);
      return name === undefined ? undefined : { name, isWeak: false };
    }
    case 'case': {
      const inner = syntax.otherwise === undefined ? undefined : suggest(syntax.otherwise, nameOfSubquery);
      return inner === undefined || inner.isWeak ? { name: 'case', isWeak: true } : inner;
    }
    default:
      return undefined;
  }
}
