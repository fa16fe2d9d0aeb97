import { readText, withoutZero } from './binary-form.ts';
import { jsonSyntaxError } from './json-syntax.ts';
import { textForm } from './string-types.ts';
import type { TypeDefinition } from './type-definition.ts';

/** The text is kept as it is once it has proved to be JSON. */
function checkedJson(text: string): string {
  try {
    JSON.parse(withoutZero(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw jsonSyntaxError(text);
    throw error;
  }
  return text;
}

export const json: TypeDefinition = {
  ...textForm,
  oid: 114,
  name: 'json',
  sqlName: 'json',
  category: 'U',
  arrayOid: 199,
  isComparable: false,
  parse: checkedJson,
  readBinary: (bytes) => checkedJson(readText(bytes)),
};
