import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { Expression } from '../expression/expression.ts';
import { someExpression } from '../expression/walk-expression.ts';
import { applyOperator, matchOperator } from './bind-operator.ts';
import type { Operand } from './coerce.ts';
import { FIRST_SET_CALL } from './stand-in-columns.ts';
import type { StatementBinding } from './statement-binding.ts';
import { boolType } from './well-known-types.ts';

/** Operators that order, and what decides between all but the last items of two rows. */
const STRICT: Readonly<Record<string, string>> = { '<': '<', '<=': '<', '>': '>', '>=': '>' };

/**
 * `left op right`. Two rows that are written out are compared item by item: each pair finds its own operator, and
 * literals take the type of what stands on the other side.
 */
export function compareOperands(
  binding: StatementBinding,
  name: string,
  left: Operand,
  right: Operand,
  position: number,
): Expression {
  const leftItems = rowItems(left);
  const rightItems = rowItems(right);
  if (leftItems === undefined || rightItems === undefined) return applyOperator(binding, name, left, right, position);
  return compareItems(binding, name, leftItems, rightItems, position);
}

/** The items of a row that is written out. */
function rowItems({ expression, syntax }: Operand): readonly Operand[] | undefined {
  if (syntax?.kind !== 'row' || expression.kind !== 'row') return undefined;
  const { elements } = syntax;
  // ROW(t.*) has more items than the text.
  const isAligned = elements.length === expression.elements.length;
  return expression.elements.map((item, at) => ({ expression: item, syntax: isAligned ? elements[at] : undefined }));
}

/** Equal when all items are, unequal when one is, ordered by the first that differ. Throws 42601 and 0A000. */
export function compareItems(
  binding: StatementBinding,
  name: string,
  left: readonly Operand[],
  right: readonly Operand[],
  position: number,
): Expression {
  checkLengths(left, right, position);
  if (left.length === 0) {
    throw new SqlError(SqlState.FeatureNotSupported, 'cannot compare rows of zero length', { position });
  }
  const compare = (operator: string, at: number): Expression => {
    const comparison = applyOperator(binding, operator, left[at], right[at], position);
    if (comparison.type.definition === boolType.definition) return comparison;
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `row comparison operator must yield type boolean, not type ${comparison.type.definition.sqlName}`,
      { position },
    );
  };
  if (left.length === 1) return compare(name, 0);
  if (name === '=' || name === '<>') {
    const items = left.map((_, at) => compare(name, at));
    return { kind: name === '=' ? 'and' : 'or', arguments: items, type: boolType };
  }
  // The first pair that has no such operator is reported, whatever decides between two rows.
  const last = left.map((_, at) => compare(name, at)).at(-1) as Expression;
  const strict = STRICT[name];
  if (strict === undefined) {
    throw new SqlError(
      SqlState.FeatureNotSupported,
      `could not determine interpretation of row comparison operator ${name}`,
      { position, hint: 'Row comparison operators must be associated with btree operator families.' },
    );
  }
  const items = left.map((_, at) => ofRows(compare(at === left.length - 1 ? name : strict, at)));
  if (!binding.keepsForm && [...left, ...right].some(({ expression }) => someExpression(expression, isComputed))) {
    return untilNull(items, (at) => ofRows(compare('=', at)));
  }
  let comparison = last;
  for (let at = left.length - 2; at >= 0; at--) {
    const rest: Expression = { kind: 'and', arguments: [compare('=', at), comparison], type: boolType };
    comparison = { kind: 'or', arguments: [compare(strict, at), rest], type: boolType };
  }
  return comparison;
}

function ofRows(comparison: Expression): Expression {
  return comparison.kind === 'call' ? { ...comparison, isOfRows: true } : comparison;
}

/** Also an aggregate or a window function's call, for which a column stands. */
function isComputed(part: Expression): boolean {
  return part.kind === 'column' ? part.index >= FIRST_SET_CALL : !GIVEN.has(part.kind);
}

const GIVEN: ReadonlySet<Expression['kind']> = new Set(['constant', 'parameter', 'correlated', 'relabel']);

/** Where an item may fail it counts which ones are calculated: at the first pair with a NULL the comparison is over. */
function untilNull(items: readonly Expression[], equal: (at: number) => Expression): Expression {
  let comparison = items[items.length - 1];
  for (let at = items.length - 2; at >= 0; at--) {
    const isNull: Expression = { kind: 'null-test', argument: items[at], isNegated: false, type: boolType };
    comparison = {
      kind: 'case',
      branches: [
        { when: isNull, then: { kind: 'constant', value: null, type: boolType } },
        { when: items[at], then: { kind: 'constant', value: true, type: boolType } },
        { when: equal(at), then: comparison },
      ],
      otherwise: { kind: 'constant', value: false, type: boolType },
      type: boolType,
    };
  }
  return comparison;
}

function checkLengths(left: readonly Operand[], right: readonly Operand[], position: number): void {
  if (left.length === right.length) return;
  throw new SqlError(SqlState.SyntaxError, 'unequal number of entries in row expressions', { position });
}

/** IS [NOT] DISTINCT FROM; of two rows that are written out, item by item. */
export function distinctTest(
  binding: StatementBinding,
  left: Operand,
  right: Operand,
  { isNegated, position }: { readonly isNegated: boolean; readonly position: number },
): Expression {
  const leftItems = rowItems(left);
  const rightItems = rowItems(right);
  if (leftItems === undefined || rightItems === undefined) {
    const equality = matchOperator(binding, '=', left, right, position);
    return {
      kind: 'distinct-test',
      equals: equality.function,
      left: equality.left ?? left.expression,
      right: equality.right,
      isNegated,
      type: boolType,
    };
  }
  checkLengths(leftItems, rightItems, position);
  if (leftItems.length === 0) return { kind: 'constant', value: isNegated, type: boolType };
  const tests = leftItems.map((item, at) => distinctTest(binding, item, rightItems[at], { isNegated, position }));
  return tests.length === 1 ? tests[0] : { kind: isNegated ? 'and' : 'or', arguments: tests, type: boolType };
}

/** Whether an operand is a row that is written out. */
export function isWrittenRow({ syntax }: Operand): boolean {
  return syntax?.kind === 'row';
}
