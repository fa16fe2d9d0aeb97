import { invariant } from '../errors/invariant.ts';
import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { POSTGRES_SETTINGS } from './postgres-settings.ts';
import type { SettingDefinition } from './setting-definitions.ts';
import { readNumber, type SettingUnit, showNumber } from './setting-units.ts';
import { invalidSetting, readBoolean, readChoice } from './setting-values.ts';

const DESCRIPTION = 'Shown as PostgreSQL has it; without effect here.';

const TYPES: Readonly<Record<string, SettingDefinition['valueType']>> = {
  b: 'bool',
  e: 'enum',
  i: 'integer',
  r: 'real',
  s: 'string',
};

const CONTEXTS: Readonly<Record<string, SettingDefinition['context']>> = {
  u: 'user',
  s: 'superuser',
  i: 'internal',
  p: 'postmaster',
  h: 'sighup',
  b: 'backend',
  B: 'superuser-backend',
};

/** Settings that would change what statements do: only their defaults are what happens here. */
const FIXED: ReadonlySet<string> = new Set([
  'array_nulls',
  'idle_session_timeout',
  'quote_all_identifiers',
  'session_replication_role',
  'temp_file_limit',
  'transform_null_equals',
  'zero_damaged_pages',
]);

/** Settings that name what there is one of, or none: PostgreSQL's DETAIL for any other name. */
const NAMES: Readonly<Record<string, { readonly known: readonly string[]; readonly what: string }>> = {
  default_table_access_method: { known: ['heap'], what: 'Table access method' },
  default_tablespace: { known: ['', 'pg_default'], what: 'Tablespace' },
};

/** PostgreSQL's settings that mean nothing here. They take the values that they take there, as far as nobody is misled. */
export function inertSettings(): SettingDefinition[] {
  const settings: SettingDefinition[] = [];
  let category = '';
  for (const line of POSTGRES_SETTINGS.split('\n')) {
    if (line.startsWith('# ')) category = line.slice(2);
    else if (line !== '') settings.push(settingOf(line, category));
  }
  return settings;
}

/** Why a setting cannot be changed in a session; undefined: it can. */
export function changeRefusal(name: string, context: SettingDefinition['context']): SqlError | undefined {
  const refuse = (when: string): SqlError =>
    new SqlError(SqlState.CannotChangeRuntimeParameter, `parameter "${name}" cannot be ${when}`);
  switch (context) {
    case 'internal':
      return refuse('changed');
    case 'postmaster':
      return refuse('changed without restarting the server');
    case 'sighup':
      return refuse('changed now');
    case 'backend':
    case 'superuser-backend':
      return refuse('set after connection start');
    default:
      return undefined;
  }
}

function settingOf(line: string, category: string): SettingDefinition {
  const [name, type, who, bootValue = '', unit = '', minimum = '', maximum = '', listed = ''] = line.split('|');
  const valueType = TYPES[type];
  const context = CONTEXTS[who];
  invariant(valueType !== undefined && context !== undefined, `setting ${name} has a type and somebody who changes it`);
  const choices = listed === '' ? undefined : listed.split(',');
  const isNumber = valueType === 'integer' || valueType === 'real';
  const ownUnit = unit === '' ? undefined : (unit as SettingUnit);
  const range = {
    minimum: Number(minimum),
    maximum: Number(maximum),
    unit: ownUnit,
    isInteger: valueType === 'integer',
  };
  const read = (value: string): string => {
    if (valueType === 'bool') return readBoolean(name, value) ? 'on' : 'off';
    if (isNumber) return String(readNumber(name, value, range));
    return choices === undefined ? value : readChoice(name, value, choices);
  };
  return {
    name,
    category,
    description: DESCRIPTION,
    valueType,
    context,
    isReported: false,
    bootValue,
    ...(ownUnit === undefined ? {} : { unit: ownUnit }),
    ...(isNumber ? { minimum: range.minimum, maximum: range.maximum } : {}),
    ...(choices === undefined ? {} : { choices }),
    read(value) {
      const refusal = changeRefusal(name, context);
      if (refusal !== undefined) throw refusal;
      const canonical = read(value);
      const names = NAMES[name];
      if (names !== undefined && !names.known.includes(canonical)) {
        throw invalidSetting(name, value, { detail: `${names.what} "${canonical}" does not exist.` });
      }
      if (name === 'temp_tablespaces' && canonical !== '') {
        throw new SqlError(SqlState.UndefinedObject, `tablespace "${canonical}" does not exist`);
      }
      if (FIXED.has(name) && canonical !== bootValue) throw notSupported(`setting "${name}" to "${canonical}"`);
      return canonical;
    },
    show(value) {
      if (!isNumber) return value;
      // Access rights are shown as they are written.
      if (name.endsWith('_mode') || name === 'unix_socket_permissions')
        return Number(value).toString(8).padStart(4, '0');
      return showNumber(Number(value), ownUnit);
    },
  };
}
