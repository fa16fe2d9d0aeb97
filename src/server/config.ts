import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';

export type Durability = 'every_write' | 'periodic' | 'os_default' | 'none';
export type FieldConflict = 'strict' | 'widen';

/** What a server runs with; every option has the same name as a flag and as a key of the configuration file. */
export interface Config {
  readonly dataDirectory: string;
  readonly host: string;
  readonly pgPort: number;
  readonly httpPort: number;
  readonly durability: Durability;
  /** Listen beyond loopback although anybody may then connect. */
  readonly trustRemote: boolean;
  /** Largest HTTP body and pgwire message, in bytes. */
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
  readonly queryMemoryBytes: number;
  /** What one statement may put into temporary files, in bytes; 0: nothing. */
  readonly queryDiskBytes: number;
  /** Rows of one partition of a table that are gathered in memory before they become a segment, in bytes. */
  readonly memtableBytes: number;
  /** What a transaction may have in memory before its rows go to disk ahead of its commit, in bytes. */
  readonly stagingBytes: number;
  /** What the indexes of plain tables may take in memory, in bytes. */
  readonly indexMemoryBytes: number;
  /** What line protocol does with a float for an integer column, where the table says nothing. */
  readonly fieldConflict: FieldConflict;
  readonly maxTablesPerRequest: number;
  /** 0 = as many as there can be. */
  readonly maxSeriesPerTable: number;
  /** Whether a start is followed by queries over scratch tables, so that the first real ones meet compiled code. */
  readonly warmUp: boolean;
}

/** Options as text, by flag name, as they come from the command line or the file; undefined = not given. */
export type RawOptions = Readonly<Record<string, unknown>>;

interface Option<Value> {
  readonly fallback: Value;
  /** Throws ConfigError saying what the option takes. */
  parse(value: unknown, name: string): Value;
}

const MIB = 1024 * 1024;

export const OPTIONS = {
  'data-dir': { fallback: './tidewire-data', parse: text },
  host: { fallback: '127.0.0.1', parse: text },
  'pg-port': { fallback: 5432, parse: port },
  'http-port': { fallback: 8086, parse: port },
  durability: { fallback: 'every_write' as Durability, parse: durability },
  'trust-remote': { fallback: false, parse: flag },
  'max-body-size': { fallback: 32 * MIB, parse: size },
  'max-message-size': { fallback: 64 * MIB, parse: size },
  'query-memory': { fallback: 1024 * MIB, parse: size },
  'query-disk': { fallback: 16_384 * MIB, parse: sizeOrNone },
  'memtable-size': { fallback: 64 * MIB, parse: size },
  'staging-size': { fallback: 16 * MIB, parse: size },
  'index-memory': { fallback: 1024 * MIB, parse: size },
  'field-conflict': { fallback: 'strict' as FieldConflict, parse: fieldConflict },
  'max-tables-per-request': { fallback: 10_000, parse: count },
  'max-series-per-table': { fallback: 0, parse: count },
  'warm-up': { fallback: true, parse: flag },
} satisfies Record<string, Option<unknown>>;

type OptionName = keyof typeof OPTIONS;

/**
 * Command-line flags over the configuration file over the defaults. The file is `--config`, or `tidewire.yml` in the
 * data directory when it exists there. Throws ConfigError in one sentence for anything unknown or malformed.
 */
export function loadConfig(flags: RawOptions, configFile: string | undefined): Config {
  const directory = resolve(OPTIONS['data-dir'].parse(flags['data-dir'] ?? OPTIONS['data-dir'].fallback, '--data-dir'));
  const file = configFile ?? join(directory, 'tidewire.yml');
  const fromFile = configFile !== undefined || existsSync(file) ? readConfigFile(file) : {};
  const option = <Name extends OptionName>(name: Name): ReturnType<(typeof OPTIONS)[Name]['parse']> => {
    const fromFlag = flags[name];
    const given = fromFlag ?? fromFile[name];
    const { fallback, parse } = OPTIONS[name];
    if (given === undefined) return fallback as ReturnType<(typeof OPTIONS)[Name]['parse']>;
    const place = fromFlag !== undefined ? `--${name}` : `"${name}" in ${file}`;
    return parse(given, place) as ReturnType<(typeof OPTIONS)[Name]['parse']>;
  };
  const config: Config = {
    dataDirectory: resolve(option('data-dir')),
    host: option('host'),
    pgPort: option('pg-port'),
    httpPort: option('http-port'),
    durability: option('durability'),
    trustRemote: option('trust-remote'),
    maxBodyBytes: option('max-body-size'),
    maxMessageBytes: option('max-message-size'),
    queryMemoryBytes: option('query-memory'),
    queryDiskBytes: option('query-disk'),
    memtableBytes: option('memtable-size'),
    stagingBytes: option('staging-size'),
    indexMemoryBytes: option('index-memory'),
    fieldConflict: option('field-conflict'),
    maxTablesPerRequest: option('max-tables-per-request'),
    maxSeriesPerTable: option('max-series-per-table'),
    warmUp: option('warm-up'),
  };
  if (!isLoopback(config.host) && !config.trustRemote) {
    throw new ConfigError(
      `--host ${config.host} is not a loopback address, and everybody who can reach it would be let in as superuser`,
      'Listen on 127.0.0.1, ::1 or localhost, or say --trust-remote if the network is yours alone.',
    );
  }
  return config;
}

function readConfigFile(file: string): RawOptions {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`cannot read the configuration file ${file}: ${(error as Error).message}`);
  }
  const document = parseDocument(source);
  const [problem] = document.errors;
  if (problem !== undefined) throw new ConfigError(`${file}: ${problem.message.split('\n')[0]}`);
  const content: unknown = document.toJS();
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError(`${file}: expected a list of "option: value" lines`);
  }
  for (const name of Object.keys(content)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new ConfigError(`${file}: unknown option "${name}"`, `Known options: ${Object.keys(OPTIONS).join(', ')}.`);
    }
  }
  return content as RawOptions;
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new ConfigError(`${name} takes a text, not ${describe(value)}`);
  return value;
}

function port(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new ConfigError(`${name} takes a port from 1 to 65535, or 0 for any free one, not ${describe(value)}`);
  }
  return number;
}

function durability(value: unknown, name: string): Durability {
  if (value === 'every_write' || value === 'periodic' || value === 'os_default' || value === 'none') return value;
  throw new ConfigError(`${name} takes every_write, periodic, os_default or none, not ${describe(value)}`);
}

function fieldConflict(value: unknown, name: string): FieldConflict {
  if (value === 'strict' || value === 'widen') return value;
  throw new ConfigError(`${name} takes strict or widen, not ${describe(value)}`);
}

function count(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
    throw new ConfigError(`${name} takes a whole number, not ${describe(value)}`);
  }
  return number;
}

function flag(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw new ConfigError(`${name} takes true or false, not ${describe(value)}`);
  return value;
}

const UNITS: Record<string, number> = { '': 1, b: 1, kb: 1024, mb: MIB, gb: 1024 * MIB };

/** A size, or 0. */
function sizeOrNone(value: unknown, name: string): number {
  return String(value) === '0' ? 0 : size(value, name);
}

function size(value: unknown, name: string): number {
  const match = /^(\d+)\s*([a-z]*)$/i.exec(String(value).trim());
  const unit = UNITS[match?.[2]?.toLowerCase() ?? ' '];
  const bytes = Number(match?.[1]) * (unit ?? Number.NaN);
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw new ConfigError(`${name} takes a size such as 64MB, not ${describe(value)}`);
  }
  return bytes;
}

function describe(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
}
