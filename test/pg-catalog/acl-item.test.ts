import { expect, test } from 'vitest';
import { type AclItem, formatAclItem } from '../../src/catalog/access/acl.ts';
import { parseAclItem } from '../../src/catalog/access/parse-acl-item.ts';

const OIDS = new Map([
  ['alice', 20_001],
  ['Bob "B"', 20_002],
  ['postgres', 10],
]);
const NAMES = new Map([...OIDS].map(([name, oid]) => [oid, name]));

const items: Readonly<Record<string, AclItem>> = {
  'alice=r*w/postgres': { grantee: 20_001, grantor: 10, privileges: 2 | 4, grantOptions: 2 },
  '=U/postgres': { grantee: 0, grantor: 10, privileges: 256, grantOptions: 0 },
  '"Bob ""B"""=arwdDxt/alice': { grantee: 20_002, grantor: 20_001, privileges: 127, grantOptions: 0 },
};
for (const [text, item] of Object.entries(items)) {
  test(`${text} is read as it is written`, () => {
    expect(parseAclItem(text, (name) => OIDS.get(name) ?? -1)).toEqual(item);
    expect(formatAclItem(item, (oid) => NAMES.get(oid))).toBe(text);
  });
}

for (const text of ['alice', 'alice=q/postgres', '']) {
  test(`"${text}" is no item`, () => expect(() => parseAclItem(text, () => 1)).toThrow());
}
