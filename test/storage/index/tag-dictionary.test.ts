import { describe, expect, test } from 'vitest';
import { type Column, valueAt } from '../../../src/columnar/column.ts';
import { NULL_CODE, TagDictionary } from '../../../src/storage/index/tag-dictionary.ts';
import { TextTable } from '../../../src/storage/index/text-table.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { HOSTILE_NAMES, HOSTILE_TEXTS } from '../../support/hostile-data.ts';

const TEXTS = [...HOSTILE_NAMES, ...HOSTILE_TEXTS, 'y'.repeat(65_535), 'z'.repeat(65_536), '🌡️'.repeat(30_000)];

function valuesOf(column: Column, rowCount: number): Value[] {
  return Array.from({ length: rowCount }, (_, row) => valueAt(column, row));
}

describe('a table of texts', () => {
  test('gives every text a code, and the text back', () => {
    const table = new TextTable();
    const texts = [
      ...TEXTS,
      ...Array.from({ length: 100_000 }, (_, index) => `host-${index}-é`.slice(0, 6 + (index % 9))),
    ];
    const distinct = [...new Set(texts)];
    for (const text of texts) table.codeOf(text);
    expect(table.size).toBe(distinct.length);
    for (const [code, text] of distinct.entries()) {
      expect(table.find(text)).toBe(code);
      expect(table.string(code)).toBe(text);
    }
    expect(table.find('absent')).toBe(-1);
    // Of the same UTF-8 length as another, and one that is the beginning of another.
    expect(table.find('ê')).toBe(-1);
    expect(table.find('y'.repeat(65_534))).toBe(-1);
  });

  test('takes less than 40 bytes for one of 12', () => {
    const table = new TextTable();
    for (let index = 0; index < 200_000; index++) table.codeOf(`host_${1_000_000 + index}`);
    expect(table.sizeBytes / table.size).toBeLessThan(40);
  });
});

describe('a dictionary of texts', () => {
  const dictionary = new TagDictionary(typeByName('text')!);
  const early = Uint32Array.from(TEXTS, (text) => dictionary.codeOf(text));
  const before = dictionary.columnOfCodes(early, early.length);
  const late = Array.from({ length: 70_000 }, (_, index) => dictionary.codeOf(`t${index}`));

  test('keeps codes and columns when it has become large', () => {
    expect(dictionary.size).toBe(TEXTS.length + 70_000);
    expect(valuesOf(before, early.length)).toEqual(TEXTS);
    expect(TEXTS.map((text) => dictionary.find(text))).toEqual([...early]);
    expect(dictionary.codeOf('t69999')).toBe(late.at(-1));
    expect(dictionary.value(late[12_345]!)).toBe('t12345');
    expect(dictionary.find('t70000')).toBe(-1);
  });

  test('makes columns of repeated, of different and of no texts', () => {
    const repeated = Uint32Array.from({ length: 100 }, (_, row) => (row < 60 ? late[5]! : NULL_CODE));
    const column = dictionary.columnOfCodes(repeated, 100);
    expect(column.kind).toBe('dictionary');
    expect(valuesOf(column, 100)).toEqual([...Array(60).fill('t5'), ...Array(40).fill(null)]);
    const different = Uint32Array.from({ length: 100 }, (_, row) => (row % 10 === 0 ? NULL_CODE : late[row]!));
    const values = valuesOf(dictionary.columnOfCodes(different, 90), 90);
    expect(values).toEqual(Array.from({ length: 90 }, (_, row) => (row % 10 === 0 ? null : `t${row}`)));
  });
});

test('numbers past 2^53 stand beside small ones and NULL', () => {
  const dictionary = new TagDictionary(typeByName('int8')!);
  const values: Value[] = [1, 2n ** 60n, null, -5, 1];
  const codes = Uint32Array.from(values, (value) => dictionary.codeOf(value));
  expect(codes[4]).toBe(codes[0]);
  expect(valuesOf(dictionary.columnOfCodes(codes, 5), 5)).toEqual(values);
  expect(valuesOf(dictionary.columnOfCodes(Uint32Array.of(codes[0]!, NULL_CODE), 2), 2)).toEqual([1, null]);
});
