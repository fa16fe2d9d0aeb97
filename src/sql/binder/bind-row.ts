import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { recordTypeOver } from '../../types/record-type.ts';
import type { SqlType } from '../../types/type-definition.ts';
import { elementTypeOf, sqlType, typeByName } from '../../types/type-registry.ts';
import type { Expression, SliceShape } from '../expression/expression.ts';
import type { IndirectionStep, IndirectionSyntax, RowSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import { bindOperand } from './bind-expression.ts';
import { callFunction } from './bind-function-call.ts';
import { coerce, type Operand } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { bindFunctionalNotation } from './functional-notation.ts';
import { nameSubscript } from './name-subscript.ts';
import { expandStar } from './select-list.ts';
import { int4Type, isUnknown, textType } from './well-known-types.ts';

const MAX_ROW_ENTRIES = 1664;

/** ROW(…): columns f1, f2 … of the types that the items have; literals keep theirs open. */
export function bindRow(context: ExpressionContext, syntax: RowSyntax): Expression {
  const elements = syntax.elements.flatMap((element): readonly Expression[] =>
    element.kind === 'star' || isStarOfRow(element)
      ? expandStar(context, element).map((item) => item.expression)
      : [bindOperand(context, element).expression],
  );
  if (elements.length > MAX_ROW_ENTRIES) {
    throw new SqlError(SqlState.TooManyColumns, `ROW expressions can have at most ${MAX_ROW_ENTRIES} entries`, {
      position: syntax.position,
    });
  }
  const fields = elements.map(({ type }, at) => ({ name: `f${at + 1}`, type }));
  return { kind: 'row', elements, type: sqlType(recordTypeOver(fields)) };
}

/** `(row).*` */
export function isStarOfRow(syntax: SyntaxExpression): syntax is IndirectionSyntax {
  return syntax.kind === 'indirection' && syntax.steps.at(-1)?.kind === 'star';
}

/** Subscripts, slices and fields behind an expression. */
export function bindIndirection(context: ExpressionContext, syntax: IndirectionSyntax): Expression {
  const operand = bindOperand(context, syntax.argument);
  return applySteps(context, operand, syntax.steps, syntax.position);
}

/** The columns of `(row).*`. Throws 42809 for what is no row, 42703 for a row whose columns nobody knows. */
export function bindRowStar(
  context: ExpressionContext,
  syntax: IndirectionSyntax,
): readonly { readonly name: string; readonly expression: Expression }[] {
  const operand = bindOperand(context, syntax.argument);
  const row = applySteps(context, operand, syntax.steps.slice(0, -1), syntax.position);
  const { definition } = row.type;
  const position = startOf(syntax.argument);
  if (definition.fields === undefined) {
    if (definition.name === 'record') {
      throw new SqlError(SqlState.SyntaxErrorOrAccessRuleViolation, 'record type has not been registered', {
        position,
      });
    }
    throw new SqlError(SqlState.WrongObjectType, `type ${definition.sqlName} is not composite`, { position });
  }
  return definition.fields.map(({ name }, index) => ({ name, expression: fieldOf(row, index) }));
}

function applySteps(
  context: ExpressionContext,
  operand: Operand,
  steps: readonly IndirectionStep[],
  position: number,
): Expression {
  let value = operand.expression;
  for (let at = 0; at < steps.length; ) {
    const step = steps[at];
    if (step.kind === 'star') throw notSupported('row expansion via "*" here', position);
    if (step.kind === 'field') {
      const row = { expression: value, syntax: operand.syntax };
      value = fieldNamed(context, row, step.name, steps.slice(0, at));
      at += 1;
      continue;
    }
    const subscripts: Subscript[] = [];
    for (; at < steps.length; at++) {
      const next = steps[at];
      if (next.kind !== 'subscript' && next.kind !== 'slice') break;
      subscripts.push(next);
    }
    value = subscript(context, { expression: value, syntax: operand.syntax }, subscripts);
  }
  return value;
}

/** The field, or what a function of that name makes of the whole. `steps` led to the row. */
function fieldNamed(
  context: ExpressionContext,
  row: Operand,
  name: string,
  steps: readonly IndirectionStep[],
): Expression {
  const { expression, syntax } = row;
  try {
    return selectField(expression, name, row, steps.length === 0);
  } catch (error) {
    if (syntax === undefined) throw error;
    const position = startOf(syntax);
    const argument =
      steps.length === 0 ? syntax : ({ kind: 'indirection', argument: syntax, steps, position } as const);
    const called = bindFunctionalNotation(context, argument, { name, position });
    if (called !== undefined) return called;
    throw error;
  }
}

function selectField(row: Expression, name: string, { syntax }: Operand, isDirect: boolean): Expression {
  const { definition } = row.type;
  const position = startOf(syntax);
  const { fields } = definition;
  const index = fields?.findIndex((field) => field.name === name) ?? -1;
  if (index >= 0) return fieldOf(row, index);
  if (isUnknown(row.type) || (fields === undefined && definition.name !== 'record')) {
    throw new SqlError(
      SqlState.WrongObjectType,
      `column notation .${name} applied to type ${definition.sqlName}, which is not a composite type`,
      { position },
    );
  }
  const isRelation = isDirect && syntax?.kind === 'column' && row.kind === 'row';
  const message = isRelation
    ? `column ${syntax.name}.${name} does not exist`
    : definition.name === 'record'
      ? `could not identify column "${name}" in record data type`
      : `column "${name}" not found in data type ${definition.sqlName}`;
  throw new SqlError(SqlState.UndefinedColumn, message, { position });
}

/** Of a row that is made here, the item itself. */
function fieldOf(row: Expression, index: number): Expression {
  if (row.kind === 'row') return row.elements[index];
  const type = row.type.definition.fields?.[index].type as SqlType;
  return { kind: 'field', argument: row, index, type };
}

type Subscript = Extract<IndirectionStep, { kind: 'subscript' | 'slice' }>;

function subscript(context: ExpressionContext, container: Operand, subscripts: readonly Subscript[]): Expression {
  const { definition } = container.expression.type;
  if (definition.name === 'jsonb') return jsonbSubscript(context, container, subscripts);
  const element = elementTypeOf(definition);
  if (definition.name === 'name') return letterOfName(context, container, subscripts);
  if (element === undefined) {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `cannot subscript type ${definition.sqlName} because it does not support subscripting`,
      { position: startOf(container.syntax) },
    );
  }
  const isSliced = subscripts.some((part) => part.kind === 'slice');
  const bounds: Expression[] = [];
  const slices: SliceShape[] = [];
  for (const part of subscripts) {
    if (part.kind === 'slice') {
      if (part.lower !== undefined) bounds.push(integerBound(context, bindOperand(context, part.lower)));
      if (part.upper !== undefined) bounds.push(integerBound(context, bindOperand(context, part.upper)));
      slices.push({ hasLower: part.lower !== undefined, hasUpper: part.upper !== undefined });
      continue;
    }
    // Among slices a lone subscript counts as one from 1 up to it.
    if (isSliced) bounds.push({ kind: 'constant', value: 1, type: int4Type });
    bounds.push(integerBound(context, bindOperand(context, part.index)));
    slices.push({ hasLower: true, hasUpper: true });
  }
  const { typmod } = container.expression.type;
  const isVector = definition.name.endsWith('vector');
  const sliceType = isVector ? (typeByName(`_${element.name}`) ?? definition) : definition;
  return {
    kind: 'subscript',
    argument: container.expression,
    bounds,
    slices: isSliced ? slices : undefined,
    type: isSliced ? { definition: sliceType, typmod } : { definition: element, typmod },
  };
}

/** Throws 0A000 for anything but a constant. */
function letterOfName(context: ExpressionContext, container: Operand, subscripts: readonly Subscript[]): Expression {
  const [part] = subscripts;
  if (part.kind === 'subscript' && subscripts.length === 1) {
    const index = integerBound(context, bindOperand(context, part.index));
    if (index.kind === 'constant' && typeof index.value === 'number') {
      return nameSubscript(context.binding, container, index.value);
    }
  }
  throw notSupported('this subscript of a name', startOf(container.syntax));
}

/** A subscript of an array. Throws 42804 for what cannot become an integer. */
export function integerBound(context: ExpressionContext, operand: Operand): Expression {
  const bound = coerce(context.binding, operand, int4Type, 'assignment');
  if (bound !== undefined) return bound;
  throw new SqlError(SqlState.DatatypeMismatch, 'array subscript must have type integer', {
    position: startOf(operand.syntax),
  });
}

/** `document['key'][0]` is `document #> '{key,0}'`. */
function jsonbSubscript(context: ExpressionContext, container: Operand, subscripts: readonly Subscript[]): Expression {
  const path = subscripts.map((part): Operand => {
    if (part.kind === 'slice') {
      throw new SqlError(SqlState.DatatypeMismatch, 'jsonb subscript does not support slices', {
        position: startOf(part.upper ?? part.lower ?? container.syntax),
      });
    }
    return { expression: jsonbStep(context, bindOperand(context, part.index)), syntax: part.index };
  });
  const call = callFunction(context.binding, 'jsonb_extract_path', [container, ...path], startOf(container.syntax));
  return { ...call, isSubscript: true };
}

/** A key or an index as text. Throws 42804 for anything else. */
export function jsonbStep(context: ExpressionContext, operand: Operand): Expression {
  const { binding } = context;
  const { type } = operand.expression;
  const asText = coerce(binding, operand, textType, 'implicit');
  if (asText !== undefined) return asText;
  const asInteger = coerce(binding, operand, int4Type, 'implicit');
  const fromInteger =
    asInteger && coerce(binding, { expression: asInteger, syntax: operand.syntax }, textType, 'assignment');
  if (fromInteger !== undefined) return fromInteger;
  throw new SqlError(SqlState.DatatypeMismatch, `subscript type ${type.definition.sqlName} is not supported`, {
    position: startOf(operand.syntax),
    hint: 'jsonb subscript must be coercible to either integer or text.',
  });
}
