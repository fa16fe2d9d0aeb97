import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { binarySize } from '../../types/binary-size.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { oid } from '../../types/oid.ts';
import { any } from '../../types/pseudo-types.ts';
import { regclass } from '../../types/reg-types.ts';
import { name, text } from '../../types/string-types.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { stable, systemOf, volatile } from './define-catalog.ts';

type Environment = FunctionEnvironment;

const FORKS: readonly string[] = ['main', 'fsm', 'vm', 'init'];

function relationSize(environment: Environment, relation: number, fork = 'main'): number | null {
  if (!FORKS.includes(fork)) {
    throw new SqlError(SqlState.InvalidParameterValue, 'invalid fork name', {
      hint: 'Valid fork names are "main", "fsm", "vm", and "init".',
    });
  }
  const bytes = systemOf(environment).relationBytes(relation);
  return bytes === undefined ? null : fork === 'main' ? bytes : 0;
}

/** Indexes are kept in memory and take no room of their own. */
function indexesSize(environment: Environment, relation: number): number | null {
  return systemOf(environment).relationBytes(relation) === undefined ? null : 0;
}

function wholeSize(environment: Environment, relation: number): number | null {
  return systemOf(environment).relationBytes(relation) ?? null;
}

function databaseSize(environment: Environment, database: string | number): number | null {
  const system = systemOf(environment);
  const found =
    typeof database === 'number'
      ? system.row('pg_database', database)
      : system.rowsWith('pg_database', 'datname', database)[0];
  if (found !== undefined) return system.databaseBytes(Number(found.oid)) ?? null;
  if (typeof database === 'number') return null;
  throw new SqlError(SqlState.InvalidCatalogName, `database "${database}" does not exist`);
}

/** Everything is in the one directory. */
function tablespaceSize(environment: Environment, tablespace: string | number): number | null {
  const system = systemOf(environment);
  const found =
    typeof tablespace === 'number'
      ? system.row('pg_tablespace', tablespace)
      : system.rowsWith('pg_tablespace', 'spcname', tablespace)[0];
  if (found === undefined) {
    if (typeof tablespace === 'number') return null;
    throw new SqlError(SqlState.UndefinedObject, `tablespace "${tablespace}" does not exist`);
  }
  if (found.spcname !== 'pg_default') return 0;
  let bytes = 0;
  for (const { oid: database } of system.rows('pg_database')) bytes += system.databaseBytes(Number(database)) ?? 0;
  return bytes;
}

/** How long a value is as it is sent. Numbers have the length of their type. */
const columnSize: ScalarFunction = defineScalar('pg_column_size', 1269, [any], int4, () => null, {
  volatility: 'stable',
  specialize: ([type]) => {
    const actual = type === undefined || type.name === 'unknown' ? text : type;
    const evaluate = (value: Value): number => {
      if (actual.length > 0) return actual.length;
      const size = binarySize(actual, value);
      // A short value has a header of one byte in PostgreSQL, a longer one of four.
      return size + (size < 127 ? 1 : 4);
    };
    return { ...columnSize, argumentTypes: [actual], evaluate };
  },
});

function fileNumber(environment: Environment, relation: number): number | null {
  const row = systemOf(environment).row('pg_class', relation);
  const number = Number(row?.relfilenode ?? 0);
  return number === 0 ? null : number;
}

function filePath(environment: Environment, relation: number): string | null {
  const number = fileNumber(environment, relation);
  const database = systemOf(environment).rowsWith('pg_database', 'datname', environment.session.databaseName)[0];
  return number === null ? null : `db/${database?.oid}/${number}`;
}

/** How much room things take. */
export const sizeFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_relation_size', 2325, [regclass], int8, relationSize, volatile),
  defineScalar('pg_relation_size', 2332, [regclass, text], int8, relationSize, volatile),
  defineScalar('pg_table_size', 2997, [regclass], int8, wholeSize, volatile),
  defineScalar('pg_indexes_size', 2998, [regclass], int8, indexesSize, volatile),
  defineScalar('pg_total_relation_size', 2286, [regclass], int8, wholeSize, volatile),
  defineScalar('pg_database_size', 2168, [name], int8, databaseSize, volatile),
  defineScalar('pg_database_size', 2324, [oid], int8, databaseSize, volatile),
  defineScalar('pg_tablespace_size', 2322, [oid], int8, tablespaceSize, volatile),
  defineScalar('pg_tablespace_size', 2323, [name], int8, tablespaceSize, volatile),
  columnSize,
  defineScalar('pg_relation_filenode', 2999, [regclass], oid, fileNumber, stable),
  defineScalar('pg_relation_filepath', 3034, [regclass], text, filePath, stable),
];
