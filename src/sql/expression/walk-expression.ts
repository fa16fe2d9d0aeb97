import { unreachable } from '../../errors/invariant.ts';
import type { Expression } from './expression.ts';

/** The expressions that `expression` is made of, one level down, in order of evaluation. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'constant':
    case 'column':
    case 'parameter':
    case 'correlated':
      return [];
    case 'subquery':
      return [...expression.left, ...expression.bindings.map((binding) => binding.value)];
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
    case 'least':
      return expression.arguments;
    case 'text-cast':
    case 'relabel':
    case 'not':
    case 'null-test':
    case 'boolean-test':
    case 'in-constants':
      return [expression.argument];
    case 'distinct-test':
      return [expression.left, expression.right];
    case 'nullif':
      return [expression.left, expression.right, expression.result];
    case 'case': {
      const children = expression.branches.flatMap((branch) => [branch.when, branch.then]);
      return expression.otherwise === undefined ? children : [...children, expression.otherwise];
    }
    case 'in-list':
      return [expression.argument, ...expression.list];
    case 'array-comparison':
      return [expression.left, expression.array];
    case 'array':
      return expression.elements;
    case 'row':
      return expression.presence === undefined ? expression.elements : [expression.presence, ...expression.elements];
    case 'field':
      return [expression.argument];
    case 'subscript':
      return [expression.argument, ...expression.bounds];
    default:
      return unreachable(expression);
  }
}

/** The same expression over other children, given in the order of `childrenOf`. */
export function withChildren(expression: Expression, children: readonly Expression[]): Expression {
  switch (expression.kind) {
    case 'constant':
    case 'column':
    case 'parameter':
    case 'correlated':
      return expression;
    case 'subquery': {
      const { left, bindings } = expression;
      return {
        ...expression,
        left: children.slice(0, left.length),
        bindings: bindings.map(({ slot }, at) => ({ slot, value: children[left.length + at] })),
      };
    }
    case 'call':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
    case 'least':
      return { ...expression, arguments: children };
    case 'text-cast':
    case 'relabel':
    case 'not':
    case 'null-test':
    case 'boolean-test':
    case 'in-constants':
      return { ...expression, argument: children[0] };
    case 'distinct-test':
      return { ...expression, left: children[0], right: children[1] };
    case 'nullif':
      return { ...expression, left: children[0], right: children[1], result: children[2] };
    case 'case': {
      const branches = expression.branches.map((_, at) => ({ when: children[2 * at], then: children[2 * at + 1] }));
      return { ...expression, branches, otherwise: children[2 * branches.length] };
    }
    case 'in-list':
      return { ...expression, argument: children[0], list: children.slice(1) };
    case 'array-comparison':
      return { ...expression, left: children[0], array: children[1] };
    case 'array':
      return { ...expression, elements: children };
    case 'row':
      return expression.presence === undefined
        ? { ...expression, elements: children }
        : { ...expression, presence: children[0], elements: children.slice(1) };
    case 'field':
      return { ...expression, argument: children[0] };
    case 'subscript':
      return { ...expression, argument: children[0], bounds: children.slice(1) };
    default:
      return unreachable(expression);
  }
}

/** Changes the children alone. */
export function mapChildren(expression: Expression, change: (child: Expression) => Expression): Expression {
  const children = childrenOf(expression);
  const changed = children.map(change);
  return changed.every((child, at) => child === children[at]) ? expression : withChildren(expression, changed);
}

/** Rebuilds bottom-up; `change` sees each expression with its children already changed. */
export function mapExpression(expression: Expression, change: (expression: Expression) => Expression): Expression {
  const children = childrenOf(expression);
  const changed = children.map((child) => mapExpression(child, change));
  const isSame = changed.every((child, at) => child === children[at]);
  return change(isSame ? expression : withChildren(expression, changed));
}

export function someExpression(expression: Expression, test: (expression: Expression) => boolean): boolean {
  return test(expression) || childrenOf(expression).some((child) => someExpression(child, test));
}

/** Whether evaluating it may have to wait for a query. */
export function hasSubquery(expression: Expression): boolean {
  return someExpression(expression, (part) => part.kind === 'subquery');
}

/** Renumbers column references: `indexOf[old]` is the new index. */
export function remapColumns(expression: Expression, indexOf: (index: number) => number): Expression {
  return mapExpression(expression, (part) => (part.kind === 'column' ? { ...part, index: indexOf(part.index) } : part));
}

/** The input columns that are read, in ascending order. */
export function columnsUsed(...expressions: readonly Expression[]): number[] {
  const used = new Set<number>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'column') used.add(expression.index);
    for (const child of childrenOf(expression)) visit(child);
  };
  for (const expression of expressions) visit(expression);
  return [...used].sort((a, b) => a - b);
}
