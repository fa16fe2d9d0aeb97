import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameBytes } from '../../src/copy/same-bytes.ts';

test('bytes of texts are the same where the texts are, at whatever places they stand', () => {
  const places = fc.nat(9);
  const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\0'));
  fc.assert(
    fc.property(text, text, places, places, fc.boolean(), (one, other, start, otherStart, isEqual) => {
      const left = Buffer.from(one);
      const right = Buffer.from(isEqual ? one : other);
      const length = Math.min(left.length, right.length);
      // What stands around them differs.
      const view = (bytes: Buffer, at: number, around: number): DataView => {
        const whole = new Uint8Array(at + length + 8).fill(around);
        whole.set(bytes.subarray(0, length), at);
        return new DataView(whole.buffer);
      };
      const found = isSameBytes(view(left, start, 1), start, view(right, otherStart, 2), otherStart, length);
      expect(found).toBe(left.subarray(0, length).equals(right.subarray(0, length)));
    }),
    { numRuns: 500 },
  );
  const differing = new DataView(Uint8Array.from({ length: 40 }, (_, at) => 65 + (at === 22 ? 1 : 0)).buffer);
  const plain = new DataView(new Uint8Array(40).fill(65).buffer);
  for (let length = 23; length <= 40; length++) expect(isSameBytes(plain, 0, differing, 0, length)).toBe(false);
  for (let length = 0; length <= 22; length++) expect(isSameBytes(plain, 0, differing, 0, length)).toBe(true);
});
