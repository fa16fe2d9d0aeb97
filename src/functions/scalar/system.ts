import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { formatType } from '../../types/format-type.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import { any } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { name, text, unknown } from '../../types/string-types.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { arrayTypeOf, regtype, sqlType, typeByOid } from '../../types/type-registry.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

const nameArray = arrayTypeOf(name)!;

/** Answers that hold for the session or the statement, with NULLs refused beforehand and nothing to throw. */
const stable = { volatility: 'stable', usesEnvironment: true, mayThrow: false } as const;
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
  return definition === undefined ? '???' : formatType(sqlType(definition, typmod ?? -1));
}

const roleName = ({ catalog }: FunctionEnvironment, roleOid: number): string =>
  catalog.roleName(roleOid) ?? `unknown (OID=${roleOid})`;

const UTF8_ENCODING = 6;
const encodingName = (encoding: number): string => (encoding === UTF8_ENCODING ? 'UTF8' : '');

const typeOf: ScalarFunction = defineScalar('pg_typeof', 1619, [any], regtype, () => unknown.oid, {
  volatility: 'stable',
  handlesNull: true,
  mayThrow: false,
  specialize: ([type]) => {
    const { oid: typeOid } = type!;
    return { ...typeOf, argumentTypes: [type === unknown ? text : type!], evaluate: () => typeOid };
  },
});

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
  defineScalar('pg_encoding_to_char', 1597, [int4], name, encodingName, { volatility: 'stable', mayThrow: false }),
  typeOf,
];
