import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { isImplicitlyCoercible } from '../../functions/coercion.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { resolveOperator } from '../../functions/resolve-overload.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { ConstantList, Expression } from '../expression/expression.ts';
import type { InSyntax, LiteralListSyntax, LiteralSyntax } from '../syntax/expression-ast.ts';
import { literalsOf } from '../syntax/literal-list.ts';
import { readsColumns } from './aggregate-collector.ts';
import { bindOperand } from './bind-expression.ts';
import { bindLiteral } from './bind-literal.ts';
import { operatorError } from './bind-operator.ts';
import { coerce, type Operand } from './coerce.ts';
import { tryCommonType } from './common-type.ts';
import { KeyedConstants, NumberConstants, TextConstants } from './constant-set.ts';
import type { ExpressionContext } from './expression-context.ts';
import { isTimeColumn, readListNanoseconds } from './nanosecond-literal.ts';
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
  const { literals } = syntax;
  const constants = literals === undefined ? undefined : bindConstants(binding, argument, literals, syntax);
  if (constants !== undefined) return constants;
  const list = literals === undefined ? syntax.list : literalsOf(literals);
  const items = readListNanoseconds(
    binding,
    argument,
    list.map((item) => bindOperand(context, item)),
  );
  // Rows that are written out are compared item by item, each with its own operators.
  const isOfRows = isWrittenRow(argument) || items.some(isWrittenRow);
  const fixed = isOfRows ? [] : items.filter((item) => !readsColumns(item.expression));
  const common = fixed.length > 1 ? bindList(binding, argument, fixed, { position, isNegated }) : undefined;
  const rest = common === undefined ? items : items.filter((item) => readsColumns(item.expression));
  const tests: Expression[] = rest.map((item) =>
    compareOperands(binding, isNegated ? '<>' : '=', argument, item, position),
  );
  if (common !== undefined) tests.unshift(common);
  if (tests.length === 1) return tests[0];
  return { kind: isNegated ? 'and' : 'or', arguments: tests, type: boolType };
}

/** Types of which whole numbers are values as they are. */
const WHOLE_NUMBERS: ReadonlySet<string> = new Set(['int4', 'int8', 'float8']);

/**
 * A list of so many literals that no expression is made for each. What is special about some types, and about time columns,
 * is left to the long way round, and so is what is to be written out again: then undefined.
 */
function bindConstants(
  binding: StatementBinding,
  argument: Operand,
  literals: LiteralListSyntax,
  { position, isNegated }: { position: number; isNegated: boolean },
): Expression | undefined {
  if (binding.keepsForm || isWrittenRow(argument) || isTimeColumn(binding, argument)) return undefined;
  const equality = equalityOf([argument, ...kindsOf(literals)], { position, isNegated });
  if (equality === undefined) return undefined;
  const type: SqlType = { definition: equality.type, typmod: -1 };
  const constants = constantsOf(binding, literals, type.definition);
  if (constants === undefined) return undefined;
  const converted = coerce(binding, argument, type, 'implicit');
  invariant(converted !== undefined, 'a common type is one that all can become');
  return {
    kind: 'in-constants',
    argument: converted,
    constants,
    equals: equality.function,
    isNegated,
    type: boolType,
    position,
  };
}

/** An operand of each type that is among the literals, in the order in which these come. */
function kindsOf(literals: LiteralListSyntax): Operand[] {
  const operandOf = (syntax: LiteralSyntax): Operand => ({ expression: bindLiteral(syntax), syntax });
  const [first] = literals.positions;
  if (literals.kind === 'texts') {
    return [operandOf({ kind: 'literal', type: 'string', value: literals.texts[0], position: first })];
  }
  const { numbers } = literals;
  const isInt4 = (value: number): boolean => (value | 0) === value;
  const other = numbers.findIndex((value) => isInt4(value) !== isInt4(numbers[0]));
  return [0, ...(other < 0 ? [] : [other])].map((at) =>
    operandOf({ kind: 'literal', type: 'integer', value: String(numbers[at]), position: literals.positions[at] }),
  );
}

/** The literals as values of a type; undefined for types that are read one by one. Throws what the type's input does. */
function constantsOf(
  binding: StatementBinding,
  literals: LiteralListSyntax,
  definition: TypeDefinition,
): ConstantList | undefined {
  if (literals.kind === 'numbers') {
    return WHOLE_NUMBERS.has(definition.name) ? new NumberConstants(literals.numbers, literals.slots) : undefined;
  }
  const { texts, positions, slots } = literals;
  // What moves (today), what names other things (regclass), and what a modifier may change.
  if ('DPRC'.includes(definition.category) || definition.name.startsWith('reg') || definition.name === 'interval') {
    return undefined;
  }
  if (definition.name === 'text' || definition.name === 'varchar') return new TextConstants(texts, slots);
  const values = texts.map((text, at) => {
    try {
      return definition.parse(text, binding.context.typeContext, -1);
    } catch (error) {
      throw error instanceof SqlError ? error.at(positions[at]) : error;
    }
  });
  const isPlainText = definition.representation === 'text' && definition.hasLooseEquality !== true;
  return isPlainText ? new TextConstants(values as string[]) : new KeyedConstants(values, definition);
}

/** undefined when the items have no type in common: then each is compared by itself, and the first misfit reported. */
function bindList(
  binding: StatementBinding,
  argument: Operand,
  items: readonly Operand[],
  { position, isNegated }: { position: number; isNegated: boolean },
): Expression | undefined {
  const equality = equalityOf([argument, ...items], { position, isNegated });
  if (equality === undefined) return undefined;
  const type: SqlType = { definition: equality.type, typmod: -1 };
  const common: SqlType = { definition: equality.common, typmod: -1 };
  const convert = ({ expression, syntax }: Operand): Expression => {
    const converted = coerce(binding, { expression, syntax }, type, 'implicit');
    invariant(converted !== undefined, 'a common type is one that all can become');
    return converted;
  };
  // The list is an array, and read before what it is compared with. A parameter in it becomes what the values have in
  // common, be that compared as another type; one before it becomes what the operator takes.
  const list = items.map(({ expression, syntax }) => {
    const item =
      expression.kind === 'parameter' ? coerce(binding, { expression, syntax }, common, 'implicit') : expression;
    invariant(item !== undefined, 'a common type is one that all can become');
    return convert({ expression: item, syntax });
  });
  return {
    kind: 'in-list',
    argument: convert(argument),
    list,
    equals: equality.function,
    isNegated,
    type: boolType,
    position,
  };
}

/** How the operands are compared, all as values of one type; undefined when they have no type in common. */
function equalityOf(
  operands: readonly Operand[],
  { position, isNegated }: { position: number; isNegated: boolean },
): { readonly function: ScalarFunction; readonly type: TypeDefinition; readonly common: TypeDefinition } | undefined {
  const common = tryCommonType(operands);
  // A list is an array to PostgreSQL, and there are no arrays of arrays.
  if (common === undefined || elementTypeOf(common.definition) !== undefined) return undefined;
  const isMisfit = ({ expression: { type } }: Operand): boolean =>
    type.definition !== common.definition && !isImplicitlyCoercible(type.definition, common.definition);
  if (operands.some(isMisfit)) return undefined;
  const equality = resolveOperator('=', common.definition, common.definition);
  if (equality === 'none' || equality === 'ambiguous') {
    throw operatorError(equality, isNegated ? '<>' : '=', common.definition, common.definition, position);
  }
  invariant(equality.function.kind === 'scalar', 'operators are scalar functions');
  return { function: equality.function, type: equality.argumentTypes[0], common: common.definition };
}
