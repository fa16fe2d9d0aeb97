import { invariant } from '../../errors/invariant.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { findCast } from '../../functions/cast-registry.ts';
import type { FunctionDefinition } from '../../functions/function-definition.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import { resolveFunction } from '../../functions/resolve-overload.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { sqlType, typeByName } from '../../types/type-registry.ts';
import type { CallExpression, Expression } from '../expression/expression.ts';
import type { FunctionCallSyntax } from '../syntax/ast.ts';
import { bindAggregateCall, starAggregate } from './bind-aggregates.ts';
import { bindOperand } from './bind-expression.ts';
import { coerce, type Operand } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import type { StatementBinding } from './statement-binding.ts';
import { isUnknown } from './well-known-types.ts';

/** A function with its arguments cast to what it takes. */
export interface ResolvedFunction {
  readonly function: FunctionDefinition;
  readonly arguments: readonly Expression[];
  readonly type: SqlType;
}

/** A function call within an expression: of a scalar function, of an aggregate, or a cast written as a call. */
export function bindFunctionCall(context: ExpressionContext, syntax: FunctionCallSyntax): Expression {
  const { binding } = context;
  const { name, position } = syntax;
  const operands = syntax.arguments.map((argument) => bindOperand(context, argument));
  checkSchema(binding, syntax, operands);
  if (syntax.isStar) {
    const counting = starAggregate(name);
    if (counting !== undefined) return bindAggregateCall(context, syntax, counting, []);
  }
  const cast = castCall(binding, name, operands);
  if (cast !== undefined && !syntax.isStar && !syntax.isDistinct && syntax.filter === undefined) return cast;
  const writtenName = syntax.schema === undefined ? name : `${syntax.schema}.${name}`;
  const resolved = resolveCall(binding, name, operands, position, writtenName);
  const definition = resolved.function;
  switch (definition.kind) {
    case 'aggregate':
      return bindAggregateCall(context, syntax, definition, operands, resolved);
    case 'table':
      if (context.clause !== 'SELECT' && context.clause !== 'ORDER BY') {
        throw new SqlError(
          SqlState.FeatureNotSupported,
          `set-returning functions are not allowed in ${context.clause}`,
          { position },
        );
      }
      throw notSupported('a set-returning function in the select list', position, 'Move it to the FROM clause.');
    case 'scalar':
      checkPlainCall(syntax);
      return {
        kind: 'call',
        function: definition,
        arguments: resolved.arguments,
        type: resolved.type,
        position,
        ...(syntax.isInWords === true ? { isInWords: true } : {}),
      };
  }
}

/** A call of the scalar function `name`. Throws 42883 or 42725 when the arguments fit none. */
export function callFunction(
  binding: StatementBinding,
  name: string,
  operands: readonly Operand[],
  position: number,
): CallExpression {
  const resolved = resolveCall(binding, name, operands, position);
  invariant(resolved.function.kind === 'scalar', `${name} is a scalar function`);
  return { kind: 'call', function: resolved.function, arguments: resolved.arguments, type: resolved.type, position };
}

/** Finds the overload and casts the arguments to it. Throws 42883 or 42725. */
export function resolveCall(
  binding: StatementBinding,
  name: string,
  operands: readonly Operand[],
  position: number,
  writtenName = name,
): ResolvedFunction {
  const types = operands.map((operand) => operand.expression.type.definition);
  const found = resolveFunction(name, types);
  if (found === 'none' || found === 'ambiguous') throw functionError(found, writtenName, types, position);
  const converted = operands.map((operand, at) => {
    const definition = found.argumentTypes[at];
    const value = coerce(binding, operand, { definition, typmod: -1 }, 'implicit');
    invariant(value !== undefined, `overload resolution casts to ${definition.name}`);
    return value;
  });
  return { function: found.function, arguments: converted, type: { definition: found.resultType, typmod: -1 } };
}

function functionError(
  problem: 'none' | 'ambiguous',
  name: string,
  types: readonly TypeDefinition[],
  position: number,
): SqlError {
  const signature = `${name}(${types.map((type) => type.sqlName).join(', ')})`;
  if (problem === 'ambiguous') {
    return new SqlError(SqlState.AmbiguousFunction, `function ${signature} is not unique`, {
      position,
      hint: 'Could not choose a best candidate function. You might need to add explicit type casts.',
    });
  }
  return new SqlError(SqlState.UndefinedFunction, `function ${signature} does not exist`, {
    position,
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  });
}

/** All functions are in pg_catalog. */
function checkSchema(binding: StatementBinding, syntax: FunctionCallSyntax, operands: readonly Operand[]): void {
  const { schema, name, position } = syntax;
  if (schema === undefined || schema === 'pg_catalog') return;
  if (binding.context.catalog.schema(schema) === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`, { position });
  }
  const types = operands.map((operand) => operand.expression.type.definition);
  throw functionError('none', `${schema}.${name}`, types, position);
}

/** `float8('1')`, `text(x)`: a type's name called with one argument is a cast, unless a function fits exactly. */
function castCall(binding: StatementBinding, name: string, operands: readonly Operand[]): Expression | undefined {
  const [operand] = operands;
  if (operand === undefined || operands.length > 1) return undefined;
  const target = typeByName(name);
  if (target === undefined || target.category === 'P') return undefined;
  const source = operand.expression.type.definition;
  const isFunction = functionsNamed(name).some(
    (candidate) => candidate.argumentTypes.length === 1 && candidate.argumentTypes[0] === source,
  );
  if (isFunction) return undefined;
  if (!isUnknown(operand.expression.type)) {
    const method = findCast(source, target)?.method;
    const isFunctionCast = method !== undefined && method !== 'relabel';
    if (isFunctionCast && functionsNamed(name).length > 0) return undefined;
  }
  return coerce(binding, operand, sqlType(target), 'explicit');
}

function checkPlainCall(syntax: FunctionCallSyntax): void {
  const { name, position } = syntax;
  const excess = syntax.isStar ? `${name}(*)` : syntax.isDistinct ? 'DISTINCT' : syntax.filter ? 'FILTER' : undefined;
  if (excess === undefined) return;
  throw new SqlError(SqlState.WrongObjectType, `${excess} specified, but ${name} is not an aggregate function`, {
    position,
  });
}
