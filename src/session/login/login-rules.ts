import { BlockList, isIP } from 'node:net';
import type { SharedCatalog } from '../../catalog/access/shared-catalog.ts';

export type LoginMethod = 'trust' | 'reject' | 'password' | 'scram-sha-256' | 'cert';

/** A line in the manner of pg_hba.conf: who may come from where to which database, and how he proves who he is. */
export interface LoginRule {
  readonly type: 'local' | 'host' | 'hostssl' | 'hostnossl';
  readonly databases: readonly LoginName[];
  readonly users: readonly LoginName[];
  /** undefined: from anywhere. */
  readonly address: ClientPlace | undefined;
  readonly method: LoginMethod;
  /** What a certificate of the client must be, besides what the method asks for. */
  readonly clientCertificate: 'verify-ca' | 'verify-full' | undefined;
}

/** A name of a list: `all`, `+group` and their like mean something only where they are not quoted. */
export interface LoginName {
  readonly name: string;
  readonly isQuoted: boolean;
}

/** Addresses; those of this machine, or of the networks that it is in; a name, which with a point in front ends others. */
export type ClientPlace = AddressRange | { readonly kind: 'samehost' | 'samenet' } | NamedHost;

export interface NamedHost {
  readonly kind: 'name';
  readonly name: string;
}

export interface AddressRange {
  readonly kind: 'range';
  readonly address: string;
  readonly prefixLength: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Who knocks. */
export interface LoginClient {
  readonly userName: string;
  readonly databaseName: string;
  /** undefined: by a Unix-domain socket. */
  readonly address: string | undefined;
  readonly isEncrypted: boolean;
  /** The name of its address, which has that address in turn; only asked for where a rule is about names. */
  readonly hostName?: string | undefined;
}

/** A mistake in a rule, with the words for the operator. */
export class LoginRuleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LoginRuleError';
  }
}

const TYPES = ['local', 'host', 'hostssl', 'hostnossl'] as const;
const METHODS = ['trust', 'reject', 'password', 'scram-sha-256', 'cert'] as const;

/** Anybody on this machine, nobody else without a password. */
export const DEFAULT_RULES: readonly LoginRule[] = parseLoginRules([
  'local all all trust',
  'host all all 127.0.0.1/32 trust',
  'host all all ::1/128 trust',
  'host all all all scram-sha-256',
]);

/** Everybody. */
export const OPEN_RULES: readonly LoginRule[] = parseLoginRules(['local all all trust', 'host all all all trust']);

/** Rules from lines; empty ones and comments say nothing. Throws LoginRuleError. */
export function parseLoginRules(lines: readonly string[]): readonly LoginRule[] {
  return lines.flatMap((line, at) => {
    const words = wordsOf(line, at + 1);
    return words.length === 0 ? [] : [parseRule(words, at + 1)];
  });
}

/** The first rule that is about a client; undefined: none is, and he is not let in. */
export function ruleFor(
  rules: readonly LoginRule[],
  client: LoginClient,
  shared: SharedCatalog,
  ownNetworks: OwnNetworks = () => [],
): LoginRule | undefined {
  return rules.find(
    (rule) =>
      isFromThere(rule, client, ownNetworks) &&
      rule.databases.some((name) => isDatabase(name, client, shared)) &&
      rule.users.some((name) => isUser(name, client.userName, shared)),
  );
}

/** Whether the name of a client's address may make a difference. */
export function asksForNames(rules: readonly LoginRule[]): boolean {
  return rules.some(({ address }) => address?.kind === 'name');
}

/** The networks that this machine is in: its own address in each. */
type OwnNetworks = () => readonly { readonly address: string; readonly prefixLength: number }[];

/** Whether somebody from another machine may be let in without any proof. */
export function trustsOthers(rules: readonly LoginRule[]): boolean {
  return rules.some(({ type, method, address }) => method === 'trust' && type !== 'local' && !isLoopbackRange(address));
}

/** An address as rules see it: an IPv4 one that comes by way of IPv6 is what it was. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return (mapped ?? address).replace(/%.*$/, '');
}

interface Word {
  readonly text: string;
  readonly isQuoted: boolean;
  /** A comma follows. */
  readonly goesOn: boolean;
}

/** Blanks separate words, commas the items of a list; a quoted word means itself alone. */
function wordsOf(line: string, number: number): readonly (readonly Word[])[] {
  const lists: Word[][] = [];
  let goesOn = false;
  let at = 0;
  while (at < line.length) {
    const character = line[at];
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    if (character === '#') break;
    let text = '';
    let isQuoted = false;
    while (at < line.length && !/[\s,#]/.test(line[at])) {
      if (line[at] !== '"') {
        text += line[at++];
        continue;
      }
      const end = line.indexOf('"', at + 1);
      if (end < 0) throw new LoginRuleError(`line ${number}: a quote is not closed`);
      text += line.slice(at + 1, end);
      isQuoted = true;
      at = end + 1;
    }
    const hasComma = line[at] === ',';
    if (hasComma) at++;
    const word: Word = { text, isQuoted, goesOn: hasComma };
    if (goesOn) lists.at(-1)?.push(word);
    else lists.push([word]);
    goesOn = hasComma;
  }
  return lists;
}

function parseRule(words: readonly (readonly Word[])[], number: number): LoginRule {
  const fail = (message: string): LoginRuleError => new LoginRuleError(`line ${number}: ${message}`);
  const single = (index: number, what: string): string => {
    const [word, ...more] = words[index] ?? [];
    if (word === undefined) throw fail(`${what} is missing`);
    if (more.length > 0) throw fail(`${what} is a single word`);
    return word.text;
  };
  const typeWord = single(0, 'the connection type');
  const type = TYPES.find((candidate) => candidate === typeWord);
  if (type === undefined) throw fail(`"${typeWord}" is no connection type; there are ${TYPES.join(', ')}`);
  const names = (index: number, what: string): readonly LoginName[] => {
    const list = words[index];
    if (list === undefined) throw fail(`${what} is missing`);
    return list.map(({ text, isQuoted }) => ({ name: text, isQuoted }));
  };
  const databases = names(1, 'the database');
  const users = names(2, 'the user');
  let next = 3;
  let address: ClientPlace | undefined;
  if (type !== 'local') {
    const written = single(next++, 'the address');
    const mask = isIP(written) === 0 || written.includes('/') ? undefined : words[next]?.[0]?.text;
    const hasMask = mask !== undefined && isIP(mask) !== 0;
    if (hasMask) next++;
    address = parseAddress(hasMask ? `${written}/${prefixOf(mask, fail)}` : written, fail);
  }
  const methodWord = single(next++, 'the method');
  if (methodWord === 'peer') {
    throw fail(
      '"peer" asks the system who the client is, which Node.js has no way to; take "trust" or "scram-sha-256"',
    );
  }
  const method = METHODS.find((candidate) => candidate === methodWord);
  if (method === undefined) throw fail(`"${methodWord}" is no method that there is; there are ${METHODS.join(', ')}`);
  let clientCertificate: LoginRule['clientCertificate'];
  for (; next < words.length; next++) {
    const [name, value] = single(next, 'an option').split('=', 2);
    if (name !== 'clientcert' || (value !== 'verify-ca' && value !== 'verify-full')) {
      throw fail(`"${words[next][0].text}" is no option that there is; there is clientcert=verify-ca or verify-full`);
    }
    clientCertificate = value;
  }
  const needsTls = method === 'cert' || clientCertificate !== undefined;
  if (needsTls && type !== 'hostssl') throw fail('certificates of clients are for "hostssl" rules');
  return { type, databases, users, address, method, clientCertificate };
}

function parseAddress(text: string, fail: (message: string) => LoginRuleError): ClientPlace | undefined {
  if (text === 'all') return undefined;
  if (text === 'samehost' || text === 'samenet') return { kind: text };
  const [address = '', length] = text.split('/', 2);
  const version = isIP(address);
  if (version === 0 && length === undefined && HOST_NAME.test(text)) return { kind: 'name', name: text.toLowerCase() };
  if (version === 0) throw fail(`"${text}" is no address; write one such as 10.0.0.0/8, ::1/128 or all`);
  const bits = version === 4 ? 32 : 128;
  const prefixLength = length === undefined ? bits : Number(length);
  if (!/^\d+$/.test(length ?? '0') || prefixLength > bits)
    throw fail(`"${text}" has no prefix length from 0 to ${bits}`);
  return rangeOf(address, prefixLength);
}

/** Not of digits alone, which would be a mistyped address; with a point in front it means all that end so. */
const HOST_NAME = /^\.?(?=[^.]*[a-z]|.*\.[a-z])[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i;

function rangeOf(address: string, prefixLength: number): AddressRange {
  return { kind: 'range', address, prefixLength, family: isIP(address) === 4 ? 'ipv4' : 'ipv6' };
}

/** `255.255.0.0` → 16. */
function prefixOf(mask: string, fail: (message: string) => LoginRuleError): number {
  if (isIP(mask) !== 4) throw fail('a mask is for IPv4; write the address as address/length');
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  if (!/^1*0*$/.test(bits)) throw fail(`"${mask}" is no mask`);
  return bits.replace(/0*$/, '').length;
}

function isFromThere({ type, address }: LoginRule, client: LoginClient, ownNetworks: OwnNetworks): boolean {
  if (type === 'local') return client.address === undefined;
  if (client.address === undefined) return false;
  if (type === 'hostssl' && !client.isEncrypted) return false;
  if (type === 'hostnossl' && client.isEncrypted) return false;
  if (address === undefined) return true;
  const plain = plainAddress(client.address);
  switch (address.kind) {
    case 'range':
      return contains(address, plain);
    case 'samehost':
      return ownNetworks().some((own) => plainAddress(own.address) === plain);
    case 'samenet':
      return ownNetworks().some((own) => contains(rangeOf(own.address, own.prefixLength), plain));
    default: {
      const name = client.hostName?.toLowerCase();
      if (name === undefined) return false;
      return address.name.startsWith('.') ? name.endsWith(address.name) : name === address.name;
    }
  }
}

function contains({ address, prefixLength, family }: AddressRange, client: string): boolean {
  const version = isIP(client);
  if (version !== (family === 'ipv4' ? 4 : 6)) return false;
  const list = new BlockList();
  list.addSubnet(address, prefixLength, family);
  return list.check(client, family);
}

function isLoopbackRange(range: ClientPlace | undefined): boolean {
  if (range?.kind === 'samehost') return true;
  if (range?.kind !== 'range') return false;
  const { address, prefixLength, family } = range;
  return family === 'ipv4'
    ? address.startsWith('127.') && prefixLength >= 8
    : address === '::1' && prefixLength === 128;
}

function isDatabase({ name, isQuoted }: LoginName, client: LoginClient, shared: SharedCatalog): boolean {
  if (!isQuoted) {
    if (name === 'all') return true;
    if (name === 'replication') return false;
    if (name === 'sameuser') return client.databaseName === client.userName;
    if (name === 'samerole' || name === 'samegroup') return isMember(client.userName, client.databaseName, shared);
  }
  return name === client.databaseName;
}

function isUser({ name, isQuoted }: LoginName, userName: string, shared: SharedCatalog): boolean {
  if (!isQuoted && name === 'all') return true;
  if (!isQuoted && name.startsWith('+')) return isMember(userName, name.slice(1), shared);
  return name === userName;
}

/** Superusers are members of what they were made members of, not of everything. */
function isMember(userName: string, roleName: string, shared: SharedCatalog): boolean {
  const user = shared.roleByName(userName);
  const role = shared.roleByName(roleName);
  return user !== undefined && role !== undefined && shared.rolesOf(user.oid, 'all', undefined).has(role.oid);
}
