import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import { defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/**
 * The parts of a text between delimiters, in which `nullText` stands for NULL. Without a delimiter (NULL) its
 * characters; with an empty one the whole text. NULL has no parts.
 */
export function splitText(
  value: string | null,
  delimiter: string | null,
  nullText: string | null,
): (string | null)[] | null {
  if (value === null) return null;
  if (value === '') return [];
  const parts = delimiter === null ? [...value] : delimiter === '' ? [value] : value.split(delimiter);
  return nullText === null ? parts : parts.map((part) => (part === nullText ? null : part));
}

function stringToArray(
  value: string | null,
  delimiter: string | null,
  nullText: string | null = null,
): SqlArray | null {
  const parts = splitText(value, delimiter, nullText);
  return parts === null ? null : new SqlArray(parts);
}

const textArray = arrayTypeOf(text) ?? text;
const withNulls = { mayThrow: false, handlesNull: true } as const;

export const splitTextFunctions: readonly ScalarFunction[] = [
  defineScalar('string_to_array', 394, [text, text], textArray, stringToArray, withNulls),
  defineScalar('string_to_array', 376, [text, text, text], textArray, stringToArray, withNulls),
];
