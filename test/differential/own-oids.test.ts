import { describe, expect, test } from 'vitest';
import { withoutOwnOids } from './own-oids.ts';

const RECORD_OID = 2249;

function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeInt32BE(value, at * 4);
  return bytes;
}

describe('values without the OIDs of types that users make', () => {
  test('are rows that differ in those alone', () => {
    const row = (own: number) => Buffer.concat([int32(2, 23, 4, 7, own, 3), Buffer.from('sad')]);
    expect(withoutOwnOids(row(16_384), RECORD_OID)).toBe(withoutOwnOids(row(20_001), RECORD_OID));
    expect(withoutOwnOids(row(16_384), RECORD_OID)).not.toBe(withoutOwnOids(row(23), RECORD_OID));
  });

  test('keep what else stands in a row', () => {
    const row = (value: number) => int32(1, 23, 4, value);
    expect(withoutOwnOids(row(1), RECORD_OID)).not.toBe(withoutOwnOids(row(2), RECORD_OID));
  });

  test('are arrays over them, in rows too', () => {
    const array = (own: number) => Buffer.concat([int32(1, 0, own, 1, 1, 2), Buffer.from('ok')]);
    const row = (own: number) => Buffer.concat([int32(1, own + 1, array(own).length), array(own)]);
    expect(withoutOwnOids(array(16_384), 16_385)).toBe(withoutOwnOids(array(17_000), 17_001));
    expect(withoutOwnOids(row(16_384), RECORD_OID)).toBe(withoutOwnOids(row(17_000), RECORD_OID));
  });

  test('are left as they are where there is none', () => {
    expect(withoutOwnOids(Buffer.from('very happy'), 16_384)).toBe(Buffer.from('very happy').toString('hex'));
    expect(withoutOwnOids(int32(1, 2), 20)).toBe('0000000100000002');
  });
});
