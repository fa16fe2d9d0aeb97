import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { TableFunction } from '../function-definition.ts';
import { regexpMatches, regexpSplit } from '../scalar/regexp-functions.ts';
import { splitText } from '../scalar/split-text.ts';

type Rows = (values: readonly Value[]) => Iterable<Value>;

function perRow(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  rows: Rows,
  options: { readonly handlesNull?: true } = {},
): TableFunction {
  return { kind: 'table', name, oid, argumentTypes, resultType, columnName: name, rows, ...options };
}

const textArray = arrayTypeOf(text) ?? text;

const matches: Rows = ([value, pattern, flags = '']) =>
  regexpMatches(value as string, pattern as string, flags as string);
const pieces: Rows = ([value, pattern, flags = '']) =>
  regexpSplit('regexp_split_to_table', value as string, pattern as string, flags as string);
const parts: Rows = ([value, delimiter, nullText = null]) =>
  splitText(value as string | null, delimiter as string | null, nullText as string | null) ?? [];

/** What takes a text apart into rows. */
export const textTables: readonly TableFunction[] = [
  perRow('regexp_matches', 2763, [text, text], textArray, matches),
  perRow('regexp_matches', 2764, [text, text, text], textArray, matches),
  perRow('regexp_split_to_table', 2765, [text, text], text, pieces),
  perRow('regexp_split_to_table', 2766, [text, text, text], text, pieces),
  perRow('string_to_table', 6160, [text, text], text, parts, { handlesNull: true }),
  perRow('string_to_table', 6161, [text, text, text], text, parts, { handlesNull: true }),
];
