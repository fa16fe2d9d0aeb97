import { compareUtf8 } from './compare-utf8.ts';
import { endOfJsonValue, jsonStringAt, quoteJson, skipJsonSpace } from './json-text.ts';
import { Numeric } from './numeric.ts';

/**
 * A jsonb value taken apart: what functions work on that change it. Objects hold their keys in jsonb's order (by bytes of
 * length, then by bytes) and each once.
 */
export type JsonNode = null | boolean | string | JsonNumber | readonly JsonNode[] | JsonObject;

export type JsonObject = ReadonlyMap<string, JsonNode>;

/** A number as numeric prints it: exact, with the zeros at its end. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get numeric(): Numeric {
    return Numeric.parse(this.text);
  }
}

export function isJsonArray(node: JsonNode): node is readonly JsonNode[] {
  return Array.isArray(node);
}

export function isJsonObject(node: JsonNode): node is JsonObject {
  return node instanceof Map;
}

export function isJsonScalar(node: JsonNode): node is null | boolean | string | JsonNumber {
  return !isJsonArray(node) && !isJsonObject(node);
}

/** Of members in the order of arrival: the last of each key counts. */
export function jsonObject(members: Iterable<readonly [string, JsonNode]>): JsonObject {
  const unordered = new Map(members);
  if (unordered.size < 2) return unordered;
  return new Map([...unordered].sort(([left], [right]) => compareKeys(left, right)));
}

function compareKeys(left: string, right: string): number {
  return utf8Length(left) - utf8Length(right) || compareUtf8(left, right);
}

function utf8Length(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
}

/** Digits that numeric prints as they are: no exponent, no sign before zero. */
const PLAIN_NUMBER = /^(?:-?[1-9]\d{0,999}|0)(?:\.\d{1,999})?$/;

/**
 * Takes well-formed JSON apart. Throws 22P05 and 22P02 for strings that no text can hold, 22003 for numbers that no
 * numeric can.
 */
export function readJsonNode(text: string): JsonNode {
  return new NodeReader(text).value();
}

/** Reads once from left to right. */
class NodeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): JsonNode {
    this.#at = skipJsonSpace(this.#text, this.#at);
    const start = this.#at;
    switch (this.#text.charAt(start)) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      default:
        this.#at = endOfJsonValue(this.#text, start);
        return wordOf(this.#text.slice(start, this.#at));
    }
  }

  #object(): JsonNode {
    const members: [string, JsonNode][] = [];
    while (this.#opensNext()) {
      const key = this.#string();
      this.#at = skipJsonSpace(this.#text, this.#at) + 1;
      members.push([key, this.value()]);
    }
    return jsonObject(members);
  }

  #array(): JsonNode {
    const elements: JsonNode[] = [];
    while (this.#opensNext()) elements.push(this.value());
    return elements;
  }

  /** From the opening bracket or behind an item to the start of the next item; false: the closing bracket was read. */
  #opensNext(): boolean {
    let at = skipJsonSpace(this.#text, this.#at);
    const character = this.#text.charAt(at);
    if (character !== ']' && character !== '}') at = skipJsonSpace(this.#text, at + 1);
    const next = this.#text.charAt(at);
    const isClosed = (character !== ',' && (next === ']' || next === '}')) || at === this.#text.length;
    this.#at = isClosed ? at + 1 : at;
    return !isClosed;
  }

  #string(): string {
    const start = this.#at;
    this.#at = endOfJsonValue(this.#text, start);
    return jsonStringAt(this.#text, start, this.#at);
  }
}

function wordOf(word: string): JsonNode {
  switch (word) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
    default:
      return new JsonNumber(PLAIN_NUMBER.test(word) ? word : Numeric.parse(word).toString());
  }
}

/** As jsonb prints it: a blank behind each colon and comma. */
export function formatJsonNode(node: JsonNode): string {
  if (typeof node === 'string') return quoteJson(node);
  if (node instanceof JsonNumber) return node.text;
  if (isJsonArray(node)) return `[${node.map(formatJsonNode).join(', ')}]`;
  if (isJsonObject(node)) {
    const members: string[] = [];
    for (const [key, value] of node) members.push(`${quoteJson(key)}: ${formatJsonNode(value)}`);
    return `{${members.join(', ')}}`;
  }
  return String(node);
}

/** Null < string < number < boolean < array < object. */
function rankOf(node: JsonNode): number {
  if (node === null) return 0;
  if (typeof node === 'string') return 1;
  if (node instanceof JsonNumber) return 2;
  if (typeof node === 'boolean') return 3;
  return isJsonArray(node) ? 4 : 5;
}

/**
 * jsonb's order: by kind, then arrays and objects by their size before their contents. PostgreSQL keeps a scalar that
 * stands alone as an array of one element, which therefore follows the empty array.
 */
export function compareJsonNodes(left: JsonNode, right: JsonNode, compareTexts = compareUtf8): number {
  if (isJsonArray(left) && isJsonScalar(right)) return left.length === 0 ? -1 : 1;
  if (isJsonArray(right) && isJsonScalar(left)) return right.length === 0 ? 1 : -1;
  return compareInside(left, right, compareTexts);
}

function compareInside(left: JsonNode, right: JsonNode, compareTexts = compareUtf8): number {
  const rank = rankOf(left) - rankOf(right);
  if (rank !== 0) return rank;
  if (typeof left === 'string') return compareTexts(left, right as string);
  if (left instanceof JsonNumber) return left.numeric.compare((right as JsonNumber).numeric);
  if (isJsonArray(left)) return compareArrays(left, right as readonly JsonNode[], compareTexts);
  if (isJsonObject(left)) return compareObjects(left, right as JsonObject, compareTexts);
  return Number(left) - Number(right);
}

function compareArrays(
  left: readonly JsonNode[],
  right: readonly JsonNode[],
  compareTexts: typeof compareUtf8,
): number {
  if (left.length !== right.length) return left.length - right.length;
  for (let at = 0; at < left.length; at++) {
    const order = compareInside(left[at], right[at], compareTexts);
    if (order !== 0) return order;
  }
  return 0;
}

function compareObjects(left: JsonObject, right: JsonObject, compareTexts: typeof compareUtf8): number {
  if (left.size !== right.size) return left.size - right.size;
  const others = right[Symbol.iterator]();
  for (const [key, value] of left) {
    const [otherKey, otherValue] = others.next().value as [string, JsonNode];
    const order = compareTexts(key, otherKey) || compareInside(value, otherValue, compareTexts);
    if (order !== 0) return order;
  }
  return 0;
}

export function equalJsonNodes(left: JsonNode, right: JsonNode): boolean {
  return compareInside(left, right) === 0;
}
