import { readText, withoutZero } from './binary-form.ts';
import { checkJson } from './json-text.ts';
import { textForm } from './string-types.ts';
import type { TypeDefinition } from './type-definition.ts';

/** The text is kept as it is once it has proved to be JSON. */
function checkedJson(text: string): string {
  checkJson(withoutZero(text));
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
