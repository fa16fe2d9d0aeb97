import type { ByteWriter } from '../bytes/byte-writer.ts';
import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { binaryTooShort, readText, withoutZero } from './binary-form.ts';
import { canonicalForm } from './json-canonical.ts';
import {
  compareJsonNodes,
  formatJsonNode,
  isJsonArray,
  isJsonObject,
  type JsonNode,
  JsonNumber,
  readJsonNode,
} from './json-node.ts';
import { checkJson } from './json-text.ts';
import { textForm } from './string-types.ts';
import type { TypeDefinition } from './type-definition.ts';

const BINARY_VERSION = 1;

/**
 * Any JSON in the form in which jsonb prints it: keys in order and each once, numbers as numeric has them, a blank behind
 * colons and commas. That text is the value: reading a part of it needs no parsing of the whole, and what a column holds
 * is compressed as other texts are.
 */
export function canonicalJson(text: string): string {
  const form = canonicalForm(text);
  if (form !== undefined) return form;
  // What is wrong with it, or the form of what is written in an unusual way.
  checkJson(withoutZero(text));
  return formatJsonNode(readJsonNode(text));
}

/** Only numbers with a point have several forms: 1.0 and 1.00 are equal. */
function hasLooseNumbers(text: string): boolean {
  return text.includes('.');
}

function compareJsonb(left: string, right: string): number {
  return left === right ? 0 : compareJsonNodes(readJsonNode(left), readJsonNode(right));
}

export function equalJsonb(left: string, right: string): boolean {
  if (left === right) return true;
  return hasLooseNumbers(left + right) && compareJsonb(left, right) === 0;
}

function keyOf(text: string): string {
  return hasLooseNumbers(text) ? formatJsonNode(withPlainNumbers(readJsonNode(text))) : text;
}

function withPlainNumbers(node: JsonNode): JsonNode {
  // Zeros behind the point say nothing, and neither does a point with nothing behind it.
  if (node instanceof JsonNumber && node.text.includes('.')) return new JsonNumber(node.text.replace(/\.?0+$/, ''));
  if (isJsonArray(node)) return node.map(withPlainNumbers);
  if (isJsonObject(node)) return new Map([...node].map(([key, value]) => [key, withPlainNumbers(value)]));
  return node;
}

/** | version, always 1 (uint8) | the text | */
function readJsonb(bytes: Uint8Array): string {
  const [version] = bytes;
  if (version === undefined) throw binaryTooShort();
  if (version !== BINARY_VERSION) {
    throw new SqlError(SqlState.InternalError, `unsupported jsonb version number ${version}`);
  }
  return canonicalJson(readText(bytes.subarray(1)));
}

function writeJsonb(value: string, writer: ByteWriter): void {
  writer.uint8(BINARY_VERSION);
  writer.string(value);
}

export const jsonb: TypeDefinition = {
  ...textForm,
  oid: 3802,
  name: 'jsonb',
  sqlName: 'jsonb',
  category: 'U',
  arrayOid: 3807,
  hasLooseEquality: true,
  parse: canonicalJson,
  readBinary: readJsonb,
  writeBinary: (value, writer) => writeJsonb(value as string, writer),
  compare: (left, right) => compareJsonb(left as string, right as string),
  hashKey: (value) => keyOf(value as string),
};
