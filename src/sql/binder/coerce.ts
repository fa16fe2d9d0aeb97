import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { findCast, isVector } from '../../functions/cast-registry.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { isRecordType } from '../../types/record-type.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { CallExpression, Expression, RelabelExpression, TextCastExpression } from '../expression/expression.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import { startOf } from './expression-position.ts';
import { coerceLength } from './length-coercion.ts';
import type { StatementBinding } from './statement-binding.ts';
import { boolType, int4Type, isUnknown, textType } from './well-known-types.ts';

/** Which casts may happen unasked: everywhere, when a value is stored in a column, or only where a cast is written. */
export type CoercionContext = 'implicit' | 'assignment' | 'explicit';

/** A bound expression with the syntax that it came from, for positions; undefined where none was written. */
export interface Operand {
  readonly expression: Expression;
  readonly syntax: SyntaxExpression | undefined;
}

const strictness: Readonly<Record<CoercionContext, number>> = { implicit: 0, assignment: 1, explicit: 2 };

/** Date and time input that means something else later. */
const MOVING_INSTANT = /now|today|tomorrow|yesterday/i;

/**
 * `operand` as a value of `target`; undefined when there is no such cast in this context. Literals not yet typed are
 * read by the type's input (22P02 and its like, at the literal), parameters not yet typed become the type.
 */
export function coerce(
  binding: StatementBinding,
  operand: Operand,
  target: SqlType,
  context: CoercionContext,
): Expression | undefined {
  const { expression, syntax } = operand;
  const isExplicit = context === 'explicit';
  if (isUnknown(expression.type)) {
    if (isUnknown(target)) return expression;
    if (target.definition.category === 'P' && !isRecordType(target.definition))
      return resolvePolymorphic(binding, operand);
    if (expression.kind === 'parameter') {
      const resolved = binding.parameters.resolve(expression, target, startOf(syntax));
      return coerceLength(resolved, target, { isExplicit });
    }
    if (expression.kind === 'constant') {
      return readLiteral(binding, expression.value, target, { isExplicit, position: startOf(syntax) });
    }
  }
  const { keepsForm } = binding;
  const bits = isExplicit ? bitsOfInteger(expression, target, syntax?.position ?? 0) : undefined;
  if (bits !== undefined) return bits;
  const converted = convert(expression, target.definition, {
    binding,
    context,
    position: syntax?.position ?? 0,
    keepsForm,
  });
  if (converted === undefined) return undefined;
  const fitted = coerceLength(converted, target, { isExplicit, keepsForm });
  if (isExplicit && target.typmod < 0 && fitted.type.typmod >= 0 && fitted.type.definition === target.definition) {
    // A cast that changes nothing makes the modifier forgotten.
    if (fitted.kind === 'constant' && !keepsForm) return { ...fitted, type: target };
    return { kind: 'relabel', argument: fitted, type: target, coercion: 'explicit' };
  }
  if (fitted === converted || fitted.kind !== 'call' || converted === expression || !isCast(converted)) return fitted;
  // Two steps of one cast: the second says it all.
  return { ...fitted, arguments: [{ ...converted, coercion: 'implicit' }, ...fitted.arguments.slice(1)] };
}

/**
 * An integer as bits, which are its lowest ones, as many as the type says: the cast itself has to know. Throws 0A000 for
 * arrays of integers.
 */
function bitsOfInteger(expression: Expression, target: SqlType, position: number): Expression | undefined {
  const source = expression.type.definition;
  const element = elementTypeOf(target.definition);
  const sourceElement = elementTypeOf(source);
  if ((element === undefined) !== (sourceElement === undefined)) return undefined;
  const method = findCast(sourceElement ?? source, element ?? target.definition)?.method;
  if (method === undefined || method === 'relabel' || method.argumentTypes.length !== 2) return undefined;
  if (element !== undefined) throw notSupported('a cast of an array of integers to bits', position);
  const length: Expression = { kind: 'constant', value: target.typmod, type: int4Type };
  return {
    kind: 'call',
    function: method,
    arguments: [expression, length],
    type: target,
    position,
    coercion: 'explicit',
  };
}

function isCast(expression: Expression): expression is CallExpression | TextCastExpression | RelabelExpression {
  return expression.kind === 'call' || expression.kind === 'text-cast' || expression.kind === 'relabel';
}

/** For arguments of type "any": an untyped literal is text; an untyped parameter stays so (and is refused at the end). */
function resolvePolymorphic(binding: StatementBinding, operand: Operand): Expression {
  const { expression } = operand;
  if (expression.kind !== 'constant') return expression;
  return readLiteral(binding, expression.value, textType, { isExplicit: false, position: 0 });
}

function readLiteral(
  binding: StatementBinding,
  value: Value,
  target: SqlType,
  { isExplicit, position }: { isExplicit: boolean; position: number },
): Expression {
  const { definition } = target;
  if (value === null) return { kind: 'constant', value: null, type: target };
  const text = value as string;
  const isMoving = 'DR'.includes(definition.category) && MOVING_INSTANT.test(text);
  // The name of a relation or function: another one may have it tomorrow.
  if (isMoving) binding.forbidCaching();
  if (definition.name.startsWith('reg')) binding.tieToCatalog();
  // An interval's fields decide how its text is read; for other types the modifier comes after reading.
  const typmod = definition.name === 'interval' ? target.typmod : -1;
  let parsed: Value;
  try {
    parsed = definition.parse(text, binding.context.typeContext, typmod);
  } catch (error) {
    throw error instanceof SqlError ? error.at(position) : error;
  }
  const literal: Expression = { kind: 'constant', value: parsed, type: { definition, typmod } };
  return coerceLength(literal, target, { isExplicit, keepsForm: binding.keepsForm });
}

interface Conversion {
  readonly binding: StatementBinding;
  readonly context: CoercionContext;
  readonly position: number;
  readonly keepsForm: boolean;
}

function convert(expression: Expression, target: TypeDefinition, conversion: Conversion): Expression | undefined {
  const source = expression.type.definition;
  if (source === target || target.category === 'P') return expression;
  if (target.category === 'C') return convertRow(expression, target, conversion);
  const type: SqlType = { definition: target, typmod: -1 };
  switch (castPath(source, target, conversion.context)) {
    case undefined:
      return undefined;
    case 'relabel':
      return asType(expression, type, conversion);
    case 'text':
      return throughText(expression, target, conversion);
    case 'function':
      return asType(callCast(findCast(source, target)?.method as ScalarFunction, expression, conversion), type, {
        ...conversion,
        keepsForm: false,
      });
  }
}

/** A row that is written out becomes one of a named type column by column. */
function convertRow(expression: Expression, target: TypeDefinition, conversion: Conversion): Expression | undefined {
  const { fields = [] } = target;
  if (expression.kind !== 'row' || expression.elements.length !== fields.length) {
    return conversion.context === 'explicit' && expression.type.definition.category === 'S'
      ? throughText(expression, target, conversion)
      : undefined;
  }
  const elements: Expression[] = [];
  for (const [at, element] of expression.elements.entries()) {
    const converted = coerce(
      conversion.binding,
      { expression: element, syntax: undefined },
      fields[at].type,
      conversion.context,
    );
    if (converted === undefined) return undefined;
    elements.push(converted);
  }
  return { ...expression, elements, type: { definition: target, typmod: -1 } };
}

function throughText(argument: Expression, target: TypeDefinition, conversion: Conversion): Expression {
  return {
    kind: 'text-cast',
    argument,
    type: { definition: target, typmod: -1 },
    position: conversion.position,
    coercion: coercionOf(conversion),
  };
}

function coercionOf({ context }: Conversion): 'explicit' | 'implicit' {
  return context === 'explicit' ? 'explicit' : 'implicit';
}

/** A cast's function may give a type that is the target in all but name: boolean → varchar calls text(boolean). */
function asType(expression: Expression, type: SqlType, conversion: Conversion): Expression {
  if (expression.type.definition === type.definition) return expression;
  if (expression.kind === 'constant' && !conversion.keepsForm) return { ...expression, type };
  return { kind: 'relabel', argument: expression, type, coercion: coercionOf(conversion) };
}

/** How a value of one type becomes one of another where `context` allows it. */
function castPath(
  source: TypeDefinition,
  target: TypeDefinition,
  context: CoercionContext,
): 'relabel' | 'function' | 'text' | undefined {
  const cast = findCast(source, target);
  if (cast !== undefined) {
    if (strictness[cast.context] > strictness[context]) return undefined;
    return cast.method === 'relabel' ? 'relabel' : 'function';
  }
  const sourceElement = elementTypeOf(source);
  const targetElement = elementTypeOf(target);
  if (sourceElement !== undefined && targetElement !== undefined) {
    // No array becomes an int2vector or oidvector.
    if (isVector(target)) return undefined;
    const path = sourceElement === targetElement ? 'relabel' : castPath(sourceElement, targetElement, context);
    // Element by element is the same as by way of the array's text.
    return path === 'function' ? 'text' : path;
  }
  if (context !== 'implicit' && target.category === 'S') return 'text';
  if (context === 'explicit' && source.category === 'S') return 'text';
  return undefined;
}

/** A call of a cast; over a constant it is carried out at once, unless it fails (then rows decide if it matters). */
function callCast(method: ScalarFunction, argument: Expression, conversion: Conversion): Expression {
  const type: SqlType = { definition: method.resultType, typmod: -1 };
  const { keepsForm, position } = conversion;
  if (
    !keepsForm &&
    argument.kind === 'constant' &&
    method.volatility === 'immutable' &&
    method.usesEnvironment !== true
  ) {
    if (argument.value === null && method.handlesNull !== true) return { kind: 'constant', value: null, type };
    try {
      return { kind: 'constant', value: method.evaluate(argument.value), type };
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
  }
  return { kind: 'call', function: method, arguments: [argument], type, position, coercion: coercionOf(conversion) };
}

/** What is wrong with a row that was to become one of a named type. */
function detailOfRow(row: Expression, { category, fields = [] }: TypeDefinition): string | undefined {
  if (category !== 'C' || row.kind !== 'row') return undefined;
  const count = row.elements.length;
  if (count !== fields.length) return `Input has too ${count < fields.length ? 'few' : 'many'} columns.`;
  const at = row.elements.findIndex(
    ({ type: { definition } }, column) =>
      definition !== fields[column].type.definition &&
      castPath(definition, fields[column].type.definition, 'explicit') === undefined,
  );
  if (at < 0) return undefined;
  const [from, to] = [row.elements[at].type.definition, fields[at].type.definition];
  return `Cannot cast type ${from.sqlName} to ${to.sqlName} in column ${at + 1}.`;
}

/** A written cast. Throws 42846 when the types have no cast. */
export function castTo(binding: StatementBinding, operand: Operand, target: SqlType, position: number): Expression {
  const converted = coerce(binding, operand, target, 'explicit');
  if (converted !== undefined) return converted;
  throw new SqlError(
    SqlState.CannotCoerce,
    `cannot cast type ${operand.expression.type.definition.sqlName} to ${target.definition.sqlName}`,
    { position, detail: detailOfRow(operand.expression, target.definition) },
  );
}

/** What a clause demands of its argument. Throws 42804 `argument of WHERE must be type boolean, not type integer`. */
export function coerceArgument(
  binding: StatementBinding,
  operand: Operand,
  target: SqlType,
  construct: string,
): Expression {
  const converted = coerce(binding, operand, target, 'assignment');
  if (converted !== undefined) return converted;
  throw new SqlError(
    SqlState.DatatypeMismatch,
    `argument of ${construct} must be type ${target.definition.sqlName}, not type ${operand.expression.type.definition.sqlName}`,
    { position: startOf(operand.syntax) },
  );
}

/** For what must be a condition. `construct`: how the error, 42804, calls it. */
export function coerceToBoolean(binding: StatementBinding, operand: Operand, construct: string): Expression {
  return coerceArgument(binding, operand, boolType, construct);
}

/** An operand that no context gives a type: literals become text, parameters too. */
export function resolveUnknown(binding: StatementBinding, operand: Operand): Expression {
  if (!isUnknown(operand.expression.type)) return operand.expression;
  return coerce(binding, operand, textType, 'implicit') ?? operand.expression;
}
