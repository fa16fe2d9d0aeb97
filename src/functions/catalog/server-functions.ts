import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { inet } from '../../types/inet.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { Interval } from '../../types/interval.ts';
import { interval } from '../../types/interval-type.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import { oid } from '../../types/oid.ts';
import { any } from '../../types/pseudo-types.ts';
import { regclass } from '../../types/reg-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { char, name, text } from '../../types/string-types.ts';
import { encodingNumber, encodingOfNumber, maxCharacterLength } from '../../types/text-encoding.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import { AVAILABLE_EXTENSIONS, availableExtension } from '../extensions/extension-list.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { catalogList, catalogTable, constant, stable, systemOf, volatile } from './define-catalog.ts';
import type { ConnectionEnds } from './system-facts.ts';

type Environment = FunctionEnvironment;

const nameArray = arrayTypeOf(name) ?? name;
const textArray = arrayTypeOf(text) ?? text;
const nothing = (): null => null;

function maxLengthOf(number: number): number | null {
  const encoding = encodingOfNumber(number);
  return encoding === undefined ? null : maxCharacterLength(encoding);
}

const CATEGORIES: Readonly<Record<string, string>> = {
  U: 'unreserved',
  C: 'unreserved (cannot be function or type name)',
  T: 'reserved (can be function or type name)',
  R: 'reserved',
};

const temporarySchema = (environment: Environment): number => systemOf(environment).temporarySchemaOid();

function isOtherTemporary(environment: Environment, schema: number): boolean {
  const row = systemOf(environment).row('pg_namespace', schema);
  const isTemporary = String(row?.nspname ?? '').startsWith('pg_temp_');
  return isTemporary && schema !== temporarySchema(environment);
}

function settingFlags(environment: Environment, setting: string): SqlArray | null {
  return environment.session.setting(setting) === undefined ? null : new SqlArray([]);
}

/** Each has the one version. Throws 0A000 for an extension that there is none of. */
function requireExtension(_environment: Environment, extension: Value | undefined): readonly [] {
  if (availableExtension(String(extension)) !== undefined) return [];
  throw new SqlError(SqlState.FeatureNotSupported, `extension "${String(extension)}" is not available`);
}

/** NULL for a client that has come by a socket of this machine. */
const addressOf = (end: keyof ConnectionEnds) => (environment: Environment) => {
  const found = systemOf(environment).connection()?.[end].address;
  // An address of IPv4 that has come in by IPv6.
  return found === undefined
    ? null
    : inet.parse(found.replace(/^::ffff:/i, '').replace(/%.*$/, ''), neutralContext, -1);
};

const portOf = (end: keyof ConnectionEnds) => (environment: Environment) =>
  systemOf(environment).connection()?.[end].port ?? null;

function ofSeconds(seconds: number): Interval {
  return new Interval(0, 0, seconds * 1_000_000);
}

/** What the server says of itself: encodings, keywords, time zones, extensions. */
export const serverFunctions: readonly (ScalarFunction | TableFunction)[] = [
  defineScalar('pg_encoding_to_char', 1597, [int4], name, (number: number) => encodingOfNumber(number) ?? '', constant),
  defineScalar('pg_char_to_encoding', 1264, [name], int4, encodingNumber, constant),
  defineScalar('pg_encoding_max_length', 2319, [int4], int4, maxLengthOf, constant),
  defineScalar('getdatabaseencoding', 1039, [], name, () => 'UTF8', constant),
  // All that is stored lies in the one directory.
  defineScalar('pg_tablespace_location', 3778, [oid], text, () => '', constant),
  catalogList('pg_tablespace_databases', 2556, [oid], oid, function* (environment, tablespace) {
    const isDefault = systemOf(environment).row('pg_tablespace', Number(tablespace))?.spcname === 'pg_default';
    if (isDefault) for (const row of systemOf(environment).rows('pg_database')) yield row.oid ?? null;
  }),
  defineScalar('pg_my_temp_schema', 2854, [], oid, temporarySchema, stable),
  defineScalar('pg_is_other_temp_schema', 2855, [oid], bool, isOtherTemporary, stable),
  defineScalar('pg_settings_get_flags', 6240, [text], textArray, settingFlags, stable),
  defineScalar('pg_collation_actual_version', 3448, [oid], text, nothing, volatile),
  defineScalar('pg_database_collation_actual_version', 6249, [oid], text, nothing, volatile),
  defineScalar('pg_column_compression', 2121, [any], text, nothing, { volatility: 'stable', handlesNull: true }),
  defineScalar('pg_current_logfile', 3800, [], text, nothing, volatile),
  defineScalar('pg_current_logfile', 3801, [text], text, nothing, volatile),
  defineScalar('inet_client_addr', 2196, [], inet, addressOf('client'), stable),
  defineScalar('inet_client_port', 2197, [], int4, portOf('client'), stable),
  defineScalar('inet_server_addr', 2198, [], inet, addressOf('server'), stable),
  defineScalar('inet_server_port', 2199, [], int4, portOf('server'), stable),
  defineScalar('pg_indexam_progress_phasename', 676, [oid, int8], text, nothing, constant),
  catalogTable(
    'pg_get_keywords',
    1686,
    [],
    { word: text, catcode: char, barelabel: bool, catdesc: text, baredesc: text },
    function* (environment) {
      for (const [word, code, isBareLabel] of systemOf(environment).keywords()) {
        yield [word, code, isBareLabel, CATEGORIES[code] ?? '', isBareLabel ? 'can be bare label' : 'requires AS'];
      }
    },
  ),
  catalogTable(
    'pg_timezone_names',
    2856,
    [],
    { name: text, abbrev: text, utc_offset: interval, is_dst: bool },
    function* (environment) {
      for (const zone of systemOf(environment).timeZones()) {
        yield [zone.name, zone.abbreviation, ofSeconds(zone.offsetSeconds), zone.isSummer];
      }
    },
  ),
  catalogTable(
    'pg_timezone_abbrevs',
    2599,
    [],
    { abbrev: text, utc_offset: interval, is_dst: bool },
    function* (environment) {
      for (const zone of systemOf(environment).timeZoneAbbreviations()) {
        yield [zone.abbreviation, ofSeconds(zone.offsetSeconds), zone.isSummer];
      }
    },
  ),
  catalogTable(
    'pg_show_all_settings',
    2084,
    [],
    {
      ...{ name: text, setting: text, unit: text, category: text, short_desc: text, extra_desc: text, context: text },
      ...{ vartype: text, source: text, min_val: text, max_val: text, enumvals: textArray, boot_val: text },
      ...{ reset_val: text, sourcefile: text, sourceline: int4, pending_restart: bool },
    },
    function* (environment) {
      for (const row of systemOf(environment).rows('pg_settings'))
        yield Object.values(row).map((value) => value ?? null);
    },
  ),
  catalogTable('pg_available_extensions', 3082, [], { name, default_version: text, comment: text }, function* () {
    for (const extension of AVAILABLE_EXTENSIONS) yield [extension.name, extension.release, extension.comment];
  }),
  catalogTable(
    'pg_available_extension_versions',
    3083,
    [],
    {
      ...{ name, version: text, superuser: bool, trusted: bool, relocatable: bool, schema: name },
      ...{ requires: nameArray, comment: text },
    },
    function* () {
      for (const { name: extension, release, isTrusted, isRelocatable, comment } of AVAILABLE_EXTENSIONS) {
        yield [extension, release, true, isTrusted, isRelocatable, null, null, comment];
      }
    },
  ),
  catalogTable('pg_extension_update_paths', 3084, [name], { source: text, target: text, path: text }, requireExtension),
  catalogTable(
    'pg_prepared_xact',
    1065,
    [],
    { transaction: oid, gid: text, prepared: timestamptz, ownerid: oid, dbid: oid },
    () => [],
  ),
  catalogTable(
    'pg_get_sequence_data',
    9856,
    [regclass],
    { last_value: int8, is_called: bool },
    function* ({ sequences }, sequence) {
      const { lastValue, isCalled } = sequences.state(Number(sequence));
      yield [lastValue, isCalled];
    },
  ),
  catalogTable(
    'pg_sequence_parameters',
    3078,
    [oid],
    {
      ...{ start_value: int8, minimum_value: int8, maximum_value: int8, increment: int8 },
      ...{ cycle_option: bool, cache_size: int8, data_type: oid },
    },
    function* (environment, sequence) {
      for (const row of systemOf(environment).rowsWith('pg_sequence', 'seqrelid', sequence ?? null)) {
        const { seqstart, seqmin, seqmax, seqincrement, seqcycle, seqcache, seqtypid } = row;
        yield [seqstart, seqmin, seqmax, seqincrement, seqcycle, seqcache, seqtypid].map((value) => value ?? null);
      }
    },
  ),
];
