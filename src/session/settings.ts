import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { type EncodingName, encodingNamed } from '../types/text-encoding.ts';
import { timeZone, UTC } from '../types/time-zone.ts';
import type { TypeContext } from '../types/type-definition.ts';
import { parseSearchPath } from './search-path.ts';
import {
  type RoleSettings,
  type ServerFacts,
  type SettingDefinition,
  type SettingDefinitions,
  settingDefinitions,
} from './setting-definitions.ts';
import { readDateStyle } from './setting-values.ts';

/** The two settings that are not kept here but belong to the running transaction. */
export interface TransactionModes {
  readonly isolation: string;
  readonly isReadOnly: boolean;
  readonly isDeferrable: boolean;
  setIsolation(level: string): void;
  setReadOnly(isReadOnly: boolean): void;
  setDeferrable(isDeferrable: boolean): void;
}

/** A row of pg_settings and of SHOW ALL. `setting` is in base units, `shown` as SHOW prints it. */
export interface SettingRow {
  readonly name: string;
  readonly setting: string;
  readonly shown: string;
  readonly definition: SettingDefinition;
  readonly resetValue: string;
  readonly source: SettingSource;
}

/** Where a value comes from, in the words of pg_settings.source. */
export type SettingSource = 'default' | LoginDefaults['source'] | 'client' | 'session';

/** What sessions begin with by ALTER ROLE and ALTER DATABASE … SET. */
export interface LoginDefaults {
  readonly source: 'global' | 'database' | 'user' | 'database user';
  readonly values: readonly (readonly [name: string, value: string])[];
}

/** What a savepoint keeps, and goes back to. */
export interface SettingsState {
  readonly values: ReadonlyMap<string, string>;
  readonly localValues: ReadonlyMap<string, string>;
  readonly before: ReadonlyMap<string, string | undefined>;
}

const CUSTOM_NAME = /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*(\.[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)+$/;
const MAX_CUSTOM_SETTINGS = 1000;
const NO_REPORTS: readonly (readonly [name: string, value: string])[] = [];

/** Settings that every statement asks for, as what they mean. */
interface KnownValues {
  readonly version: number;
  readonly role: string;
  readonly sessionAuthorization: string;
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  /** undefined: no statement is logged for its duration. */
  readonly logMinDurationMs: number | undefined;
  readonly defaultIsolation: string;
  readonly defaultIsDeferrable: boolean;
  readonly defaultIsReadOnly: boolean;
}

/**
 * The settings of one session. Changes belong to the transaction that makes them: a rollback takes them back, and what
 * was set LOCAL ends with the transaction either way.
 */
export class Settings {
  readonly #definitions: SettingDefinitions;
  readonly #reportedDefinitions: readonly (readonly [key: string, definition: SettingDefinition])[];
  readonly #modes: TransactionModes;
  readonly #roles: RoleSettings;
  /** What RESET goes back to: what the session began with. Keys of all maps are lower case. */
  readonly #resetValues = new Map<string, string>();
  readonly #resetSources = new Map<string, SettingSource>();
  readonly #values = new Map<string, string>();
  readonly #localValues = new Map<string, string>();
  /** Session values as they were before this transaction; undefined: not set. */
  readonly #before = new Map<string, string | undefined>();
  /** Custom settings keep the spelling of their first SET. */
  readonly #customNames = new Map<string, string>();
  readonly #reported = new Map<string, string>();
  /** With what `takeChangedReports` looked last. */
  #reportedWith: { readonly version: number; readonly roles: object } | undefined;
  #known: KnownValues | undefined;
  #version = 0;
  #encoding: { readonly version: number; readonly value: EncodingName } | undefined;
  #typeContext: { readonly version: number; readonly value: TypeContext } | undefined;

  constructor(facts: ServerFacts, modes: TransactionModes) {
    this.#definitions = settingDefinitions(facts);
    this.#reportedDefinitions = [...this.#definitions].filter(([, { isReported }]) => isReported);
    this.#roles = facts.roles;
    this.#modes = modes;
  }

  /** Grows with every change, so that what was derived from settings can tell whether it still holds. */
  get version(): number {
    return this.#version;
  }

  /** The value as SHOW prints it; undefined when there is no such setting. */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    const definition = this.#definitions.get(key);
    if (definition !== undefined) return definition.show(this.#valueOf(key, definition));
    // A custom parameter that was ever set stays, empty.
    return this.#localValues.get(key) ?? this.#values.get(key) ?? (this.#customNames.has(key) ? '' : undefined);
  }

  /** The value as SHOW prints it, under its canonical name; throws 42704. */
  show(name: string): { readonly name: string; readonly value: string } {
    const value = this.get(name);
    if (value === undefined) throw unrecognized(name);
    const key = name.toLowerCase();
    return { name: this.#definitions.get(key)?.name ?? this.#customNames.get(key) ?? name, value };
  }

  /** `value` undefined: back to the default. Throws 42704, 55P02, 22023, 0A000. */
  set(name: string, value: string | undefined, options: { isLocal: boolean }): void {
    const key = name.toLowerCase();
    const definition = this.#definitions.get(key);
    if (definition === undefined && value === undefined && this.get(key) === undefined) throw unrecognized(name);
    if (definition?.context === 'superuser' && !this.#roles.isSuperuser) {
      throw mayNotSet(definition.name);
    }
    if (this.#setTransactionMode(key, value, definition)) return;
    const next = definition === undefined ? this.#customValue(name, value) : this.#accepted(key, value, definition);
    this.#put(key, next, options);
    // Whoever a session becomes acts as himself.
    if (key === 'session_authorization') this.#put('role', 'none', options);
    this.#version++;
  }

  #put(key: string, value: string, { isLocal }: { isLocal: boolean }): void {
    if (isLocal) {
      this.#localValues.set(key, value);
      return;
    }
    if (!this.#before.has(key)) this.#before.set(key, this.#values.get(key));
    this.#localValues.delete(key);
    this.#values.set(key, value);
  }

  /** What a setting holds that is no text for people: the OID of a role. */
  canonical(name: 'role' | 'session_authorization'): string {
    return name === 'role' ? this.#current.role : this.#current.sessionAuthorization;
  }

  /** RESET ALL, which leaves the session's roles. */
  resetAll(): void {
    for (const [key, definition] of this.#definitions) {
      if (key === 'role' || key === 'session_authorization') continue;
      const isOwn = definition.context === 'user' || (definition.context === 'superuser' && this.#roles.isSuperuser);
      if (isOwn && !key.startsWith('transaction_') && this.#isSet(key)) this.set(key, undefined, { isLocal: false });
    }
    for (const key of this.#customNames.keys()) {
      if (this.get(key) !== undefined) this.set(key, undefined, { isLocal: false });
    }
  }

  /** A value from the startup packet: in force from the start, and what RESET goes back to. */
  setAtStartup(name: string, value: string): void {
    this.set(name, value, { isLocal: false });
    const key = name.toLowerCase();
    const accepted = this.#values.get(key);
    if (accepted === undefined) return;
    this.#resetValues.set(key, accepted);
    this.#resetSources.set(key, 'client');
  }

  /** What the session begins with; later levels count more. What cannot be used (any more) is told, and left out. */
  begin(levels: readonly LoginDefaults[], onFailure: (error: SqlError) => void): void {
    for (const { source, values } of levels) {
      for (const [name, value] of values) {
        const key = name.toLowerCase();
        const definition = this.#definitions.get(key);
        try {
          const accepted =
            definition === undefined ? this.#customValue(name, value) : this.#accepted(key, value, definition);
          this.#values.set(key, accepted);
          this.#resetValues.set(key, accepted);
          this.#resetSources.set(key, source);
        } catch (error) {
          if (!(error instanceof SqlError)) throw error;
          onFailure(error);
        }
      }
    }
    this.#version++;
  }

  /**
   * Whether sessions could begin with a value; undefined: with the default. Returns the setting's name in its canonical
   * spelling. Throws what SET throws. A role that is not there yet is told to `notice`.
   */
  readDefault(name: string, value: string | undefined, notice: (message: string) => void): string {
    const key = name.toLowerCase();
    const definition = this.#definitions.get(key);
    if (definition === undefined) {
      if (!this.#customNames.has(key)) requireCustomName(name);
      if (!this.maySetDefault(name)) throw mayNotSet(name);
      return this.#customNames.get(key) ?? name;
    }
    if (!this.maySetDefault(name)) {
      // Of what nobody may set in a session that is said instead.
      definition.read(definition.bootValue, definition.bootValue);
      throw mayNotSet(definition.name);
    }
    if (value === undefined) return definition.name;
    if (key === 'role' || key === 'session_authorization') {
      if (value !== 'none' && !this.#roles.isRole(value)) notice(`role "${value}" does not exist`);
      return definition.name;
    }
    definition.read(value, this.#valueOf(key, definition));
    if (key.startsWith('transaction_')) {
      throw new SqlError(
        SqlState.CannotChangeRuntimeParameter,
        `parameter "${definition.name}" cannot be set for sessions that are to come`,
      );
    }
    return definition.name;
  }

  /** Whether the current role may say what other sessions begin with. */
  maySetDefault(name: string): boolean {
    return this.#roles.isSuperuser || this.#definitions.get(name.toLowerCase())?.context === 'user';
  }

  endTransaction(outcome: 'commit' | 'rollback'): void {
    if (this.#localValues.size === 0 && this.#before.size === 0) return;
    this.#localValues.clear();
    if (outcome === 'rollback') {
      for (const [key, value] of this.#before) {
        if (value === undefined) this.#values.delete(key);
        else this.#values.set(key, value);
      }
    }
    this.#before.clear();
    this.#version++;
  }

  save(): SettingsState {
    return { values: new Map(this.#values), localValues: new Map(this.#localValues), before: new Map(this.#before) };
  }

  /** Takes back what was set since, in the same transaction. */
  restore(state: SettingsState): void {
    refill(this.#values, state.values);
    refill(this.#localValues, state.localValues);
    refill(this.#before, state.before);
    this.#version++;
  }

  /** All settings by name: SHOW ALL and pg_settings. */
  rows(): SettingRow[] {
    const rows: SettingRow[] = [];
    for (const [key, definition] of this.#definitions) {
      const setting = this.#valueOf(key, definition);
      const reset = this.#resetValues.get(key);
      rows.push({
        name: definition.name,
        setting,
        shown: definition.show(setting),
        definition,
        resetValue: reset ?? definition.bootValue,
        source: setting === reset ? (this.#resetSources.get(key) ?? 'client') : sourceOf(setting, definition),
      });
    }
    return rows.sort((left, right) => (left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1));
  }

  /** The reported settings whose values differ from what this method gave last: the ParameterStatus to send. */
  takeChangedReports(): readonly (readonly [name: string, value: string])[] {
    const { roles } = this.#roles;
    if (this.#reportedWith?.version === this.#version && this.#reportedWith.roles === roles) return NO_REPORTS;
    this.#reportedWith = { version: this.#version, roles };
    const changed: [string, string][] = [];
    for (const [key, definition] of this.#reportedDefinitions) {
      const value = definition.show(this.#valueOf(key, definition));
      if (this.#reported.get(key) === value) continue;
      this.#reported.set(key, value);
      changed.push([definition.name, value]);
    }
    return changed;
  }

  /** What text input and output depend on; `transactionStart` in µs since 2000-01-01 UTC. */
  typeContext(transactionStart: number): TypeContext {
    const known = this.#typeContext;
    if (known?.version === this.#version) {
      if (known.value.transactionStart === transactionStart) return known.value;
      const value = { ...known.value, transactionStart };
      this.#typeContext = { version: this.#version, value };
      return value;
    }
    const value: TypeContext = {
      timeZone: timeZone(this.#canonical('timezone')) ?? UTC,
      dateStyle: readDateStyle(this.#canonical('datestyle'), { format: 'ISO', order: 'MDY' }),
      intervalStyle: this.#canonical('intervalstyle') as TypeContext['intervalStyle'],
      extraFloatDigits: Number(this.#canonical('extra_float_digits')),
      byteaOutput: this.#canonical('bytea_output') as TypeContext['byteaOutput'],
      transactionStart,
    };
    this.#typeContext = { version: this.#version, value };
    return value;
  }

  get statementTimeoutMs(): number {
    return this.#current.statementTimeoutMs;
  }

  get lockTimeoutMs(): number {
    return Number(this.#canonical('lock_timeout'));
  }

  get idleInTransactionTimeoutMs(): number {
    return this.#current.idleInTransactionTimeoutMs;
  }

  /** Statements that take so long are logged; undefined: none is. */
  get logMinDurationMs(): number | undefined {
    return this.#current.logMinDurationMs;
  }

  /** Whether the log may show what users put into their statements. */
  get logsParameters(): boolean {
    return this.#canonical('log_parameter_max_length') !== '0';
  }

  /** Whether a commit waits for the disk. */
  get isCommitSynchronous(): boolean {
    return this.#canonical('synchronous_commit') !== 'off';
  }

  get clientMinMessages(): string {
    return this.#canonical('client_min_messages');
  }

  /** What texts are sent and taken in. */
  get clientEncoding(): EncodingName {
    if (this.#encoding?.version !== this.#version) {
      const value = encodingNamed(this.#canonical('client_encoding')) ?? 'UTF8';
      this.#encoding = { version: this.#version, value };
    }
    return this.#encoding.value;
  }

  /** The schemas as written, before `$user` and missing ones are resolved. */
  get searchPath(): readonly string[] {
    return parseSearchPath(this.#canonical('search_path'));
  }

  get defaultIsolation(): string {
    return this.#current.defaultIsolation;
  }

  get defaultIsDeferrable(): boolean {
    return this.#current.defaultIsDeferrable;
  }

  get defaultIsReadOnly(): boolean {
    return this.#current.defaultIsReadOnly;
  }

  /** What every statement asks for. */
  get #current(): KnownValues {
    if (this.#known?.version !== this.#version) this.#known = this.#readKnown();
    return this.#known;
  }

  #readKnown(): KnownValues {
    const slowMs = Number(this.#canonical('log_min_duration_statement'));
    return {
      version: this.#version,
      role: this.#canonical('role'),
      sessionAuthorization: this.#canonical('session_authorization'),
      statementTimeoutMs: Number(this.#canonical('statement_timeout')),
      idleInTransactionTimeoutMs: Number(this.#canonical('idle_in_transaction_session_timeout')),
      logMinDurationMs: slowMs < 0 ? undefined : slowMs,
      defaultIsolation: this.#canonical('default_transaction_isolation'),
      defaultIsDeferrable: this.#canonical('default_transaction_deferrable') === 'on',
      defaultIsReadOnly: this.#canonical('default_transaction_read_only') === 'on',
    };
  }

  #canonical(key: string): string {
    const definition = this.#definitions.get(key);
    return definition === undefined ? '' : this.#valueOf(key, definition);
  }

  #valueOf(key: string, definition: SettingDefinition): string {
    if (key === 'transaction_isolation') return this.#modes.isolation;
    if (key === 'transaction_read_only') return this.#modes.isReadOnly ? 'on' : 'off';
    if (key === 'transaction_deferrable') return this.#modes.isDeferrable ? 'on' : 'off';
    return this.#localValues.get(key) ?? this.#values.get(key) ?? definition.bootValue;
  }

  #isSet(key: string): boolean {
    return this.#values.has(key) || this.#localValues.has(key);
  }

  #accepted(key: string, value: string | undefined, definition: SettingDefinition): string {
    const isOwn = definition.context === 'user' || definition.context === 'superuser';
    if (value === undefined && isOwn) return this.#resetValues.get(key) ?? definition.bootValue;
    return definition.read(value ?? '', this.#valueOf(key, definition));
  }

  #setTransactionMode(key: string, value: string | undefined, definition: SettingDefinition | undefined): boolean {
    if (definition === undefined) return false;
    if (key === 'transaction_isolation') {
      this.#modes.setIsolation(value === undefined ? this.defaultIsolation : definition.read(value, ''));
      return true;
    }
    if (key === 'transaction_read_only') {
      this.#modes.setReadOnly(value === undefined ? this.defaultIsReadOnly : definition.read(value, '') === 'on');
      return true;
    }
    if (key === 'transaction_deferrable') {
      this.#modes.setDeferrable(value === undefined ? this.defaultIsDeferrable : definition.read(value, '') === 'on');
      return true;
    }
    return false;
  }

  /** Settings of extensions and applications: `myapp.user`. They hold any text; RESET leaves them empty. */
  #customValue(name: string, value: string | undefined): string {
    const key = name.toLowerCase();
    requireCustomName(name);
    if (!this.#customNames.has(key)) {
      if (this.#customNames.size >= MAX_CUSTOM_SETTINGS) {
        throw new SqlError(SqlState.ProgramLimitExceeded, `more than ${MAX_CUSTOM_SETTINGS} custom parameters`);
      }
      this.#customNames.set(key, name);
    }
    return value ?? this.#resetValues.get(key) ?? '';
  }
}

function refill<T>(target: Map<string, T>, source: ReadonlyMap<string, T>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}

function sourceOf(setting: string, { bootValue }: SettingDefinition): SettingSource {
  return setting === bootValue ? 'default' : 'session';
}

/** Throws 42704, 42602. */
function requireCustomName(name: string): void {
  if (!name.includes('.')) throw unrecognized(name);
  if (CUSTOM_NAME.test(name)) return;
  throw new SqlError(SqlState.InvalidName, `invalid configuration parameter name "${name}"`, {
    detail: 'Custom parameter names must be two or more simple identifiers separated by dots.',
  });
}

function mayNotSet(name: string): SqlError {
  return new SqlError(SqlState.InsufficientPrivilege, `permission denied to set parameter "${name}"`);
}

function unrecognized(name: string): SqlError {
  return new SqlError(SqlState.UndefinedObject, `unrecognized configuration parameter "${name}"`);
}
