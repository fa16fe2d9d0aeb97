import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { json } from '../../types/json.ts';
import {
  formatJsonNode,
  isJsonArray,
  isJsonObject,
  isJsonScalar,
  type JsonNode,
  jsonObject,
  readJsonNode,
} from '../../types/json-node.ts';
import { JsonItems, jsonKindAt, jsonRoot, jsonStringAt, quoteJson } from '../../types/json-text.ts';
import { jsonb } from '../../types/jsonb.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import { defineOperator, defineScalar } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';
import type { OperatorDefinition } from '../operator-definition.ts';
import { changeAtPath } from './jsonb-path-change.ts';

const textArray = arrayTypeOf(text) as TypeDefinition;

function cannot(what: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, `cannot ${what}`);
}

/** Objects are merged, the right one's members winning; everything else is joined as arrays. */
function concatenate(leftText: string, rightText: string): string {
  const left = readJsonNode(leftText);
  const right = readJsonNode(rightText);
  if (isJsonObject(left) && isJsonObject(right)) return formatJsonNode(jsonObject([...left, ...right]));
  return formatJsonNode([...elementsOf(left), ...elementsOf(right)]);
}

function elementsOf(node: JsonNode): readonly JsonNode[] {
  return isJsonArray(node) ? node : [node];
}

/** Nothing is in it, so that no path leads anywhere and none is looked at. */
function isEmpty(node: JsonNode): boolean {
  return isJsonArray(node) ? node.length === 0 : isJsonObject(node) && node.size === 0;
}

function withoutKeys(document: string, keys: readonly (string | null)[]): string {
  const node = readJsonNode(document);
  if (isJsonScalar(node)) throw cannot('delete from scalar');
  const isKept = (key: JsonNode): boolean => typeof key !== 'string' || !keys.includes(key);
  if (isJsonArray(node)) return formatJsonNode(node.filter(isKept));
  return formatJsonNode(new Map([...node].filter(([key]) => isKept(key))));
}

const withoutKey = (document: string, key: string): string => withoutKeys(document, [key]);
const withoutKeyList = (document: string, keys: SqlArray): string => withoutKeys(document, pathOf(keys));

function withoutElement(document: string, index: number): string {
  const node = readJsonNode(document);
  if (isJsonScalar(node)) throw cannot('delete from scalar');
  if (isJsonObject(node)) throw cannot('delete from object using integer index');
  const place = index < 0 ? node.length + index : index;
  return formatJsonNode(node.filter((_, at) => at !== place));
}

const pathOf = (path: SqlArray): readonly (string | null)[] => {
  if (path.dimensions.length > 1) throw new SqlError(SqlState.ArraySubscriptError, 'wrong number of array subscripts');
  return path.elements as readonly (string | null)[];
};

function withoutPath(document: string, path: SqlArray): string {
  const steps = pathOf(path);
  const node = readJsonNode(document);
  if (isJsonScalar(node)) throw cannot('delete path in scalar');
  if (steps.length === 0 || isEmpty(node)) return document;
  return formatJsonNode(changeAtPath(node, steps, { kind: 'delete' }));
}

function set(document: string, path: SqlArray, value: string, createsMissing = true): string {
  const steps = pathOf(path);
  const node = readJsonNode(document);
  if (isJsonScalar(node)) throw cannot('set path in scalar');
  if (steps.length === 0 || (!createsMissing && isEmpty(node))) return document;
  return formatJsonNode(changeAtPath(node, steps, { kind: 'set', value: readJsonNode(value), createsMissing }));
}

function insert(document: string, path: SqlArray, value: string, isAfter = false): string {
  const steps = pathOf(path);
  const node = readJsonNode(document);
  if (isJsonScalar(node)) throw cannot('set path in scalar');
  if (steps.length === 0) return document;
  return formatJsonNode(changeAtPath(node, steps, { kind: 'insert', value: readJsonNode(value), isAfter }));
}

const NULL_TREATMENTS = ['raise_exception', 'use_json_null', 'delete_key', 'return_target'];

/** jsonb_set that has an answer for a new value of NULL. */
function setLax(
  document: string | null,
  path: SqlArray | null,
  value: string | null,
  createsMissing: boolean | null = true,
  treatment: string | null = 'use_json_null',
): string | null {
  if (document === null || path === null || createsMissing === null) return null;
  // What is done with NULL is looked at where there is one.
  if (treatment === null || (value === null && !NULL_TREATMENTS.includes(treatment))) {
    throw new SqlError(
      SqlState.InvalidParameterValue,
      'null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"',
    );
  }
  if (value !== null) return set(document, path, value, createsMissing);
  switch (treatment) {
    case 'raise_exception':
      throw new SqlError(SqlState.NullValueNotAllowed, 'JSON value must not be null', {
        detail: 'Exception was raised because null_value_treatment is "raise_exception".',
        hint: 'To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.',
      });
    case 'use_json_null':
      return set(document, path, 'null', createsMissing);
    case 'delete_key':
      return withoutPath(document, path);
    default:
      return document;
  }
}

/** Members whose value is null go, at every depth; elements stay. Built from the text, which keeps the order of `json`. */
function stripNulls(document: string): string {
  const write = (start: number, end: number): string => {
    const kind = jsonKindAt(document, start);
    if (kind === 'string') return quoteJson(jsonStringAt(document, start, end));
    if (kind !== 'object' && kind !== 'array') return document.slice(start, end);
    const items = new JsonItems(document, start);
    const parts: string[] = [];
    while (items.next()) {
      if (kind === 'array') parts.push(write(items.start, items.end));
      else if (jsonKindAt(document, items.start) !== 'null') {
        parts.push(`${quoteJson(items.key)}:${write(items.start, items.end)}`);
      }
    }
    return kind === 'object' ? `{${parts.join(',')}}` : `[${parts.join(',')}]`;
  };
  const { start, end } = jsonRoot(document);
  return write(start, end);
}

const stripNullsOfJsonb = (document: string): string => formatJsonNode(readJsonNode(stripNulls(document)));

const INDENT = '    ';

function pretty(document: string): string {
  const write = (node: JsonNode, indent: string): string => {
    const inner = indent + INDENT;
    if (isJsonArray(node)) {
      const items = node.map((item) => `\n${inner}${write(item, inner)}`);
      return `[${items.join(',')}\n${indent}]`;
    }
    if (isJsonObject(node)) {
      const items = [...node].map(([key, value]) => `\n${inner}${quoteJson(key)}: ${write(value, inner)}`);
      return `{${items.join(',')}\n${indent}}`;
    }
    return formatJsonNode(node);
  };
  return write(readJsonNode(document), '');
}

/** || - #- of jsonb. */
export const jsonbChangeOperators: readonly OperatorDefinition[] = [
  defineOperator('||', 3284, defineScalar('jsonb_concat', 3301, [jsonb, jsonb], jsonb, concatenate)),
  defineOperator('-', 3285, defineScalar('jsonb_delete', 3302, [jsonb, text], jsonb, withoutKey)),
  defineOperator('-', 3286, defineScalar('jsonb_delete', 3303, [jsonb, int4], jsonb, withoutElement)),
  // PostgreSQL's operator calls the variadic function below; here it has a function of its own.
  defineOperator('-', 3398, defineScalar('jsonb_delete_keys', 9049, [jsonb, textArray], jsonb, withoutKeyList)),
  defineOperator('#-', 3287, defineScalar('jsonb_delete_path', 3304, [jsonb, textArray], jsonb, withoutPath)),
];

export const jsonbChangeFunctions: readonly ScalarFunction[] = [
  defineScalar(
    'jsonb_delete',
    3343,
    [jsonb, text],
    jsonb,
    (document: string | null, ...keys: (string | null)[]) => (document === null ? null : withoutKeys(document, keys)),
    { isVariadic: true, handlesNull: true },
  ),
  defineScalar('jsonb_set', 3305, [jsonb, textArray, jsonb, bool], jsonb, set, {
    argumentNames: ['jsonb_in', 'path', 'replacement', 'create_if_missing'],
    defaults: [true],
  }),
  defineScalar('jsonb_set_lax', 5054, [jsonb, textArray, jsonb, bool, text], jsonb, setLax, {
    handlesNull: true,
    argumentNames: ['jsonb_in', 'path', 'replacement', 'create_if_missing', 'null_value_treatment'],
    defaults: [true, 'use_json_null'],
  }),
  defineScalar('jsonb_insert', 3579, [jsonb, textArray, jsonb, bool], jsonb, insert, {
    argumentNames: ['jsonb_in', 'path', 'replacement', 'insert_after'],
    defaults: [false],
  }),
  defineScalar('json_strip_nulls', 3261, [json], json, stripNulls),
  defineScalar('jsonb_strip_nulls', 3262, [jsonb], jsonb, stripNullsOfJsonb),
  defineScalar('jsonb_pretty', 3306, [jsonb], text, pretty, { mayThrow: false }),
];
