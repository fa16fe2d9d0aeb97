import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { memoryShares } from '../platform/machine-memory.ts';
import { type AccessConfig, accessConfig } from './access-config.ts';
import { ConfigError } from './config-error.ts';
import type { TlsFiles } from './tls-files.ts';

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
  /** Who comes in, and by what proof. */
  readonly access: AccessConfig;
  /** undefined: no TLS. */
  readonly tls: TlsFiles | undefined;
  /** HTTP is served over TLS alone. */
  readonly httpTls: boolean;
  /** Passwords may be asked for in clear where there is no TLS. */
  readonly clearTextPasswords: boolean;
  /** Where sockets `.s.PGSQL.<port>` are made. */
  readonly unixSocketDirectories: readonly string[];
  /** Clients of the PostgreSQL door at a time, and how many of them only superusers can be. */
  readonly maxConnections: number;
  readonly reservedConnections: number;
  /** A client that has not logged in by then is cut off. */
  readonly loginTimeoutMs: number;
  /** Largest HTTP body and pgwire message, in bytes. */
  readonly maxBodyBytes: number;
  readonly maxMessageBytes: number;
  /** Decoded units of columns that are kept in memory, in bytes. */
  readonly cacheBytes: number;
  readonly queryMemoryBytes: number;
  /** What one statement may put into temporary files, in bytes; 0: nothing. */
  readonly queryDiskBytes: number;
  /** Where COPY may read and write files; undefined: nowhere. */
  readonly copyFolder: string | undefined;
  /** Rows of one partition of a table that are gathered in memory before they become a segment, in bytes. */
  readonly memtableBytes: number;
  /** What a transaction may have in memory before its rows go to disk ahead of its commit, in bytes. */
  readonly stagingBytes: number;
  /** What the indexes of plain tables may take in memory, in bytes. */
  readonly indexMemoryBytes: number;
  /** What line protocol does with a float for an integer column, where the table says nothing. */
  readonly fieldConflict: FieldConflict;
  readonly maxTablesPerRequest: number;
  /** Threads that help with large scans; 0: none. */
  readonly workerThreads: number;
  /** 0 = as many as there can be. */
  readonly maxSeriesPerTable: number;
  /** Whether the log names who comes and goes. */
  readonly logConnections: boolean;
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
/** Kernels have scratch space for one more. */
const MAX_WORKER_THREADS = 31;
const SHARES = memoryShares();

export const OPTIONS = {
  'data-dir': { fallback: './tidewire-data', parse: text },
  host: { fallback: '127.0.0.1', parse: text },
  'pg-port': { fallback: 5432, parse: port },
  'http-port': { fallback: 8086, parse: port },
  durability: { fallback: 'every_write' as Durability, parse: durability },
  'trust-remote': { fallback: false, parse: flag },
  hba: { fallback: undefined, parse: lines },
  'hba-file': { fallback: undefined, parse: text },
  tokens: { fallback: [], parse: lines },
  'tls-cert': { fallback: undefined, parse: text },
  'tls-key': { fallback: undefined, parse: text },
  'tls-client-ca': { fallback: undefined, parse: text },
  'http-tls': { fallback: false, parse: flag },
  'clear-text-passwords': { fallback: false, parse: flag },
  'unix-socket-directories': { fallback: '', parse: directories },
  'max-connections': { fallback: 100, parse: positive },
  'reserved-connections': { fallback: 3, parse: count },
  'login-timeout': { fallback: 10, parse: positive },
  'max-body-size': { fallback: 32 * MIB, parse: size },
  'max-message-size': { fallback: 64 * MIB, parse: messageSize },
  'cache-size': { fallback: SHARES.cacheBytes, parse: cacheSize },
  'query-memory': { fallback: SHARES.queryBytes, parse: size },
  'query-disk': { fallback: 16_384 * MIB, parse: sizeOrNone },
  'copy-folder': { fallback: '', parse: folder },
  'memtable-size': { fallback: 64 * MIB, parse: size },
  'staging-size': { fallback: 16 * MIB, parse: size },
  'index-memory': { fallback: SHARES.indexBytes, parse: size },
  'field-conflict': { fallback: 'strict' as FieldConflict, parse: fieldConflict },
  'max-tables-per-request': { fallback: 10_000, parse: count },
  'worker-threads': { fallback: defaultWorkerThreads(), parse: threads },
  'max-series-per-table': { fallback: 0, parse: count },
  'log-connections': { fallback: false, parse: flag },
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
    access: accessConfig({
      host: option('host'),
      trustRemote: option('trust-remote'),
      lines: option('hba'),
      file: resolved(option('hba-file')),
      tokens: option('tokens'),
    }),
    tls: tlsFiles(resolved(option('tls-cert')), resolved(option('tls-key')), resolved(option('tls-client-ca'))),
    httpTls: option('http-tls'),
    clearTextPasswords: option('clear-text-passwords'),
    unixSocketDirectories: option('unix-socket-directories')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => resolve(part)),
    maxConnections: option('max-connections'),
    reservedConnections: option('reserved-connections'),
    loginTimeoutMs: option('login-timeout') * 1000,
    maxBodyBytes: option('max-body-size'),
    maxMessageBytes: option('max-message-size'),
    cacheBytes: option('cache-size'),
    queryMemoryBytes: option('query-memory'),
    queryDiskBytes: option('query-disk'),
    copyFolder: option('copy-folder') === '' ? undefined : resolve(option('copy-folder')),
    memtableBytes: option('memtable-size'),
    stagingBytes: option('staging-size'),
    indexMemoryBytes: option('index-memory'),
    fieldConflict: option('field-conflict'),
    maxTablesPerRequest: option('max-tables-per-request'),
    workerThreads: option('worker-threads'),
    maxSeriesPerTable: option('max-series-per-table'),
    logConnections: option('log-connections'),
    warmUp: option('warm-up'),
  };
  if (config.reservedConnections >= config.maxConnections) {
    throw new ConfigError('reserved-connections must be fewer than max-connections');
  }
  if (config.httpTls && config.tls === undefined) {
    throw new ConfigError('http-tls needs a certificate', 'Give tls-cert and tls-key; `tidewire cert` makes a pair.');
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

function resolved(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(file);
}

function tlsFiles(
  certificate: string | undefined,
  key: string | undefined,
  clientAuthority: string | undefined,
): TlsFiles | undefined {
  if (certificate !== undefined && key !== undefined) return { certificate, key, clientAuthority };
  if (certificate === undefined && key === undefined && clientAuthority === undefined) return undefined;
  throw new ConfigError('TLS takes both tls-cert and tls-key', '`tidewire cert` makes a pair.');
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw new ConfigError(`${name} takes a text, not ${describe(value)}`);
  return value;
}

/** Nothing for none. */
function folder(value: unknown, name: string): string {
  return value === '' ? '' : text(value, name);
}

/** A list of texts; one text is a list of one. */
function lines(value: unknown, name: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((line) => typeof line === 'string')) return list;
  throw new ConfigError(`${name} takes a list of texts, not ${describe(value)}`);
}

/** One directory or several, with commas between them or as a list; empty: none. */
function directories(value: unknown, name: string): string {
  return value === '' ? '' : lines(value, name).join(',');
}

function positive(value: unknown, name: string): number {
  const number = count(value, name);
  if (number > 0) return number;
  throw new ConfigError(`${name} takes a whole number from 1, not ${describe(value)}`);
}

/** PostgreSQL takes no longer message either. */
function messageSize(value: unknown, name: string): number {
  return sizeUpTo(1, value, name);
}

/** Kernels reach no further. */
function cacheSize(value: unknown, name: string): number {
  return sizeUpTo(4, value, name);
}

function sizeUpTo(gigabytes: number, value: unknown, name: string): number {
  const bytes = size(value, name);
  if (bytes <= gigabytes * 1024 * MIB) return bytes;
  throw new ConfigError(`${name} takes a size up to ${gigabytes}GB, not ${describe(value)}`);
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

/** The first thread has work of its own: one core is left to it, where there are several. */
export function defaultWorkerThreads(): number {
  return Math.min(Math.max(availableParallelism() - 1, 0), MAX_WORKER_THREADS);
}

function threads(value: unknown, name: string): number {
  const number = count(value, name);
  if (number <= MAX_WORKER_THREADS) return number;
  throw new ConfigError(`${name} takes a number of threads up to ${MAX_WORKER_THREADS}, not ${number}`);
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
