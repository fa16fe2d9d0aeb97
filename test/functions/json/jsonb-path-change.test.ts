import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignJsonb, changeAtPath } from '../../../src/functions/json/jsonb-path-change.ts';
import { formatJsonNode, readJsonNode } from '../../../src/types/json-node.ts';
import { canonicalJson } from '../../../src/types/jsonb.ts';
import { orError } from '../../support/type-forms.ts';

describe('an assignment to a part', () => {
  test.each([
    [null, '5', ['a', 'b'], '{"a": {"b": 5}}'],
    [null, '5', ['2'], '[null, null, 5]'],
    ['{"a": 1}', null, ['a'], '{"a": null}'],
    ['[1, 2]', '9', ['-1'], '[1, 9]'],
    ['[1]', '9', ['3'], '[1, null, null, 9]'],
    ['{"a": []}', 'true', ['a', '1', 'k'], '{"a": [null, {"k": true}]}'],
  ])('of %s to %s at %j gives %s', (document, value, path, answer) => {
    expect(assignJsonb(document, value, ...path)).toBe(answer);
  });

  test('behind a scalar is refused', () => {
    expect(orError(() => assignJsonb('{"a": 1}', '2', 'a', 'b'))).toBe(
      '22023: cannot replace existing key (The path assumes key is a composite object, but it is a scalar value.)',
    );
    expect(orError(() => assignJsonb('[1]', '2', 'x'))).toBe(
      '22P02: path element at position 1 is not an integer: "x"',
    );
    expect(orError(() => assignJsonb('[1]', '2', null))).toBe('22004: path element at position 1 is null');
  });
});

describe('a change at a path', () => {
  const objects = fc
    .dictionary(fc.string({ unit: 'grapheme-ascii', maxLength: 3 }), fc.integer())
    .map((object) => canonicalJson(JSON.stringify(object)));

  test('that sets a member is seen, and no other member changes', () => {
    fc.assert(
      fc.property(objects, fc.string({ unit: 'grapheme-ascii', maxLength: 3 }), (document, key) => {
        const node = changeAtPath(readJsonNode(document), [key], { kind: 'set', value: true, createsMissing: true });
        const changed = formatJsonNode(node);
        expect(canonicalJson(changed)).toBe(changed);
        expect(JSON.parse(changed)).toEqual({ ...JSON.parse(document), [key]: true });
      }),
    );
  });

  test('that deletes what was set leaves nothing behind', () => {
    fc.assert(
      fc.property(objects, (document) => {
        const key = 'a key of its own';
        const node = changeAtPath(readJsonNode(document), [key], { kind: 'set', value: [], createsMissing: true });
        expect(formatJsonNode(changeAtPath(node, [key], { kind: 'delete' }))).toBe(document);
      }),
    );
  });
});
