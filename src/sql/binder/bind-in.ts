import { invariant } from '../../errors/invariant.ts';
import { resolveOperator } from '../../functions/resolve-overload.ts';
import type { SqlType } from '../../types/type-definition.ts';
import type { Expression } from '../expression/expression.ts';
import type { InSyntax } from '../syntax/ast.ts';
import { readsColumns } from './aggregate-collector.ts';
import { bindOperand } from './bind-expression.ts';
import { operatorError } from './bind-operator.ts';
import { coerce, type Operand } from './coerce.ts';
import { tryCommonType } from './common-type.ts';
import type { ExpressionContext } from './expression-context.ts';
import { readListNanoseconds } from './nanosecond-literal.ts';
import { compareOperands, isWrittenRow } from './row-comparison.ts';
import type { StatementBinding } from './statement-binding.ts';
import { boolType } from './well-known-types.ts';

/**
 * `x IN (…)`. Items that read no column make one list of one type, looked up in a set when there are many; what is left
 * is compared one by one. PostgreSQL divides them the same way, which shows in how types are matched.
 */
export function bindIn(context: ExpressionContext, syntax: InSyntax): Expression {
  const { binding } = context;
  const { position, isNegated } = syntax;
  const argument = bindOperand(context, syntax.argument);
  const items = readListNanoseconds(
    binding,
    argument,
    syntax.list.map((item) => bindOperand(context, item)),
  );
  // Rows that are written out are compared item by item, each with its own operators.
  const isOfRows = isWrittenRow(argument) || items.some(isWrittenRow);
  const fixed = isOfRows ? [] : items.filter((item) => !readsColumns(item.expression));
  const list = fixed.length > 1 ? bindList(binding, argument, fixed, { position, isNegated }) : undefined;
  const rest = list === undefined ? items : items.filter((item) => readsColumns(item.expression));
  const tests: Expression[] = rest.map((item) =>
    compareOperands(binding, isNegated ? '<>' : '=', argument, item, position),
  );
  if (list !== undefined) tests.unshift(list);
  if (tests.length === 1) return tests[0];
  return { kind: isNegated ? 'and' : 'or', arguments: tests, type: boolType };
}

/** undefined when the items have no type in common: then each is compared by itself, and the first misfit reported. */
function bindList(
  binding: StatementBinding,
  argument: Operand,
  items: readonly Operand[],
  { position, isNegated }: { position: number; isNegated: boolean },
): Expression | undefined {
  const common = tryCommonType([argument, ...items]);
  if (common === undefined) return undefined;
  const equality = resolveOperator('=', common.definition, common.definition);
  if (equality === 'none' || equality === 'ambiguous') {
    throw operatorError(equality, isNegated ? '<>' : '=', common.definition, common.definition, position);
  }
  invariant(equality.function.kind === 'scalar', 'operators are scalar functions');
  const type: SqlType = { definition: equality.argumentTypes[0], typmod: -1 };
  const convert = (operand: Operand): Expression => {
    const converted = coerce(binding, operand, type, 'implicit');
    invariant(converted !== undefined, 'a common type is one that all can become');
    return converted;
  };
  return {
    kind: 'in-list',
    argument: convert(argument),
    list: items.map(convert),
    equals: equality.function,
    isNegated,
    type: boolType,
    position,
  };
}
