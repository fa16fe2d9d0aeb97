import { notSupported, SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { inertSettings } from './inert-settings.ts';
import { parseSearchPath } from './search-path.ts';
import type { SettingUnit } from './setting-units.ts';
import {
  cleanApplicationName,
  type IntegerRange,
  invalidSetting,
  readBoolean,
  readChoice,
  readChoiceOrBoolean,
  readClientEncoding,
  readDateStyle,
  readInteger,
  readTimeZone,
  showMilliseconds,
} from './setting-values.ts';

/** One setting that the server knows: the facts of its row in pg_settings, and how a value is read. */
export interface SettingDefinition {
  /** In PostgreSQL's spelling: `DateStyle`. Looked up in any case. */
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly valueType: 'bool' | 'enum' | 'integer' | 'real' | 'string';
  /** Who changes it; only for `user` and `superuser` it is SET (55P02). */
  readonly context: 'internal' | 'user' | 'superuser' | 'postmaster' | 'sighup' | 'backend' | 'superuser-backend';
  /** Sent as ParameterStatus at start and after each change. */
  readonly isReported: boolean;
  readonly bootValue: string;
  readonly unit?: SettingUnit;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  /** The canonical form of a value; throws 22023 or 0A000. `current` is the value that it replaces. */
  read(value: string, current: string): string;
  /** As SHOW prints a canonical value. */
  show(value: string): string;
}

type Facts = Pick<SettingDefinition, 'category' | 'description'> & { readonly isReported?: boolean };

const CLIENT_STATEMENT = 'Client Connection Defaults / Statement Behavior';
const CLIENT_LOCALE = 'Client Connection Defaults / Locale and Formatting';
const PRESET = 'Preset Options';
const asIs = (value: string): string => value;

function stringSetting(
  name: string,
  bootValue: string,
  facts: Facts,
  read: SettingDefinition['read'] = asIs,
): SettingDefinition {
  return { name, bootValue, isReported: false, ...facts, valueType: 'string', context: 'user', read, show: asIs };
}

function booleanSetting(name: string, bootValue: 'on' | 'off', facts: Facts): SettingDefinition {
  return {
    name,
    bootValue,
    isReported: false,
    ...facts,
    valueType: 'bool',
    context: 'user',
    read: (value) => (readBoolean(name, value) ? 'on' : 'off'),
    show: asIs,
  };
}

function enumSetting(name: string, bootValue: string, choices: readonly string[], facts: Facts): SettingDefinition {
  return {
    name,
    bootValue,
    isReported: false,
    ...facts,
    choices,
    valueType: 'enum',
    context: 'user',
    // PostgreSQL names it here as it was written, which is folded.
    read: (value) => readChoice(name.toLowerCase(), value, choices),
    show: asIs,
  };
}

function integerSetting(name: string, bootValue: string, range: IntegerRange, facts: Facts): SettingDefinition {
  return {
    name,
    bootValue,
    isReported: false,
    ...facts,
    ...range,
    valueType: 'integer',
    context: 'user',
    read: (value) => String(readInteger(name, value, range)),
    show: range.unit === 'ms' ? (value) => showMilliseconds(Number(value)) : asIs,
  };
}

/** Accepts only `honoured`: any other valid value would ask for something that we do not do. */
function honouring(definition: SettingDefinition, honoured: readonly string[]): SettingDefinition {
  return {
    ...definition,
    read(value, current) {
      const canonical = definition.read(value, current);
      if (!honoured.includes(canonical)) throw notSupported(`setting "${definition.name}" to "${canonical}"`);
      return canonical;
    },
  };
}

function preset(
  name: string,
  bootValue: string,
  valueType: SettingDefinition['valueType'],
  description: string,
  isReported = false,
): SettingDefinition {
  return {
    name,
    bootValue,
    valueType,
    description,
    isReported,
    category: PRESET,
    context: 'internal',
    read() {
      throw new SqlError(SqlState.CannotChangeRuntimeParameter, `parameter "${name}" cannot be changed`);
    },
    show: asIs,
  };
}

/** The roles of a session, whose OIDs its settings hold. */
export interface RoleSettings {
  /** The same object as long as roles are what they are. */
  readonly roles: object;
  /** Of the current role. */
  readonly isSuperuser: boolean;
  /** The canonical value of session_authorization that a session begins with. */
  readonly firstSessionAuthorization: string;
  isRole(name: string): boolean;
  /** From a name to the canonical value. Throws 22023 for no role, 42501 for one that may not be taken. */
  readRole(name: string): string;
  readSessionAuthorization(name: string): string;
  /** From the canonical value to the name. */
  showRole(value: string): string;
}

/** `lc_…`: byte order and English are all there is. */
function localeSetting(name: string, description: string): SettingDefinition {
  return stringSetting(name, 'C.UTF-8', { category: CLIENT_LOCALE, description }, (value) => {
    const known = ['', 'C', 'POSIX', 'C.UTF-8', 'C.utf8'].includes(value);
    if (!known) throw invalidSetting(name, value);
    return value === '' ? 'C.UTF-8' : value;
  });
}

const SYNCHRONOUS_COMMIT = ['local', 'remote_write', 'remote_apply', 'on', 'off'];
const ISOLATION_LEVELS = ['serializable', 'repeatable read', 'read committed', 'read uncommitted'];
export const MESSAGE_LEVELS = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'];

export interface ServerFacts {
  readonly serverVersion: string;
  readonly serverVersionNumber: number;
  readonly roles: RoleSettings;
}

/** Settings by lower-case name. */
export interface SettingDefinitions extends Iterable<readonly [key: string, definition: SettingDefinition]> {
  get(key: string): SettingDefinition | undefined;
}

/** All settings of a session. The facts of server and user are their boot values. */
export function settingDefinitions(facts: ServerFacts): SettingDefinitions {
  common ??= byName([...inertSettings(), ...commonDefinitions()]);
  return new LayeredDefinitions(common, byName(ownDefinitions(facts)));
}

/** What is the same in all sessions: hundreds of definitions, which one that is idle should not hold for itself. */
let common: ReadonlyMap<string, SettingDefinition> | undefined;

class LayeredDefinitions implements SettingDefinitions {
  readonly #common: ReadonlyMap<string, SettingDefinition>;
  readonly #own: ReadonlyMap<string, SettingDefinition>;

  constructor(common: ReadonlyMap<string, SettingDefinition>, own: ReadonlyMap<string, SettingDefinition>) {
    this.#common = common;
    this.#own = own;
  }

  get(key: string): SettingDefinition | undefined {
    return this.#common.get(key) ?? this.#own.get(key);
  }

  *[Symbol.iterator](): Iterator<readonly [key: string, definition: SettingDefinition]> {
    yield* this.#common;
    yield* this.#own;
  }
}

function byName(definitions: readonly SettingDefinition[]): ReadonlyMap<string, SettingDefinition> {
  return new Map(definitions.map((definition) => [definition.name.toLowerCase(), definition]));
}

function ownDefinitions(facts: ServerFacts): readonly SettingDefinition[] {
  return [
    {
      ...preset('is_superuser', 'on', 'bool', 'Shows whether the current user is a superuser.', true),
      show: () => (facts.roles.isSuperuser ? 'on' : 'off'),
    },
    preset('server_version', facts.serverVersion, 'string', 'Shows the server version.', true),
    preset(
      'server_version_num',
      String(facts.serverVersionNumber),
      'integer',
      'Shows the server version as an integer.',
    ),
    {
      ...stringSetting(
        'session_authorization',
        facts.roles.firstSessionAuthorization,
        { category: CLIENT_STATEMENT, description: 'Sets the session user name.', isReported: true },
        (value) => facts.roles.readSessionAuthorization(value),
      ),
      show: (value) => facts.roles.showRole(value),
    },
    {
      ...stringSetting('role', 'none', { category: CLIENT_STATEMENT, description: 'Sets the current role.' }, (value) =>
        facts.roles.readRole(value),
      ),
      show: (value) => facts.roles.showRole(value),
    },
  ];
}

function commonDefinitions(): readonly SettingDefinition[] {
  return [
    stringSetting(
      'application_name',
      '',
      {
        category: 'Reporting and Logging / What to Log',
        description: 'Sets the application name to be reported in statistics and logs.',
        isReported: true,
      },
      cleanApplicationName,
    ),
    enumSetting('bytea_output', 'hex', ['escape', 'hex'], {
      category: CLIENT_STATEMENT,
      description: 'Sets the output format for bytea.',
    }),
    stringSetting(
      'client_encoding',
      'UTF8',
      {
        category: CLIENT_LOCALE,
        description: "Sets the client's character set encoding.",
        isReported: true,
      },
      readClientEncoding,
    ),
    {
      ...enumSetting('client_min_messages', 'notice', [...MESSAGE_LEVELS, 'info', 'debug'], {
        category: CLIENT_STATEMENT,
        description: 'Sets the message levels that are sent to the client.',
      }),
      choices: MESSAGE_LEVELS,
      // PostgreSQL takes two names that it does not list.
      read: (value) =>
        ['info', 'debug'].includes(value.toLowerCase())
          ? value.toLowerCase().replace(/^debug$/, 'debug2')
          : readChoice('client_min_messages', value, MESSAGE_LEVELS),
    },
    stringSetting(
      'DateStyle',
      'ISO, MDY',
      {
        category: CLIENT_LOCALE,
        description: 'Sets the display format for date and time values.',
        isReported: true,
      },
      (value, current) => {
        const style = readDateStyle(value, readDateStyle(current, { format: 'ISO', order: 'MDY' }));
        return `${style.format}, ${style.order}`;
      },
    ),
    booleanSetting('default_transaction_deferrable', 'off', {
      category: CLIENT_STATEMENT,
      description: 'Sets the default deferrable status of new transactions.',
    }),
    enumSetting('default_transaction_isolation', 'read committed', ISOLATION_LEVELS, {
      category: CLIENT_STATEMENT,
      description: 'Sets the transaction isolation level of each new transaction.',
    }),
    booleanSetting('default_transaction_read_only', 'off', {
      category: CLIENT_STATEMENT,
      description: 'Sets the default read-only status of new transactions.',
      isReported: true,
    }),
    booleanSetting('escape_string_warning', 'on', {
      category: 'Version and Platform Compatibility / Previous PostgreSQL Versions',
      description: 'Warn about backslash escapes in ordinary string literals.',
    }),
    integerSetting(
      'extra_float_digits',
      '1',
      { minimum: -15, maximum: 3 },
      {
        category: CLIENT_LOCALE,
        description: 'Sets the number of digits displayed for floating-point values.',
      },
    ),
    integerSetting(
      'idle_in_transaction_session_timeout',
      '0',
      { minimum: 0, maximum: 2_147_483_647, unit: 'ms' },
      {
        category: CLIENT_STATEMENT,
        description: 'Sets the maximum allowed idle time between queries, when in a transaction.',
      },
    ),
    preset('in_hot_standby', 'off', 'bool', 'Shows whether hot standby is currently active.', true),
    preset('integer_datetimes', 'on', 'bool', 'Shows whether datetimes are integer based.', true),
    {
      ...enumSetting('IntervalStyle', 'postgres', ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'], {
        category: CLIENT_LOCALE,
        description: 'Sets the display format for interval values.',
      }),
      isReported: true,
    },
    preset('lc_collate', 'C.UTF-8', 'string', 'Shows the collation order locale.'),
    preset('lc_ctype', 'C.UTF-8', 'string', 'Shows the character classification and case conversion locale.'),
    localeSetting('lc_messages', 'Sets the language in which messages are displayed.'),
    localeSetting('lc_monetary', 'Sets the locale for formatting monetary amounts.'),
    localeSetting('lc_numeric', 'Sets the locale for formatting numbers.'),
    localeSetting('lc_time', 'Sets the locale for formatting date and time values.'),
    integerSetting(
      'lock_timeout',
      '0',
      { minimum: 0, maximum: 2_147_483_647, unit: 'ms' },
      {
        category: CLIENT_STATEMENT,
        description: 'Sets the maximum allowed duration of any wait for a lock.',
      },
    ),
    {
      ...integerSetting(
        'log_min_duration_statement',
        '-1',
        { minimum: -1, maximum: 2_147_483_647, unit: 'ms' },
        {
          category: 'Reporting and Logging / When to Log',
          description: 'Sets the minimum execution time above which all statements will be logged.',
        },
      ),
      context: 'superuser',
    },
    {
      // PostgreSQL logs everything unless told otherwise; here constants and parameters stay out of the log unless asked for.
      ...integerSetting(
        'log_parameter_max_length',
        '0',
        { minimum: -1, maximum: 1_073_741_823 },
        {
          category: 'Reporting and Logging / What to Log',
          description:
            'Sets the maximum length in bytes of data logged for bind parameter values when logging statements.',
        },
      ),
      context: 'superuser',
    },
    preset('max_identifier_length', '63', 'integer', 'Shows the maximum identifier length.'),
    preset('max_index_keys', '32', 'integer', 'Shows the maximum number of index keys.'),
    stringSetting(
      'search_path',
      '"$user", public',
      {
        category: CLIENT_STATEMENT,
        description: 'Sets the schema search order for names that are not schema-qualified.',
      },
      (value) => {
        parseSearchPath(value);
        return value === '' ? '""' : value;
      },
    ),
    preset('server_encoding', 'UTF8', 'string', 'Shows the server (database) character set encoding.', true),
    {
      ...honouring(
        booleanSetting('standard_conforming_strings', 'on', {
          category: 'Version and Platform Compatibility / Previous PostgreSQL Versions',
          description: "Causes '...' strings to treat backslashes literally.",
        }),
        ['on'],
      ),
      isReported: true,
    },
    integerSetting(
      'statement_timeout',
      '0',
      { minimum: 0, maximum: 2_147_483_647, unit: 'ms' },
      {
        category: CLIENT_STATEMENT,
        description: 'Sets the maximum allowed duration of any statement.',
      },
    ),
    {
      // Without standbys, as here, all values but `off` mean the same in PostgreSQL too.
      ...enumSetting('synchronous_commit', 'on', SYNCHRONOUS_COMMIT, {
        category: 'Write-Ahead Log / Settings',
        description: "Sets the current transaction's synchronization level.",
      }),
      read: (value) => readChoiceOrBoolean('synchronous_commit', value, SYNCHRONOUS_COMMIT),
    },
    stringSetting(
      'TimeZone',
      'UTC',
      {
        category: CLIENT_LOCALE,
        description: 'Sets the time zone for displaying and interpreting time stamps.',
        isReported: true,
      },
      (value) => {
        return readTimeZone(value);
      },
    ),
    booleanSetting('transaction_deferrable', 'off', {
      category: CLIENT_STATEMENT,
      description:
        'Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures.',
    }),
    enumSetting('transaction_isolation', 'read committed', ISOLATION_LEVELS, {
      category: CLIENT_STATEMENT,
      description: "Sets the current transaction's isolation level.",
    }),
    booleanSetting('transaction_read_only', 'off', {
      category: CLIENT_STATEMENT,
      description: "Sets the current transaction's read-only status.",
    }),
  ];
}
