import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { interval } from '../../types/interval-type.ts';
import { record } from '../../types/record-type.ts';
import { regclass } from '../../types/reg-types.ts';
import type { RecordField } from '../../types/sql-record.ts';
import { name as nameType, text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Expression } from '../expression/expression.ts';
import type { FunctionCallSyntax, SyntaxExpression } from '../syntax/expression-ast.ts';
import type { SelectStatement } from '../syntax/query-ast.ts';
import { bindOperand } from './bind-expression.ts';
import type { BoundCreateHypertable } from './bound-statement.ts';
import { coerce } from './coerce.ts';
import { constantContext } from './expression-context.ts';
import { startOf } from './expression-position.ts';
import type { StatementBinding } from './statement-binding.ts';
import { isUnknown } from './well-known-types.ts';

/** The arguments that a call may have, in their order, and after how many of them all have defaults. */
interface Signature {
  readonly names: readonly string[];
  readonly required: number;
}

const SIGNATURES = {
  /** TimescaleDB 2.13: create_hypertable('t', by_range('time')). */
  byDimension: {
    names: ['relation', 'dimension', 'create_default_indexes', 'if_not_exists', 'migrate_data'],
    required: 2,
  },
  /** The older form: create_hypertable('t', 'time'). */
  byColumn: {
    names: [
      'relation',
      'time_column_name',
      'partitioning_column',
      'number_partitions',
      'associated_schema_name',
      'associated_table_prefix',
      'chunk_time_interval',
      'create_default_indexes',
      'if_not_exists',
      'partitioning_func',
      'migrate_data',
      'chunk_target_size',
      'chunk_sizing_func',
      'time_partitioning_func',
    ],
    required: 2,
  },
  range: { names: ['column_name', 'partition_interval', 'partition_func'], required: 1 },
  hash: { names: ['column_name', 'number_partitions', 'partition_func'], required: 2 },
} as const satisfies Readonly<Record<string, Signature>>;

/** What decides how rows are spread over chunks other than by time, or where chunks go. */
const REFUSED = [
  'partitioning_column',
  'number_partitions',
  'associated_schema_name',
  'associated_table_prefix',
  'partitioning_func',
  'chunk_target_size',
  'chunk_sizing_func',
  'time_partitioning_func',
  'partition_func',
];

/** `SELECT create_hypertable(…)` or `SELECT * FROM create_hypertable(…)`; undefined for any other query. Throws 42883. */
export function bindCreateHypertable(
  binding: StatementBinding,
  statement: SelectStatement,
): BoundCreateHypertable | undefined {
  const found = callIn(statement);
  if (found === undefined) return undefined;
  // The table may be another one the next time.
  binding.forbidCaching();
  const { call, columnName } = found;
  const dimension = dimensionOf(call);
  const given = argumentsOf(call, dimension === undefined ? SIGNATURES.byColumn : SIGNATURES.byDimension);
  const range = dimension === undefined ? given : argumentsOf(dimension, SIGNATURES.range);
  const value = (name: string, type: TypeDefinition, from = given): Expression | undefined => {
    const syntax = from.get(name);
    return syntax === undefined ? undefined : bindArgument(binding, call, syntax, type);
  };
  const required = (name: string, type: TypeDefinition, from = given): Expression =>
    value(name, type, from) ?? { kind: 'constant', value: null, type: sqlType(type) };
  // Checked, though it decides nothing: what the index would answer, the order of the rows answers.
  value('create_default_indexes', bool);
  const fields = dimension === undefined ? FIELDS_WITH_NAMES : FIELDS;
  return {
    kind: 'create-hypertable',
    relation: required('relation', regclass),
    timeColumn: required(dimension === undefined ? 'time_column_name' : 'column_name', nameType, range),
    partition: bindPartition(
      binding,
      call,
      range.get(dimension === undefined ? 'chunk_time_interval' : 'partition_interval'),
    ),
    ifNotExists: value('if_not_exists', bool),
    migrateData: value('migrate_data', bool),
    refused: REFUSED.flatMap((name) => {
      const syntax = range.get(name) ?? given.get(name);
      return syntax === undefined
        ? []
        : [{ name, value: bindArgument(binding, call, syntax, undefined), position: syntax.position }];
    }),
    fields,
    columns: (columnName === undefined ? fields : [{ name: columnName, type: sqlType(record) }]).map((column) => ({
      ...column,
      tableOid: 0,
      columnNumber: 0,
    })),
  };
}

const CREATED: RecordField = { name: 'created', type: sqlType(bool) };
const ID: RecordField = { name: 'hypertable_id', type: sqlType(int4) };
const FIELDS: readonly RecordField[] = [ID, CREATED];
const FIELDS_WITH_NAMES: readonly RecordField[] = [
  ID,
  { name: 'schema_name', type: sqlType(nameType) },
  { name: 'table_name', type: sqlType(nameType) },
  CREATED,
];

/** `columnName` undefined: the record's fields are the columns. */
interface FoundCall {
  readonly call: FunctionCallSyntax;
  readonly columnName: string | undefined;
}

function callIn(statement: SelectStatement): FoundCall | undefined {
  const { targets, from } = statement;
  const [target] = targets;
  const [item] = from;
  if (target === undefined || targets.length > 1 || from.length > 1 || hasMore(statement)) return undefined;
  if (item === undefined) {
    const call = asCall(target.expression);
    return call === undefined ? undefined : { call, columnName: target.alias ?? call.name };
  }
  const isStar = target.expression.kind === 'star' && target.expression.qualifier.length === 0;
  if (!isStar || item.kind !== 'function' || item.items.length > 1) return undefined;
  const call = asCall(item.items[0].call);
  const isPlain = !item.hasOrdinality && item.items[0].columns === undefined && (item.alias?.columns.length ?? 0) === 0;
  return call === undefined || !isPlain ? undefined : { call, columnName: undefined };
}

/** What could keep the call from being made just once. */
function hasMore(statement: SelectStatement): boolean {
  const { distinct, where, groupBy, having, windows, locking, values, orderBy, limit, offset } = statement;
  return (
    statement.with !== undefined ||
    distinct !== 'none' ||
    where !== undefined ||
    having !== undefined ||
    values !== undefined ||
    limit !== undefined ||
    offset !== undefined ||
    [groupBy, windows, locking, orderBy].some((part) => part !== undefined && part.length > 0)
  );
}

function asCall(expression: SyntaxExpression): FunctionCallSyntax | undefined {
  if (expression.kind !== 'call' || expression.name !== 'create_hypertable') return undefined;
  return isPlainCall(expression) ? expression : undefined;
}

function isPlainCall({ schema, isStar, isDistinct, filter, orderBy, isVariadic, over }: FunctionCallSyntax): boolean {
  const isSimple = filter === undefined && orderBy === undefined && over === undefined;
  return (schema === undefined || schema === 'public') && !isStar && !isDistinct && isVariadic !== true && isSimple;
}

/** by_range(…); undefined where the second argument is the name of a column. Throws 0A000 for by_hash. */
function dimensionOf({ arguments: values, argumentNames }: FunctionCallSyntax): FunctionCallSyntax | undefined {
  const named = argumentNames?.indexOf('dimension') ?? -1;
  const dimension = values[named >= 0 ? named : 1];
  if (dimension?.kind !== 'call' || !isPlainCall(dimension)) return undefined;
  if (dimension.name === 'by_hash') {
    argumentsOf(dimension, SIGNATURES.hash);
    throw notSupported(
      'a dimension by_hash',
      dimension.position,
      'Rows are partitioned by time; within a partition they lie series by series.',
    );
  }
  return dimension.name === 'by_range' ? dimension : undefined;
}

/** The arguments by name. Throws 42883 where they do not fit, 42601 for names that are written wrongly. */
function argumentsOf(call: FunctionCallSyntax, { names, required }: Signature): ReadonlyMap<string, SyntaxExpression> {
  const { arguments: values, argumentNames, position } = call;
  const found = new Map<string, SyntaxExpression>();
  values.forEach((value, at) => {
    const name = argumentNames?.[at] ?? (argumentNames?.[at] === undefined ? names[at] : undefined);
    const isMisplaced = argumentNames?.slice(0, at).some((earlier) => earlier !== undefined) === true;
    if (isMisplaced && argumentNames?.[at] === undefined) {
      throw new SqlError(SqlState.SyntaxError, 'positional argument cannot follow named argument', {
        position: value.position,
      });
    }
    if (name === undefined || !names.includes(name) || found.has(name)) throw doesNotExist(call);
    found.set(name, value);
  });
  if (names.slice(0, required).every((name) => found.has(name))) return found;
  throw doesNotExist({ ...call, position });
}

function doesNotExist({ name, position }: FunctionCallSyntax): SqlError {
  return new SqlError(SqlState.UndefinedFunction, `function ${name} does not exist with these arguments`, {
    position,
    hint: "Write create_hypertable('table', by_range('time', interval '1 day')).",
  });
}

/** `type` undefined: whatever it is. */
function bindArgument(
  binding: StatementBinding,
  call: FunctionCallSyntax,
  syntax: SyntaxExpression,
  type: TypeDefinition | undefined,
): Expression {
  const operand = bindOperand(constantContext(binding, 'arguments of create_hypertable'), syntax);
  const target = type ?? (isUnknown(operand.expression.type) ? text : operand.expression.type.definition);
  const value = coerce(binding, operand, sqlType(target), 'assignment');
  if (value !== undefined) return value;
  const actual = operand.expression.type.definition.sqlName;
  throw new SqlError(SqlState.UndefinedFunction, `function ${call.name} takes no ${actual} here`, {
    position: startOf(operand.syntax),
    hint: `The argument is of type ${target.sqlName}.`,
  });
}

/** An interval, or microseconds as a whole number; a literal is an interval. */
function bindPartition(
  binding: StatementBinding,
  call: FunctionCallSyntax,
  syntax: SyntaxExpression | undefined,
): Expression | undefined {
  if (syntax === undefined) return undefined;
  const operand = bindOperand(constantContext(binding, 'arguments of create_hypertable'), syntax);
  const { category } = operand.expression.type.definition;
  return bindArgument(binding, call, syntax, category === 'N' ? undefined : interval);
}
