import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endOfJsonValue,
  JsonItems,
  jsonElement,
  jsonItemCount,
  jsonKindAt,
  jsonMember,
  jsonRoot,
  jsonStringAt,
  skipJsonSpace,
} from '../../src/types/json-text.ts';

/** The value of a text, read by nothing but `JsonItems` and its like. */
function read(text: string, at: number): unknown {
  switch (jsonKindAt(text, at)) {
    case 'object': {
      const members: [string, unknown][] = [];
      const items = new JsonItems(text, at);
      while (items.next()) members.push([items.key, read(text, items.start)]);
      return Object.fromEntries(members);
    }
    case 'array': {
      const elements: unknown[] = [];
      const items = new JsonItems(text, at);
      while (items.next()) elements.push(read(text, items.start));
      return elements;
    }
    case 'string':
      return jsonStringAt(text, at, endOfJsonValue(text, at));
    default:
      return JSON.parse(text.slice(at, endOfJsonValue(text, at)));
  }
}

const values = fc
  .jsonValue({ stringUnit: 'grapheme' })
  .filter((value) => !JSON.stringify(value).includes('\\u0000') && !JSON.stringify(value).includes('__proto__'));

describe('walking over JSON', () => {
  test('finds what JSON.parse finds, however it is spaced', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, '\t', '\n \r\n'), (value, space) => {
        const text = ` ${JSON.stringify(value, null, space)}\n`;
        expect(read(text, skipJsonSpace(text, 0))).toEqual(JSON.parse(text));
        const { start, end } = jsonRoot(text);
        expect(text.slice(start, end)).toBe(text.trim());
      }),
    );
  });

  test('passes over brackets, commas and quotes inside strings', () => {
    const text = '["a,]\\"", {"k}": "\\\\"}, 3]';
    expect(jsonItemCount(text, 0)).toBe(3);
    expect(read(text, 0)).toEqual(['a,]"', { 'k}': '\\' }, 3]);
  });

  test('gives the last value of a key that stands twice', () => {
    const text = '{"a":1,"b":2,"a":3}';
    expect(jsonMember(text, 0, 'a')).toEqual({ start: 17, end: 18 });
    expect(jsonMember(text, 0, 'c')).toBeUndefined();
    expect(jsonMember('[1]', 0, 'a')).toBeUndefined();
  });

  test('counts elements from either end', () => {
    const text = '[10,20,30]';
    const at = (index: number): string | undefined => {
      const place = jsonElement(text, 0, index);
      return place && text.slice(place.start, place.end);
    };
    expect([0, 2, 3, -1, -3, -4].map(at)).toEqual(['10', '30', undefined, '30', '10', undefined]);
  });
});
