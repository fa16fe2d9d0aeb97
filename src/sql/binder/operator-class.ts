import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { isMultirange } from '../../types/multirange-type.ts';
import { isRange } from '../../types/range-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { BindContext } from './bind-context.ts';

/** The type that each operator class of btree and hash is for, by pg_opclass's name. */
const INPUT_TYPES: Readonly<Record<string, string>> = {
  array_ops: 'anyarray',
  bit_ops: 'bit',
  bool_ops: 'bool',
  bpchar_ops: 'bpchar',
  bpchar_pattern_ops: 'bpchar',
  bytea_ops: 'bytea',
  char_ops: 'char',
  cidr_ops: 'inet',
  date_ops: 'date',
  enum_ops: 'anyenum',
  float4_ops: 'float4',
  float8_ops: 'float8',
  inet_ops: 'inet',
  int2_ops: 'int2',
  int4_ops: 'int4',
  int8_ops: 'int8',
  interval_ops: 'interval',
  jsonb_ops: 'jsonb',
  macaddr8_ops: 'macaddr8',
  macaddr_ops: 'macaddr',
  multirange_ops: 'anymultirange',
  name_ops: 'name',
  numeric_ops: 'numeric',
  oid_ops: 'oid',
  oidvector_ops: 'oidvector',
  range_ops: 'anyrange',
  text_ops: 'text',
  text_pattern_ops: 'text',
  time_ops: 'time',
  timestamp_ops: 'timestamp',
  timestamptz_ops: 'timestamptz',
  timetz_ops: 'timetz',
  uuid_ops: 'uuid',
  varbit_ops: 'varbit',
  varchar_ops: 'text',
  varchar_pattern_ops: 'text',
};

/** Those that are taken when none is written. */
const isDefaultClass = (name: string): boolean => !name.includes('pattern') && name !== 'varchar_ops';

/**
 * The operator class of an index column as it is shown: undefined for the default one of the type. Text is ordered by its
 * bytes, so that those for patterns mean the same. `acceptsAny`: of whatever type. Throws 42704, 42804, 3F000.
 */
export function bindOperatorClass(
  { catalog }: BindContext,
  type: TypeDefinition,
  method: 'btree' | 'hash',
  parts: readonly string[],
  { acceptsAny = false } = {},
): string | undefined {
  const [name = '', schema] = parts.toReversed();
  if (schema !== undefined && catalog.schema(schema) === undefined) {
    throw new SqlError(SqlState.InvalidSchemaName, `schema "${schema}" does not exist`);
  }
  const input = schema === undefined || schema === 'pg_catalog' ? INPUT_TYPES[name] : undefined;
  if (input === undefined) {
    const written = parts.join('.');
    throw new SqlError(
      SqlState.UndefinedObject,
      `operator class "${written}" does not exist for access method "${method}"`,
    );
  }
  if (!acceptsAny && !accepts(input, type)) {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      `operator class "${parts.join('.')}" does not accept data type ${type.sqlName}`,
    );
  }
  // It would take 'a' and 'a ' for one.
  if (!acceptsAny && input === 'bpchar' && type.name !== 'bpchar') {
    throw notSupported(`the operator class "${name}" on a column of type ${type.sqlName}`);
  }
  return isDefaultClass(name) ? undefined : name;
}

/** Whether an operator class that there is takes a type. */
export function acceptsType(parts: readonly string[], type: TypeDefinition): boolean {
  return accepts(INPUT_TYPES[parts.at(-1) ?? ''] ?? '', type);
}

/** Whether values of a type are values of the class's as they are. */
function accepts(input: string, type: TypeDefinition): boolean {
  const { name, category } = type;
  switch (input) {
    case 'anyarray':
      return category === 'A';
    case 'anyenum':
      return category === 'E';
    case 'anyrange':
      return isRange(type);
    case 'anymultirange':
      return isMultirange(type);
    case 'text':
      return name === 'text' || name === 'varchar';
    case 'bpchar':
      return name === 'bpchar' || name === 'text' || name === 'varchar';
    case 'inet':
      return name === 'inet' || name === 'cidr';
    case 'oid':
      return name === 'oid' || name.startsWith('reg');
    default:
      return name === input;
  }
}
