import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import { anyarray } from '../../types/pseudo-types.ts';
import { record, recordTypeOver } from '../../types/record-type.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { SqlRecord } from '../../types/sql-record.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf, sqlType } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { stable, systemOf } from './define-catalog.ts';

/** Where these functions are. */
export const INFORMATION_SCHEMA = 'information_schema';

const TRUE_TYPE_OID = 13_210;
const BIT = 1560;
const VARBIT = 1562;
const BPCHAR = 1042;
const VARCHAR = 1043;
const TEXT = 25;
const NUMERIC = 1700;
const DATE = 1082;
const TIMES: readonly number[] = [1083, 1114, 1184, 1266];
const INTERVAL = 1186;
const TYPMOD_HEADER = 4;
const BINARY_DIGITS: Readonly<Record<number, number>> = { 21: 16, 23: 32, 20: 64, 700: 24, 701: 53 };
const INTEGERS: readonly number[] = [21, 23, 20];
const MOST_OCTETS = 2 ** 30;
const OCTETS_OF_CHARACTER = 4;
/** Digits of seconds, and of an interval's. */
const MICROSECONDS = 6;
const INTERVAL_FIELDS: Readonly<Record<number, string>> = {
  4: 'YEAR',
  2: 'MONTH',
  8: 'DAY',
  1024: 'HOUR',
  2048: 'MINUTE',
  4096: 'SECOND',
  6: 'YEAR TO MONTH',
  1032: 'DAY TO HOUR',
  3080: 'DAY TO MINUTE',
  7176: 'DAY TO SECOND',
  3072: 'HOUR TO MINUTE',
  7168: 'HOUR TO SECOND',
  6144: 'MINUTE TO SECOND',
};

export function characterLength(typeOid: number, typmod: number): number | null {
  if (typeOid === BIT || typeOid === VARBIT) return typmod === -1 ? null : typmod;
  return (typeOid === BPCHAR || typeOid === VARCHAR) && typmod !== -1 ? typmod - TYPMOD_HEADER : null;
}

export function octetLength(typeOid: number, typmod: number): number | null {
  if (typeOid !== TEXT && typeOid !== BPCHAR && typeOid !== VARCHAR) return null;
  const characters = characterLength(typeOid, typmod);
  return characters === null ? MOST_OCTETS : characters * OCTETS_OF_CHARACTER;
}

export function numericPrecision(typeOid: number, typmod: number): number | null {
  if (typeOid !== NUMERIC) return BINARY_DIGITS[typeOid] ?? null;
  return typmod === -1 ? null : ((typmod - TYPMOD_HEADER) >> 16) & 0xffff;
}

export function precisionRadix(typeOid: number): number | null {
  if (typeOid === NUMERIC) return 10;
  return BINARY_DIGITS[typeOid] === undefined ? null : 2;
}

export function numericScale(typeOid: number, typmod: number): number | null {
  if (INTEGERS.includes(typeOid)) return 0;
  return typeOid === NUMERIC && typmod !== -1 ? (typmod - TYPMOD_HEADER) & 0xffff : null;
}

export function timePrecision(typeOid: number, typmod: number): number | null {
  if (typeOid === DATE) return 0;
  if (TIMES.includes(typeOid)) return typmod < 0 ? MICROSECONDS : typmod;
  if (typeOid !== INTERVAL) return null;
  return typmod < 0 || (typmod & 0xffff) === 0xffff ? MICROSECONDS : typmod & 0xffff;
}

/** Which fields of an interval are kept; NULL: all. */
export function intervalFields(typeOid: number, typmod: number): string | null {
  if (typeOid !== INTERVAL || typmod < 0) return null;
  return INTERVAL_FIELDS[(typmod >> 16) & 0x7fff] ?? null;
}

function ofType(
  name: string,
  functionOid: number,
  result: TypeDefinition,
  evaluate: (...values: number[]) => Value,
): ScalarFunction {
  return { ...defineScalar(name, functionOid, [oid, int4], result, evaluate), schema: INFORMATION_SCHEMA };
}

/** The place of a column among those of an index, from 1. */
function indexPosition(environment: FunctionEnvironment, index: number, column: number): number | null {
  const keys = systemOf(environment).row('pg_index', index)?.indkey;
  const at = keys instanceof SqlArray ? keys.elements.indexOf(column) : -1;
  return at < 0 ? null : at + 1;
}

/** The elements of an array with their places: (x, n). */
function expandArray(elementType: TypeDefinition, argumentType: TypeDefinition): TableFunction {
  const columns = [
    { name: 'x', type: elementType },
    { name: 'n', type: int4 },
  ];
  const fields = columns.map((column) => ({ name: column.name, type: sqlType(column.type) }));
  return {
    kind: 'table',
    name: '_pg_expandarray',
    oid: 13_208,
    schema: INFORMATION_SCHEMA,
    argumentTypes: [argumentType],
    resultType: recordTypeOver(fields),
    columnName: '_pg_expandarray',
    columns,
    specialize: ([actual]) => {
      const element = actual === undefined ? undefined : elementTypeOf(actual);
      return expandArray(element ?? elementType, actual ?? argumentType);
    },
    *rows([array]) {
      if (!(array instanceof SqlArray)) return;
      for (const [at, element] of array.elements.entries()) yield new SqlRecord(fields, [element, at + 1]);
    },
  };
}

/** What a row of a system table says in one of its columns; NULL where it has none of that name. */
function fieldOf(row: SqlRecord, field: string): Value {
  return row.values[row.fields.findIndex(({ name }) => name === field)] ?? null;
}

/** Of a column and its type: what the column says, or, where the type is a domain, what that is made of. */
function trueType(functionName: string, functionOid: number, ofColumn: string, ofDomain: string): ScalarFunction {
  const [result, argument] = [functionOid === TRUE_TYPE_OID ? oid : int4, record];
  const evaluate = (column: SqlRecord, type: SqlRecord): Value =>
    fieldOf(type, 'typtype') === 'd' ? fieldOf(type, ofDomain) : fieldOf(column, ofColumn);
  return {
    ...defineScalar(functionName, functionOid, [argument, argument], result, evaluate),
    schema: INFORMATION_SCHEMA,
  };
}

/** What information_schema's own views are made with. Some clients call them. */
export const informationSchemaFunctions: readonly (ScalarFunction | TableFunction)[] = [
  expandArray(text, anyarray),
  trueType('_pg_truetypid', TRUE_TYPE_OID, 'atttypid', 'typbasetype'),
  trueType('_pg_truetypmod', 13_211, 'atttypmod', 'typtypmod'),
  ofType('_pg_char_max_length', 13_212, int4, characterLength),
  ofType('_pg_char_octet_length', 13_213, int4, octetLength),
  ofType('_pg_numeric_precision', 13_215, int4, numericPrecision),
  ofType('_pg_numeric_precision_radix', 13_216, int4, precisionRadix),
  ofType('_pg_numeric_scale', 13_217, int4, numericScale),
  ofType('_pg_datetime_precision', 13_218, int4, timePrecision),
  ofType('_pg_interval_type', 13_219, text, intervalFields),
  {
    ...defineScalar('_pg_index_position', 13_209, [oid, int2], int4, indexPosition, stable),
    schema: INFORMATION_SCHEMA,
  },
];
