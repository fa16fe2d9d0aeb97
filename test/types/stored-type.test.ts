import { describe, expect, test } from 'vitest';
import { enumType } from '../../src/types/enum-type.ts';
import { SqlArray } from '../../src/types/sql-array.ts';
import { storedType } from '../../src/types/stored-type.ts';
import type { TypeDefinition } from '../../src/types/type-definition.ts';
import { arrayTypeOf, typeByName } from '../../src/types/type-registry.ts';
import { typeContext } from '../support/type-context.ts';
import { binaryForm } from '../support/type-forms.ts';

const labels = [
  { name: 'sad', sortOrder: 1 },
  { name: 'ok', sortOrder: 2 },
];
const mood = enumType({ oid: 30_000, arrayOid: 30_001, name: 'mood', labels });
const moods = arrayTypeOf(mood) as TypeDefinition;

describe('what is stored', () => {
  test('of an enum and of arrays over it are numbers', () => {
    expect(storedType(mood)).toBe(typeByName('float8'));
    expect(storedType(moods)).toBe(typeByName('_float8'));
  });

  test('of all other types is what they are', () => {
    for (const name of ['text', 'jsonb', '_jsonb', 'timetz', '_int4']) {
      const type = typeByName(name) as TypeDefinition;
      expect(storedType(type)).toBe(type);
    }
  });

  test('keeps its meaning when a label is renamed', () => {
    const stored = storedType(moods);
    const value = moods.parse('{ok,NULL,sad}', typeContext(), -1);
    const kept = stored.readBinary(binaryForm(stored, value), typeContext()) as SqlArray;
    expect(kept).toEqual(new SqlArray([2, null, 1]));
    const renamed = enumType({
      oid: 30_000,
      arrayOid: 30_001,
      name: 'mood',
      labels: [labels[0], { name: 'fine', sortOrder: 2 }],
    });
    expect(arrayTypeOf(renamed)?.format(kept, typeContext())).toBe('{fine,NULL,sad}');
  });
});
