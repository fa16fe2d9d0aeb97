import { describe, expect, test } from 'vitest';
import { BOOTSTRAP_ROLE } from '../../../src/catalog/access/role.ts';
import { SharedCatalog } from '../../../src/catalog/access/shared-catalog.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { HostNames } from '../../../src/platform/host-names.ts';
import { systemTimers } from '../../../src/platform/timers.ts';
import { LoginGate } from '../../../src/session/login/login-gate.ts';
import {
  DEFAULT_RULES,
  type LoginClient,
  OPEN_RULES,
  parseLoginRules,
  ruleFor,
  trustsOthers,
} from '../../../src/session/login/login-rules.ts';

const role = (oid: number, name: string) => ({ ...BOOTSTRAP_ROLE, oid, name, isSuperuser: false });
const shared = new SharedCatalog([
  BOOTSTRAP_ROLE,
  role(20_001, 'readers'),
  role(20_002, 'rita'),
  role(20_003, 'all'),
  { kind: 'membership', roleOid: 20_001, memberOid: 20_002, grantorOid: 10, hasAdminOption: false, version: 1 },
]);

const client: LoginClient = { userName: 'rita', databaseName: 'shop', address: '10.1.2.3', isEncrypted: false };

/** What this machine is called, where. */
const OWN_NETWORKS = [
  { address: '127.0.0.1', prefixLength: 8 },
  { address: '10.1.2.3', prefixLength: 24 },
  { address: 'fe80::7', prefixLength: 64 },
];

function methodOf(lines: readonly string[], changes: Partial<LoginClient> = {}): string | undefined {
  return ruleFor(parseLoginRules(lines), { ...client, ...changes }, shared, () => OWN_NETWORKS)?.method;
}

describe('the first rule that is about a client counts', () => {
  const cases: readonly (readonly [rule: string, changes: Partial<LoginClient>, isAbout: boolean])[] = [
    ['host all all all trust', {}, true],
    ['local all all trust', {}, false],
    ['local all all trust', { address: undefined }, true],
    ['host all all all trust', { address: undefined }, false],
    ['hostssl all all all trust', {}, false],
    ['hostssl all all all trust', { isEncrypted: true }, true],
    ['hostnossl all all all trust', { isEncrypted: true }, false],
    ['hostnossl all all all trust', {}, true],
    ['host shop all all trust', {}, true],
    ['host store all all trust', {}, false],
    ['host store,shop all all trust', {}, true],
    ['host store, shop all all trust', {}, true],
    ['host replication all all trust', { databaseName: 'replication' }, false],
    ['host "replication" all all trust', { databaseName: 'replication' }, true],
    ['host sameuser all all trust', {}, false],
    ['host sameuser all all trust', { databaseName: 'rita' }, true],
    ['host samerole all all trust', { databaseName: 'readers' }, true],
    ['host samerole all all trust', {}, false],
    ['host all +readers all trust', {}, true],
    ['host all +readers all trust', { userName: 'postgres' }, false],
    ['host all "+readers" all trust', {}, false],
    ['host all "all" all trust', {}, false],
    ['host all "all" all trust', { userName: 'all' }, true],
    ['host all rita,ada all trust', {}, true],
    ['host all Rita all trust', {}, false],
    ['host all all 10.0.0.0/8 trust', {}, true],
    ['host all all 10.1.2.3 trust', {}, true],
    ['host all all 10.1.2.4/31 trust', {}, false],
    ['host all all 10.0.0.0 255.0.0.0 trust', {}, true],
    ['host all all 11.0.0.0 255.0.0.0 trust', {}, false],
    ['host all all 10.0.0.0/8 trust', { address: '::ffff:10.9.9.9' }, true],
    ['host all all fe80::/10 trust', { address: 'fe80::1%eth0' }, true],
    ['host all all ::1/128 trust', { address: '::1' }, true],
    ['host all all 0.0.0.0/0 trust', { address: '::1' }, false],
    ['host all all samehost trust', {}, true],
    ['host all all samehost trust', { address: '10.1.2.4' }, false],
    ['host all all samehost trust', { address: '::ffff:127.0.0.1' }, true],
    ['host all all samenet trust', { address: '10.1.2.4' }, true],
    ['host all all samenet trust', { address: '10.1.3.4' }, false],
    ['host all all samenet trust', { address: 'fe80::9%eth0' }, true],
    ['host all all web.example.com trust', {}, false],
    ['host all all web.example.com trust', { hostName: 'WEB.example.com' }, true],
    ['host all all web.example.com trust', { hostName: 'a.web.example.com' }, false],
    ['host all all .example.com trust', { hostName: 'web.example.com' }, true],
    ['host all all .example.com trust', { hostName: 'example.com' }, false],
    ['host all all .example.com trust', { hostName: 'badexample.com' }, false],
    ['host all all localhost trust', { hostName: 'localhost' }, true],
  ];
  for (const [rule, changes, isAbout] of cases) {
    test(`${rule} is ${isAbout ? '' : 'not '}about ${JSON.stringify({ ...client, ...changes })}`, () => {
      expect(methodOf([rule], changes)).toBe(isAbout ? 'trust' : undefined);
    });
  }

  test('and no later one', () => {
    expect(methodOf(['# who', '', 'host all rita all reject # not she', 'host all all all trust'])).toBe('reject');
  });
});

describe('rules about names', () => {
  const gate = (names: Partial<HostNames>) =>
    new LoginGate({
      shared: () => shared,
      access: () => ({ rules: parseLoginRules(['host all all .example.com trust']) }),
      hostNames: { nameOf: async () => undefined, addressesOf: async () => [], ownNetworks: () => [], ...names },
      secret: new Uint8Array(8),
      clock: systemClock,
      timers: systemTimers,
      log: () => {},
    });

  test('take the name of an address that has the address in turn', async () => {
    const honest = gate({ nameOf: async () => 'web.example.com', addressesOf: async () => ['10.1.2.3', '::1'] });
    expect((await honest.rule(client)).method).toBe('trust');
  });

  test('believe no name that belongs to another address', async () => {
    const liar = gate({ nameOf: async () => 'web.example.com', addressesOf: async () => ['10.9.9.9'] });
    await expect(liar.rule(client)).rejects.toMatchObject({ code: '28000' });
  });

  test('are about nobody without a name', async () => {
    await expect(gate({}).rule(client)).rejects.toMatchObject({ code: '28000' });
  });
});

test('a gate goes by the rules as they are by now', async () => {
  let rules = parseLoginRules(['host all all all reject']);
  const options = { secret: new Uint8Array(8), clock: systemClock, timers: systemTimers, log: () => {} };
  const gate = new LoginGate({ shared: () => shared, access: () => ({ rules }), ...options });
  await expect(gate.rule(client)).rejects.toMatchObject({ code: '28000' });
  rules = parseLoginRules(['host all all all trust']);
  expect((await gate.rule(client)).method).toBe('trust');
});

describe('what is no rule is said with its line', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    'hots all all all trust': /line 1: "hots" is no connection type/,
    host: /the database is missing/,
    'host all all': /the address is missing/,
    'host all all all': /the method is missing/,
    'host all all all md5': /"md5" is no method/,
    'host all all 10.0.0 trust': /"10.0.0" is no address/,
    'host all all 10.0.0.0/33 trust': /prefix length/,
    'host all all 10.0.0.0 255.0.255.0 trust': /no mask/,
    'host all all all trust map=x': /no option/,
    'host all all all cert': /"hostssl"/,
    'host all "all all trust': /a quote is not closed/,
    'local all all peer': /"peer" asks the system who the client is/,
    'local all all ident': /"ident" is no method/,
  };
  for (const [line, message] of Object.entries(cases)) {
    test(line, () => expect(() => parseLoginRules([line])).toThrow(message));
  }
});

test('nobody from elsewhere comes in by default without a password', () => {
  expect(trustsOthers(DEFAULT_RULES)).toBe(false);
  expect(trustsOthers(OPEN_RULES)).toBe(true);
  expect(trustsOthers(parseLoginRules(['host all all 127.0.0.0/7 trust']))).toBe(true);
  expect(trustsOthers(parseLoginRules(['host all all 127.0.0.0/8 trust', 'host all all all reject']))).toBe(false);
});
