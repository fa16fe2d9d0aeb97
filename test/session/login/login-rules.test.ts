import { describe, expect, test } from 'vitest';
import { BOOTSTRAP_ROLE } from '../../../src/catalog/access/role.ts';
import { SharedCatalog } from '../../../src/catalog/access/shared-catalog.ts';
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

function methodOf(lines: readonly string[], changes: Partial<LoginClient> = {}): string | undefined {
  return ruleFor(parseLoginRules(lines), { ...client, ...changes }, shared)?.method;
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

describe('what is no rule is said with its line', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    'hots all all all trust': /line 1: "hots" is no connection type/,
    host: /the database is missing/,
    'host all all': /the address is missing/,
    'host all all all': /the method is missing/,
    'host all all all md5': /"md5" is no method/,
    'host all all nowhere trust': /"nowhere" is no address/,
    'host all all 10.0.0.0/33 trust': /prefix length/,
    'host all all 10.0.0.0 255.0.255.0 trust': /no mask/,
    'host all all all trust map=x': /no option/,
    'host all all all cert': /"hostssl"/,
    'host all "all all trust': /a quote is not closed/,
    'local all all peer': /"peer" is no method/,
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
