import type { SyntaxExpression } from '../syntax/ast.ts';

/** What PostgreSQL calls a column that has no name of its own. */
const NAMELESS = '?column?';

/** A name that an expression suggests; a weak one gives way to what surrounds it. */
interface Suggestion {
  readonly name: string;
  readonly isWeak: boolean;
}

/** The name of a result column without an alias: the column's, the function's, the cast's type … */
export function resultName(syntax: SyntaxExpression): string {
  return suggest(syntax)?.name ?? NAMELESS;
}

function suggest(syntax: SyntaxExpression): Suggestion | undefined {
  // What is inside the casts speaks first; when it has nothing to say, the outermost type does.
  let outermostType: string | undefined;
  let part = syntax;
  while (part.kind === 'cast' || part.kind === 'collate') {
    if (part.kind === 'cast') outermostType ??= part.type.name;
    part = part.argument;
  }
  const inner = suggestPlain(part);
  if (inner !== undefined && !inner.isWeak) return inner;
  return outermostType === undefined ? inner : { name: outermostType, isWeak: true };
}

function suggestPlain(syntax: SyntaxExpression): Suggestion | undefined {
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
      return { name: syntax.kind, isWeak: false };
    case 'case': {
      const inner = syntax.otherwise === undefined ? undefined : suggest(syntax.otherwise);
      return inner === undefined || inner.isWeak ? { name: 'case', isWeak: true } : inner;
    }
    default:
      return undefined;
  }
}
