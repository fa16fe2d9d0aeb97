import { invariant } from '../../errors/invariant.ts';
import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { findCast } from '../../functions/cast-registry.ts';
import { isOfSameBits } from '../../functions/casts/object-id-casts.ts';
import { isAny } from '../../functions/coercion.ts';
import { extensionOfFunction } from '../../functions/extensions/extension-list.ts';
import type { FunctionDefinition } from '../../functions/function-definition.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import { type OverloadOptions, resolveFunction } from '../../functions/resolve-overload.ts';
import { isRecordType } from '../../types/record-type.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { sqlType, typeByName } from '../../types/type-registry.ts';
import type { CallExpression, Expression } from '../expression/expression.ts';
import type { FunctionCallSyntax } from '../syntax/expression-ast.ts';
import { readsColumns } from './aggregate-collector.ts';
import { levelOfAggregate } from './aggregate-level.ts';
import {
  bindAggregateCall,
  bindArguments,
  bindFilter,
  type FilterOptions,
  orderContext,
  starAggregate,
} from './bind-aggregates.ts';
import { bindOperand } from './bind-expression.ts';
import { bindSetCall, checkNoSets } from './bind-set-call.ts';
import { bindWindowCall, isWindowCall } from './bind-window-call.ts';
import { coerce, type Operand } from './coerce.ts';
import { expandTimeSeriesCall } from './expand-time-series-call.ts';
import type { ExpressionContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import { arrangeNamedArguments } from './named-arguments.ts';
import type { StatementBinding } from './statement-binding.ts';
import { isUnknown } from './well-known-types.ts';

/** A function with its arguments cast to what it takes. */
export interface ResolvedFunction {
  readonly function: FunctionDefinition;
  readonly arguments: readonly Expression[];
  readonly type: SqlType;
}

/** A function call within an expression: of a scalar function, of an aggregate, or a cast written as a call. */
export function bindFunctionCall(
  context: ExpressionContext,
  written: FunctionCallSyntax,
  options: FilterOptions = {},
): Expression {
  const { binding } = context;
  const syntax = expandTimeSeriesCall(context, written);
  const { name, position } = syntax;
  const undo = context.scope.outer?.mark();
  const inOrder = syntax.orderBy === undefined ? context : orderContext(context);
  const before = inOrder.sets?.additionCount;
  const checkSets = (kind: string): void =>
    checkNoSets(inOrder, before, `${kind} function calls cannot contain set-returning function calls`);
  const operands = bindArguments(context, syntax, inOrder);
  const filter = syntax.filter === undefined ? undefined : bindFilter(context, syntax.filter, options);
  const captured = (): Expression | undefined => {
    const read = [...operands, ...orderOperands(inOrder, syntax, operands)];
    const outer = levelOfAggregate(context, filter, read, syntax);
    if (outer === undefined) return undefined;
    undo?.();
    return outer.capture(bindFunctionCall(outer.context, syntax, { isOfInner: true }));
  };
  checkSchema(binding, syntax, operands);
  if (syntax.isStar) {
    const counting = starAggregate(name);
    if (counting !== undefined) {
      if (isWindowCall(syntax)) return bindWindowCall(context, syntax, counting, filter);
      return captured() ?? bindAggregateCall(context, syntax, { aggregate: counting, operands: [], filter, inOrder });
    }
  }
  const cast = syntax.argumentNames === undefined ? castCall(binding, name, operands) : undefined;
  if (cast !== undefined && isPlainCall(syntax)) return cast;
  const named = resolveNamed(binding, syntax, operands);
  const definition = withoutAlias(named.function);
  const resolved = { ...named, function: definition };
  switch (definition.kind) {
    case 'aggregate': {
      checkSets(isWindowCall(syntax) ? 'window' : 'aggregate');
      if (isWindowCall(syntax)) return bindWindowCall(context, syntax, definition, filter, resolved);
      return (
        captured() ?? bindAggregateCall(context, syntax, { aggregate: definition, operands, filter, inOrder, resolved })
      );
    }
    case 'window':
      checkSets('window');
      if (isWindowCall(syntax)) return bindWindowCall(context, syntax, definition, filter, resolved);
      throw new SqlError(SqlState.WrongObjectType, `window function ${name} requires an OVER clause`, { position });
    case 'table':
      checkPlainCall(syntax);
      return bindSetCall(context, resolved, position);
    case 'scalar':
      checkPlainCall(syntax);
      if (definition.volatility === 'volatile') binding.noteVolatileCall();
      return {
        kind: 'call',
        function: definition,
        arguments: resolved.arguments,
        type: resolved.type,
        position,
        ...(syntax.isInWords === true ? { isInWords: true } : {}),
        ...(syntax.isVariadic === true ? { isVariadic: true } : {}),
      };
  }
}

/** What a call is sorted by, where that may decide to which query it belongs: its arguments read no column of its own. */
function orderOperands(
  inOrder: ExpressionContext,
  { orderBy = [], isWithinGroup }: FunctionCallSyntax,
  operands: readonly Operand[],
): readonly Operand[] {
  if (isWithinGroup === true || inOrder.scope.outer === undefined) return [];
  if (operands.some(({ expression }) => readsColumns(expression))) return [];
  return orderBy.map(({ expression }) => bindOperand(inOrder, expression));
}

/** Whoever calls a function by its name needs the right to. */
function noted(binding: StatementBinding, resolved: ResolvedFunction): ResolvedFunction {
  const { oid, name, kind } = resolved.function;
  binding.useFunction(oid, name, kind === 'aggregate' ? 'aggregate' : 'function');
  return resolved;
}

function withoutAlias(definition: FunctionDefinition): FunctionDefinition {
  return definition.kind === 'aggregate' ? (definition.aliasOf ?? definition) : definition;
}

/** The function that a call in FROM means. */
export function resolveWrittenCall(
  binding: StatementBinding,
  syntax: FunctionCallSyntax,
  operands: readonly Operand[],
): ResolvedFunction {
  checkSchema(binding, syntax, operands);
  checkPlainCall(syntax);
  return resolveNamed(binding, syntax, operands);
}

function resolveNamed(
  binding: StatementBinding,
  syntax: FunctionCallSyntax,
  operands: readonly Operand[],
): ResolvedFunction {
  const { schema, name, position, argumentNames } = syntax;
  const writtenName = schema === undefined ? name : `${schema}.${name}`;
  // An aggregate's own arguments, written behind ORDER BY, look like more sort keys.
  const hint = syntax.isWithinGroup !== true && (syntax.orderBy?.length ?? 0) > 1 ? MISPLACED_ORDER : undefined;
  const options = { writtenName, isVariadic: syntax.isVariadic === true, hint };
  if (argumentNames === undefined) return noted(binding, resolveCall(binding, name, operands, position, options));
  const arranged = arrangeNamedArguments(syntax, operands);
  if (arranged !== undefined) {
    return noted(
      binding,
      resolveCall(binding, name, arranged.operands, position, { ...options, among: arranged.among }),
    );
  }
  const types = operands.map((operand) => operand.expression.type.definition);
  throw functionError('none', writtenName, types, position, argumentNames);
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

const MISPLACED_ORDER =
  'No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all regular arguments of the aggregate.';

interface CallOptions {
  readonly writtenName?: string;
  readonly isVariadic?: boolean;
  /** In place of the hint that no function matches. */
  readonly hint?: string | undefined;
  /** The functions that may be meant, where not all of the name may. */
  readonly among?: readonly FunctionDefinition[];
}

/** Finds the overload and casts the arguments to it. Throws 42883 or 42725. */
export function resolveCall(
  binding: StatementBinding,
  name: string,
  operands: readonly Operand[],
  position: number,
  { writtenName = name, isVariadic = false, hint, among }: CallOptions = {},
): ResolvedFunction {
  const types = operands.map((operand) => operand.expression.type.definition);
  const isParameter = operands.length === 1 && isOpenParameter(operands[0]);
  const last = startOf(operands.at(-1)?.syntax);
  const found = resolveOverload(name, types, { isVariadic, isParameter, among, position: last });
  if (found === 'none' || found === 'ambiguous') {
    const error = functionError(found, writtenName, types, position);
    throw found === 'none' && hint !== undefined ? new SqlError(error.code, error.message, { position, hint }) : error;
  }
  const isUnifiedLater =
    found.function.kind === 'aggregate' && found.function.orderedSet?.directCount === 'hypothetical';
  const converted = operands.map((operand, at) => {
    if (isUnifiedLater) return operand.expression;
    // Where any type goes a parameter is not told which (and is refused at the end).
    const declared = found.declaredTypes?.[at];
    if (declared !== undefined && isAny(declared) && isOpenParameter(operand)) return operand.expression;
    const definition = found.argumentTypes[at];
    const value = coerce(binding, operand, { definition, typmod: -1 }, 'implicit');
    invariant(value !== undefined, `overload resolution casts to ${definition.name}`);
    return value;
  });
  return { function: found.function, arguments: converted, type: { definition: found.resultType, typmod: -1 } };
}

/** A parameter that nothing has given a type yet. */
function isOpenParameter({ expression }: Operand): boolean {
  return expression.kind === 'parameter' && isUnknown(expression.type);
}

/** What is wrong with a VARIADIC argument is reported at it. */
function resolveOverload(
  name: string,
  types: readonly TypeDefinition[],
  { position, ...options }: OverloadOptions & { readonly isVariadic: boolean; readonly position: number },
): ReturnType<typeof resolveFunction> {
  try {
    return resolveFunction(name, types, options);
  } catch (error) {
    throw options.isVariadic && error instanceof SqlError ? error.at(position) : error;
  }
}

/** Functions of PostgreSQL's that there are none of here, and what to do instead. */
const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  'pg_export_snapshot()': 'Read all that has to fit together in one transaction of isolation level REPEATABLE READ.',
};

function functionError(
  problem: 'none' | 'ambiguous',
  name: string,
  types: readonly TypeDefinition[],
  position: number,
  argumentNames: readonly (string | undefined)[] = [],
): SqlError {
  const shown = types.map(({ sqlName }, at) =>
    argumentNames[at] === undefined ? sqlName : `${argumentNames[at]} => ${sqlName}`,
  );
  const signature = `${name}(${shown.join(', ')})`;
  if (problem === 'ambiguous') {
    return new SqlError(SqlState.AmbiguousFunction, `function ${signature} is not unique`, {
      position,
      hint: 'Could not choose a best candidate function. You might need to add explicit type casts.',
    });
  }
  const instead = REFUSED_FUNCTIONS[signature];
  if (instead !== undefined) return notSupported(signature, position, instead);
  return new SqlError(SqlState.UndefinedFunction, `function ${signature} does not exist`, {
    position,
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  });
}

/** All functions but a few are in pg_catalog. */
function checkSchema(binding: StatementBinding, syntax: FunctionCallSyntax, operands: readonly Operand[]): void {
  const { schema, name, position } = syntax;
  if (schema === undefined || schema === 'pg_catalog') return;
  if (functionsNamed(name).some((definition) => definition.schema === schema)) return;
  if (isInExtension(binding, schema, name)) return;
  if (binding.context.catalog.schema(schema) === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`, { position });
  }
  const types = operands.map((operand) => operand.expression.type.definition);
  throw functionError('none', `${schema}.${name}`, types, position);
}

/** What an extension brings is called with the schema that the extension was created in. */
function isInExtension({ context: { catalog } }: StatementBinding, schemaName: string, name: string): boolean {
  const schema = catalog.schema(schemaName);
  const extension = extensionOfFunction(name)?.name;
  if (schema === undefined || extension === undefined) return false;
  for (const found of catalog.extensions()) if (found.name === extension && found.schemaOid === schema.oid) return true;
  return false;
}

/** `float8('1')`, `text(x)`: a type's name called with one argument is a cast, unless a function fits exactly. */
function castCall(binding: StatementBinding, name: string, operands: readonly Operand[]): Expression | undefined {
  const [operand] = operands;
  if (operand === undefined || operands.length > 1) return undefined;
  const target = typeByName(name);
  if (target === undefined || target.category === 'P') return undefined;
  const source = operand.expression.type.definition;
  // Anything can be cast to a text; what a parameter of another type's name becomes is for the overloads to say.
  if (isOpenParameter(operand) && target.category !== 'S') return undefined;
  const isFunction = functionsNamed(name).some(
    (candidate) => candidate.argumentTypes.length === 1 && candidate.argumentTypes[0] === source,
  );
  if (isFunction) return undefined;
  // A row can be cast to a text, but not in this form: a column is meant more often.
  if (isRecordType(source) && target.category === 'S') return undefined;
  if (!isUnknown(operand.expression.type)) {
    const cast = findCast(source, target);
    if (cast !== undefined && !isOfSameBits(cast) && functionsNamed(name).length > 0) return undefined;
  }
  return coerce(binding, operand, sqlType(target), 'explicit');
}

function isPlainCall(syntax: FunctionCallSyntax): boolean {
  return excessOf(syntax) === undefined;
}

/** What a call says that only aggregates and window functions understand. */
function excessOf(syntax: FunctionCallSyntax): string | undefined {
  if (syntax.isStar) return `${syntax.name}(*)`;
  if (syntax.isDistinct) return 'DISTINCT';
  if (syntax.isWithinGroup === true) return 'WITHIN GROUP';
  if (syntax.orderBy !== undefined) return 'ORDER BY';
  if (syntax.filter !== undefined) return 'FILTER';
  return syntax.over === undefined ? undefined : 'OVER';
}

function checkPlainCall(syntax: FunctionCallSyntax): void {
  const { name, position } = syntax;
  const excess = excessOf(syntax);
  if (excess === undefined) return;
  const wanted = excess === 'OVER' ? 'a window function nor an aggregate function' : 'an aggregate function';
  throw new SqlError(SqlState.WrongObjectType, `${excess} specified, but ${name} is not ${wanted}`, { position });
}
