import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import type { TableFunction } from '../../functions/function-definition.ts';
import { functionsNamed } from '../../functions/function-registry.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { OutputColumn } from '../plan/plan-node.ts';
import type { TableCall, TableFunctionNode } from '../plan/table-function-nodes.ts';
import type { SyntaxExpression } from '../syntax/expression-ast.ts';
import type { FromFunction, FromFunctionItem } from '../syntax/from-ast.ts';
import { bindExpression } from './bind-expression.ts';
import { type BoundFrom, relationOver, type Surroundings } from './bind-from.ts';
import { type ResolvedFunction, resolveWrittenCall } from './bind-function-call.ts';
import { bindWrittenArguments } from './call-arguments.ts';
import { resolveUnknown } from './coerce.ts';
import type { ExpressionContext } from './expression-context.ts';
import { resolveType } from './resolve-type.ts';
import { resultName } from './result-names.ts';
import { emptyScope, scopeOf } from './scope.ts';
import type { StatementBinding } from './statement-binding.ts';
import { int8Type } from './well-known-types.ts';

/** A call, and the columns that its rows have. */
interface BoundItem {
  readonly call: TableCall;
  readonly columns: readonly OutputColumn[];
  readonly name: string;
}

/**
 * Functions in FROM, side by side, with a number for each row where WITH ORDINALITY is written. They see what stands to
 * their left.
 */
export function bindFromFunction(binding: StatementBinding, item: FromFunction, around: Surroundings): BoundFrom {
  const context: ExpressionContext = {
    binding,
    scope: { ...emptyScope, outer: around.lateral },
    clause: 'functions in FROM',
    aggregates: undefined,
  };
  const { alias, hasOrdinality } = item;
  const bound = item.items.flatMap(unnested).map((part) => bindItem(context, part, item));
  const output = bound.flatMap((part) => part.columns);
  if (hasOrdinality) output.push(computed('ordinality', int8Type));
  const plan: TableFunctionNode = {
    kind: 'table-function',
    calls: bound.map((part) => part.call),
    hasOrdinality,
    output,
  };
  const relation = relationOver(plan, { name: bound[0].name, alias, isHidden: [], isTable: false });
  const isScalarFunction = bound.length === 1 && isScalar(bound[0]) && !hasOrdinality;
  return { plan, scope: scopeOf({ ...relation, isScalarFunction }) };
}

/** One value a row, which is no row itself. */
function isScalar({ call, columns }: BoundItem): boolean {
  const isSpread = call.kind === 'set' ? call.function.resultType.name === 'record' : call.width !== undefined;
  return columns.length === 1 && !isSpread;
}

/** `unnest(a, b)` is `ROWS FROM (unnest(a), unnest(b))`. */
function unnested(part: FromFunctionItem): FromFunctionItem[] {
  const { call } = part;
  const isWritten = call.kind === 'call' && call.name === 'unnest' && (call.schema ?? 'pg_catalog') === 'pg_catalog';
  if (!isWritten || call.arguments.length < 2 || part.columns !== undefined) return [part];
  const over = (argument: SyntaxExpression): FromFunctionItem => ({
    ...part,
    call: { ...call, arguments: [argument] },
  });
  return call.arguments.map(over);
}

function bindItem(context: ExpressionContext, part: FromFunctionItem, item: FromFunction): BoundItem {
  const { call } = part;
  if (call.kind !== 'call') return bindValue(context, part, item, resultName(call));
  if (!functionsNamed(call.name).some((candidate) => candidate.kind === 'table')) {
    return bindValue(context, part, item, call.name);
  }
  const operands = bindWrittenArguments(context, call);
  const resolved = resolveWrittenCall(context.binding, call, operands);
  if (resolved.function.kind !== 'table') return bindValue(context, part, item, call.name);
  const { function: definition, arguments: values } = resolved;
  const columns = columnsOf(context.binding, resolved, definition, part, item);
  return {
    call: { kind: 'set', function: withColumns(definition, columns), arguments: values, width: columns.length },
    columns,
    name: call.name,
  };
}

/** A function of one value is a table of one row; its column is called after the alias. */
function bindValue(context: ExpressionContext, part: FromFunctionItem, item: FromFunction, name: string): BoundItem {
  if (part.columns !== undefined) throw definitionsNotAllowed(part);
  const { binding } = context;
  const value: Expression = resolveUnknown(binding, {
    expression: bindExpression(context, part.call),
    syntax: part.call,
  });
  const { fields } = value.type.definition;
  if (fields !== undefined) {
    return {
      call: { kind: 'value', value, width: fields.length },
      columns: fields.map((field) => computed(field.name, field.type)),
      name,
    };
  }
  const columnName = (isSingle(item) ? item.alias?.name : undefined) ?? name;
  return { call: { kind: 'value', value }, columns: [computed(columnName, value.type)], name };
}

/** Of a function that is told its columns, the one that gives these. */
function withColumns(definition: TableFunction, columns: readonly OutputColumn[]): TableFunction {
  return definition.withColumns?.(columns) ?? definition;
}

function columnsOf(
  binding: StatementBinding,
  resolved: ResolvedFunction,
  definition: TableFunction,
  part: FromFunctionItem,
  item: FromFunction,
): OutputColumn[] {
  const takesDefinitions = definition.resultType.name === 'record' && definition.columns === undefined;
  if (takesDefinitions) {
    if (part.columns === undefined) {
      throw new SqlError(
        SqlState.SyntaxError,
        'a column definition list is required for functions returning "record"',
        { position: part.position },
      );
    }
    return part.columns.map(({ name, type }) => computed(name, resolveType(binding, type)));
  }
  if (part.columns !== undefined) throw definitionsNotAllowed(part, definition.columns !== undefined);
  if (definition.columns !== undefined) {
    return definition.columns.map((column) => computed(column.name, sqlType(column.type)));
  }
  // A column of a simple type is called after the alias, unless the function names it.
  const own = definition.columnName === definition.name ? undefined : definition.columnName;
  const alias = isSingle(item) ? item.alias?.name : undefined;
  return [computed(own ?? alias ?? definition.name, resolved.type)];
}

function definitionsNotAllowed(part: FromFunctionItem, hasColumns = false): SqlError {
  return new SqlError(
    SqlState.SyntaxError,
    hasColumns
      ? 'a column definition list is redundant for a function with OUT parameters'
      : 'a column definition list is only allowed for functions returning "record"',
    { position: part.columns?.[0]?.position ?? part.position },
  );
}

function computed(name: string, type: OutputColumn['type']): OutputColumn {
  return { name, type, tableOid: 0, columnNumber: 0 };
}

/** Only a function by itself is called after the alias. */
function isSingle({ items }: FromFunction): boolean {
  return items.length === 1 && unnested(items[0]).length === 1;
}
