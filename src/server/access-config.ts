import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { LoginToken } from '../session/login/login-gate.ts';
import {
  DEFAULT_RULES,
  type LoginRule,
  LoginRuleError,
  OPEN_RULES,
  parseLoginRules,
  trustsOthers,
} from '../session/login/login-rules.ts';
import { ConfigError } from './config-error.ts';

/** Who comes in, and by what proof. */
export interface AccessConfig {
  readonly rules: readonly LoginRule[];
  /** False: nobody has said who comes in, and users that nobody knows are let in as the superuser from this machine. */
  readonly hasOwnRules: boolean;
  readonly tokens: readonly LoginToken[];
}

export interface AccessOptions {
  readonly host: string;
  /** Everybody who reaches the port may be let in. */
  readonly trustRemote: boolean;
  /** Lines as in pg_hba.conf; undefined: none were given. */
  readonly lines: readonly string[] | undefined;
  readonly file: string | undefined;
  /** `role sha256:…` each. */
  readonly tokens: readonly string[];
}

/**
 * The rules in force. Throws ConfigError for what is no rule, and where somebody from another machine would be let in
 * without any proof though nobody has said that this is meant.
 */
export function accessConfig({ host, trustRemote, lines, file, tokens }: AccessOptions): AccessConfig {
  if (lines !== undefined && file !== undefined) {
    throw new ConfigError('"hba" and "hba-file" both say who comes in', 'Leave one of them out.');
  }
  const written = file === undefined ? lines : readLines(file);
  const place = file === undefined ? '"hba"' : file;
  const isLocal = isLoopback(host);
  if (written === undefined) {
    if (!isLocal && !trustRemote) throw notLoopback(host);
    const rules = trustRemote ? OPEN_RULES : DEFAULT_RULES;
    return { rules, hasOwnRules: false, tokens: parseTokens(tokens) };
  }
  const rules = parsed(written, place);
  if (!isLocal && !trustRemote && trustsOthers(rules)) {
    throw new ConfigError(
      `--host ${host} is not a loopback address, and a rule in ${place} trusts clients of other machines`,
      'Give the rule another method, such as scram-sha-256, or say --trust-remote if the network is yours alone.',
    );
  }
  return { rules, hasOwnRules: true, tokens: parseTokens(tokens) };
}

/** Whether only clients of the same machine reach the address. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function parsed(lines: readonly string[], place: string): readonly LoginRule[] {
  try {
    return parseLoginRules(lines);
  } catch (error) {
    if (error instanceof LoginRuleError) throw new ConfigError(`${place}, ${error.message}`);
    throw error;
  }
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (error) {
    throw new ConfigError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

function parseTokens(tokens: readonly string[]): readonly LoginToken[] {
  return tokens.map((token) => {
    const [, roleName = '', hash = ''] = /^(\S+)\s+sha256:([0-9a-f]{64})$/i.exec(token.trim()) ?? [];
    if (roleName === '') {
      throw new ConfigError('"tokens" takes lines such as "role sha256:…"', '`tidewire token ROLE` makes one.');
    }
    return { roleName, hash: Buffer.from(hash, 'hex') };
  });
}

function notLoopback(host: string): ConfigError {
  return new ConfigError(
    `--host ${host} is not a loopback address, and nothing says who may come in`,
    'Write rules under "hba" in the configuration file (docs/security.md), listen on 127.0.0.1, ::1 or localhost, ' +
      'or say --trust-remote if the network is yours alone.',
  );
}
