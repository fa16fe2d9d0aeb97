import { typeByName } from '../../types/type-registry.ts';
import type { CastSyntax, FunctionCallSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';

/** Casts to the type that their argument has already: nothing is done, and nothing stands there. */
const vanishedCasts = new WeakSet<SyntaxExpression>();

/** To be told of each cast when it is bound: a text may be bound again when its columns have other types. */
export function noteCast(syntax: CastSyntax, { isNeeded }: { readonly isNeeded: boolean }): void {
  if (isNeeded) vanishedCasts.delete(syntax);
  else vanishedCasts.add(syntax);
}

/**
 * Where an expression starts, as messages about a whole expression point at it: the leftmost of the positions along
 * its left edge. A loop, since chains of operators lean left and get long.
 */
export function startOf(syntax: SyntaxExpression | undefined): number {
  let start = 0;
  for (let part = syntax; part !== undefined; part = leftPartOf(part)) {
    if (isTypedLiteral(part) || vanishedCasts.has(part)) continue;
    if (part.position > 0 && (start === 0 || part.position < start)) start = part.position;
  }
  return start;
}

/** Where its text starts, be it that of a typed literal: what sorts and groups is pointed at as it was written. */
export function writtenStartOf(syntax: SyntaxExpression | undefined): number {
  let start = 0;
  for (let part = syntax; part !== undefined; part = leftPartOf(part)) {
    if (part.position > 0 && (start === 0 || part.position < start)) start = part.position;
  }
  return start;
}

/** `date '2024-01-01'`, `CAST('1' AS int)`: a constant, which stands where its text does. */
function isTypedLiteral(syntax: SyntaxExpression): boolean {
  if (syntax.kind === 'call') return typedLiteralOf(syntax) !== undefined;
  if (syntax.kind !== 'cast' || syntax.argument.kind !== 'literal') return false;
  return syntax.argument.type === 'string' || syntax.argument.type === 'null';
}

/** The literal of `float8('1')`, which is a cast. */
function typedLiteralOf(syntax: FunctionCallSyntax): SyntaxExpression | undefined {
  const [argument, ...more] = syntax.arguments;
  const isLiteral = argument?.kind === 'literal' && (argument.type === 'string' || argument.type === 'null');
  return isLiteral && more.length === 0 && typeByName(syntax.name) !== undefined ? argument : undefined;
}

function leftPartOf(syntax: SyntaxExpression): SyntaxExpression | undefined {
  switch (syntax.kind) {
    case 'call':
      return typedLiteralOf(syntax);
    case 'operator':
      // Rows are compared item by item: there is no row then.
      return syntax.left?.kind === 'row' && syntax.right.kind === 'row' ? syntax.left.elements[0] : syntax.left;
    case 'quantified':
    case 'distinct-test':
      return syntax.left;
    case 'subquery-comparison':
      return syntax.left[0];
    case 'cast':
    case 'null-test':
    case 'boolean-test':
    case 'in':
    case 'between':
    case 'like':
    case 'collate':
    case 'indirection':
      return syntax.argument;
    case 'and':
    case 'or':
      return syntax.arguments[0];
    default:
      return undefined;
  }
}
