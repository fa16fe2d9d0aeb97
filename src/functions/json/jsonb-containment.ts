import { bool } from '../../types/bool.ts';
import {
  equalJsonNodes,
  isJsonArray,
  isJsonObject,
  isJsonScalar,
  type JsonNode,
  type JsonObject,
  readJsonNode,
} from '../../types/json-node.ts';
import { JsonItems, jsonKindAt, jsonMember, jsonStringAt } from '../../types/json-text.ts';
import { jsonb } from '../../types/jsonb.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import { defineOperator, defineScalar } from '../define.ts';
import type { OperatorDefinition } from '../operator-definition.ts';

const textArray = arrayTypeOf(text) as TypeDefinition;

/**
 * Whether all of `inner` stands in `outer`: every member of an object under its key, every element of an array in whatever
 * place and however often. At the top, an array also contains a scalar that is one of its elements.
 */
function contains(outerText: string, innerText: string): boolean {
  const outer = readJsonNode(outerText);
  const inner = readJsonNode(innerText);
  if (isJsonArray(outer) && isJsonScalar(inner)) return outer.some((element) => equalScalars(element, inner));
  return containsInside(outer, inner);
}

function containsInside(outer: JsonNode, inner: JsonNode): boolean {
  if (isJsonArray(outer)) return isJsonArray(inner) && inner.every((element) => hasElement(outer, element));
  if (isJsonObject(outer)) return isJsonObject(inner) && containsMembers(outer, inner);
  return equalScalars(outer, inner);
}

function containsMembers(outer: JsonObject, inner: JsonObject): boolean {
  if (inner.size > outer.size) return false;
  for (const [key, value] of inner) {
    const found = outer.get(key);
    if (found === undefined || !containsInside(found, value)) return false;
  }
  return true;
}

function hasElement(outer: readonly JsonNode[], wanted: JsonNode): boolean {
  if (isJsonScalar(wanted)) return outer.some((element) => equalScalars(element, wanted));
  return outer.some((element) => containsInside(element, wanted));
}

function equalScalars(left: JsonNode, right: JsonNode): boolean {
  return isJsonScalar(left) && isJsonScalar(right) && equalJsonNodes(left, right);
}

/** Whether a string is a key of the object or an element of the array, or the scalar itself. */
function hasKey(document: string, key: string): boolean {
  switch (jsonKindAt(document, 0)) {
    case 'object':
      return jsonMember(document, 0, key) !== undefined;
    case 'string':
      return jsonStringAt(document, 0, document.length) === key;
    case 'array': {
      const items = new JsonItems(document, 0);
      while (items.next()) {
        if (jsonKindAt(document, items.start) === 'string' && jsonStringAt(document, items.start, items.end) === key) {
          return true;
        }
      }
      return false;
    }
    default:
      return false;
  }
}

/** NULLs among the keys are passed over. */
const hasAny = (document: string, keys: SqlArray): boolean =>
  keys.elements.some((key) => key !== null && hasKey(document, key as string));
const hasAll = (document: string, keys: SqlArray): boolean =>
  keys.elements.every((key) => key === null || hasKey(document, key as string));

/** @> <@ ? ?| ?& */
export const jsonbContainmentOperators: readonly OperatorDefinition[] = [
  defineOperator('@>', 3246, defineScalar('jsonb_contains', 4046, [jsonb, jsonb], bool, contains)),
  defineOperator(
    '<@',
    3250,
    defineScalar('jsonb_contained', 4050, [jsonb, jsonb], bool, (inner: string, outer: string) =>
      contains(outer, inner),
    ),
  ),
  defineOperator('?', 3247, defineScalar('jsonb_exists', 4047, [jsonb, text], bool, hasKey)),
  defineOperator('?|', 3248, defineScalar('jsonb_exists_any', 4048, [jsonb, textArray], bool, hasAny)),
  defineOperator('?&', 3249, defineScalar('jsonb_exists_all', 4049, [jsonb, textArray], bool, hasAll)),
];
