import { notSupported, SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { float8 } from '../../types/float8.ts';
import { formatType } from '../../types/format-type.ts';
import { canonicalInstant } from '../../types/instant.ts';
import { int4 } from '../../types/int4.ts';
import type { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { FIRST_USER_OID, oid } from '../../types/oid.ts';
import { any, voidType } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { name, text, unknown } from '../../types/string-types.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { arrayTypeOf, regtype, sqlType, typeByOid } from '../../types/type-registry.ts';
import { uuid } from '../../types/uuid.ts';
import type { Int64, Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { quoteIdentifier } from './quoting.ts';

const nameArray = arrayTypeOf(name)!;

/** Answers that hold for the session or the statement, with NULLs refused beforehand and nothing to throw. */
const stable = { volatility: 'stable', usesEnvironment: true, mayThrow: false } as const;
const sideEffect = { volatility: 'volatile', usesEnvironment: true } as const;
const stableMayThrow = { volatility: 'stable', usesEnvironment: true } as const;

function currentSetting({ session }: FunctionEnvironment, setting: string, isMissingOk = false): string | null {
  const value = session.setting(setting);
  if (value !== undefined) return value;
  if (isMissingOk) return null;
  throw new SqlError(SqlState.UndefinedObject, `unrecognized configuration parameter "${setting}"`);
}

function setConfig(
  environment: FunctionEnvironment,
  setting: string | null,
  value: string | null,
  isLocal: boolean | null,
): string | null {
  if (setting === null) throw new SqlError(SqlState.NullValueNotAllowed, 'SET requires parameter name');
  environment.session.changeSetting(setting, value ?? '', isLocal === true);
  return environment.session.setting(setting) ?? null;
}

/** NULL has no type; a type of no OID is shown as PostgreSQL shows it. */
function formatTypeOf(environment: FunctionEnvironment, typeOid: number | null, typmod: number | null): string | null {
  if (typeOid === null) return null;
  if (typeOid === 0) return '-';
  const definition = environment.catalog.typeOf(typeOid)?.definition ?? typeByOid(typeOid);
  if (definition === undefined) return listedType(environment, typeOid) ?? '???';
  const written = typmod === null ? definition.sqlName : formatType(sqlType(definition, typmod));
  // Only a type that was created can be one that the search path does not find.
  if (typeOid < FIRST_USER_OID || environment.catalog.isTypeVisible(typeOid)) return written;
  const schema = schemaOfType(environment, typeOid);
  return schema === undefined ? written : `${quoteIdentifier(schema)}.${written}`;
}

function schemaOfType({ system }: FunctionEnvironment, typeOid: number): string | undefined {
  const row = system?.row('pg_type', typeOid);
  const schema = row && system?.row('pg_namespace', Number(row.typnamespace))?.nspname;
  return schema === undefined ? undefined : String(schema);
}

/** A type that only pg_type knows: a domain of information_schema, an array over rows. */
function listedType({ system }: FunctionEnvironment, typeOid: number): string | undefined {
  const row = system?.row('pg_type', typeOid);
  if (row === undefined) return undefined;
  const element = Number(row.typelem);
  if (element !== 0 && row.typcategory === 'A') {
    const name = system?.row('pg_type', element)?.typname;
    return name === undefined ? undefined : `${quoteIdentifier(String(name))}[]`;
  }
  const schema = String(system?.row('pg_namespace', Number(row.typnamespace))?.nspname ?? 'pg_catalog');
  const name = quoteIdentifier(String(row.typname));
  return schema === 'pg_catalog' ? name : `${quoteIdentifier(schema)}.${name}`;
}

const roleName = ({ catalog }: FunctionEnvironment, roleOid: number): string =>
  catalog.roleName(roleOid) ?? `unknown (OID=${roleOid})`;

const typeOf: ScalarFunction = defineScalar('pg_typeof', 1619, [any], regtype, () => unknown.oid, {
  volatility: 'stable',
  handlesNull: true,
  mayThrow: false,
  specialize: ([type]) => {
    const { oid: typeOid } = type!;
    return { ...typeOf, argumentTypes: [type === unknown ? text : type!], evaluate: () => typeOid };
  },
});

const collationName = { volatility: 'stable', handlesNull: true } as const;

/** All collations order by bytes; that of a value is the database's own. */
const collationFor: ScalarFunction = defineScalar('pg_collation_for', 3162, [any], text, () => null, {
  ...collationName,
  specialize: ([type]) => {
    const { category, sqlName } = type ?? text;
    if (category !== 'S' && type !== unknown) {
      throw new SqlError(SqlState.DatatypeMismatch, `collations are not supported by type ${sqlName}`);
    }
    const evaluate = (): string | null => (type === unknown ? null : '"default"');
    return { ...collationFor, argumentTypes: [type === unknown ? text : (type ?? text)], evaluate };
  },
});

/** How many of the arguments are NULL, or are not. */
function nullCount(functionName: string, oid: number, counts: (value: Value) => boolean): ScalarFunction {
  const evaluate = (...values: Value[]): number => {
    let count = 0;
    for (const value of values) if (counts(value)) count++;
    return count;
  };
  return defineScalar(functionName, oid, [any], int4, evaluate, {
    handlesNull: true,
    mayThrow: false,
    isVariadic: true,
  });
}

function randomUuid(environment: FunctionEnvironment): string {
  const bytes = Buffer.alloc(16);
  environment.fillRandom(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const MAX_SLEEP_SECONDS = 1e9;

/** The statement waits when the row is done; NaN and less than nothing are no time at all. */
function sleep(environment: FunctionEnvironment, seconds: number): string {
  if (environment.sleep === undefined) throw notSupported('pg_sleep outside a running statement');
  if (seconds > 0) environment.sleep(Math.min(seconds, MAX_SLEEP_SECONDS) * 1_000_000);
  return '';
}

const sleepFor = (environment: FunctionEnvironment, span: Interval): string => sleep(environment, span.toSeconds());
const sleepUntil = (environment: FunctionEnvironment, instant: Int64): string =>
  sleep(environment, (Number(canonicalInstant(instant)) - environment.clock()) / 1_000_000);

const databaseName = ({ session }: FunctionEnvironment): string => session.databaseName;
const userName = ({ session }: FunctionEnvironment): string => session.userName;
const firstSchema = ({ session }: FunctionEnvironment): string | null => session.currentSchemas(false)[0] ?? null;
const schemas = ({ session }: FunctionEnvironment, includeImplicit: boolean): SqlArray =>
  new SqlArray(session.currentSchemas(includeImplicit));

/**
 * What a session can ask about itself and the catalog. `user` and `current_catalog`, which SQL writes without
 * parentheses, are functions of that name here, with OIDs of ours.
 */
export const systemFunctions: readonly ScalarFunction[] = [
  defineScalar('version', 89, [], text, ({ session }: FunctionEnvironment) => session.versionText, stable),
  defineScalar('current_database', 861, [], name, databaseName, stable),
  defineScalar('current_catalog', 9020, [], name, databaseName, stable),
  defineScalar('current_schema', 1402, [], name, firstSchema, stable),
  defineScalar('current_schemas', 1403, [bool], nameArray, schemas, stable),
  defineScalar('current_user', 745, [], name, userName, stable),
  defineScalar('user', 9021, [], name, userName, stable),
  defineScalar('current_role', 9022, [], name, userName, stable),
  defineScalar('session_user', 746, [], name, ({ session }: FunctionEnvironment) => session.sessionUserName, stable),
  defineScalar('pg_get_userbyid', 1642, [oid], name, roleName, stable),
  defineScalar(
    'pg_table_is_visible',
    2079,
    [oid],
    bool,
    ({ catalog }: FunctionEnvironment, o: number) => catalog.isRelationVisible(o),
    stable,
  ),
  defineScalar(
    'pg_type_is_visible',
    2080,
    [oid],
    bool,
    ({ catalog }: FunctionEnvironment, o: number) => catalog.isTypeVisible(o),
    stable,
  ),
  defineScalar(
    'pg_function_is_visible',
    2081,
    [oid],
    bool,
    ({ catalog }: FunctionEnvironment, o: number) => catalog.isFunctionVisible(o),
    stable,
  ),
  defineScalar('format_type', 1081, [oid, int4], text, formatTypeOf, { ...stable, handlesNull: true }),
  defineScalar('current_setting', 2077, [text], text, currentSetting, stableMayThrow),
  defineScalar('current_setting', 3294, [text, bool], text, currentSetting, stableMayThrow),
  defineScalar('set_config', 2078, [text, text, bool], text, setConfig, {
    volatility: 'volatile',
    usesEnvironment: true,
    handlesNull: true,
  }),
  defineScalar('pg_backend_pid', 2026, [], int4, ({ session }: FunctionEnvironment) => session.processId, stable),
  defineScalar(
    'pg_postmaster_start_time',
    2560,
    [],
    timestamptz,
    ({ session }: FunctionEnvironment) => session.serverStart,
    stable,
  ),
  defineScalar('pg_is_in_recovery', 3810, [], bool, () => false, { volatility: 'volatile', mayThrow: false }),
  typeOf,
  collationFor,
  nullCount('num_nulls', 438, (value) => value === null),
  nullCount('num_nonnulls', 440, (value) => value !== null),
  defineScalar('gen_random_uuid', 3432, [], uuid, randomUuid, { ...sideEffect, mayThrow: false }),
  defineScalar('pg_sleep', 2626, [float8], voidType, sleep, sideEffect),
  defineScalar('pg_sleep_for', 3935, [interval], voidType, sleepFor, sideEffect),
  defineScalar('pg_sleep_until', 3936, [timestamptz], voidType, sleepUntil, sideEffect),
  defineScalar('getpgusername', 710, [], name, userName, stable),
  defineScalar('pg_jit_available', 315, [], bool, () => false, { volatility: 'volatile', mayThrow: false }),
  defineScalar('pg_trigger_depth', 3163, [], int4, () => 0, { volatility: 'stable', mayThrow: false }),
  defineScalar(
    'pg_conf_load_time',
    2034,
    [],
    timestamptz,
    ({ session }: FunctionEnvironment) => session.serverStart,
    stable,
  ),
];
