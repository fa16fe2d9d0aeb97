import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { json } from '../../types/json.ts';
import { JsonItems, type JsonKind, type JsonPlace, jsonKindAt, jsonRoot } from '../../types/json-text.ts';
import { jsonb } from '../../types/jsonb.ts';
import { recordTypeOver } from '../../types/record-type.ts';
import { SqlRecord } from '../../types/sql-record.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { TableFunction } from '../function-definition.ts';
import { partOf, textOfPart } from '../json/json-access.ts';

/** How a part of a document becomes a value. */
type Read = (document: string, place: JsonPlace) => string | null;

/** The message for a document that is not of the kind that the function takes apart. */
type Refusal = (kind: JsonKind) => string;

function itemsOf(document: string, wanted: 'object' | 'array', refusal: Refusal): JsonItems {
  const { start } = jsonRoot(document);
  const kind = jsonKindAt(document, start);
  if (kind === wanted) return new JsonItems(document, start);
  throw new SqlError(SqlState.InvalidParameterValue, refusal(kind));
}

interface TableIdentity {
  readonly name: string;
  readonly oid: number;
  readonly source: TypeDefinition;
  readonly refusal: Refusal;
}

/** json_each and its like: a row (key, value) for each member. */
function eachFunction(
  identity: TableIdentity & { readonly valueType: TypeDefinition; readonly read: Read },
): TableFunction {
  const { name, oid, source, valueType, read, refusal } = identity;
  const fields = [
    { name: 'key', type: sqlType(text) },
    { name: 'value', type: sqlType(valueType) },
  ];
  return {
    kind: 'table',
    name,
    oid,
    argumentTypes: [source],
    resultType: recordTypeOver(fields),
    columnName: name,
    columns: [
      { name: 'key', type: text },
      { name: 'value', type: valueType },
    ],
    *rows([document]: readonly Value[]) {
      const items = itemsOf(document as string, 'object', refusal);
      while (items.next()) yield new SqlRecord(fields, [items.key, read(document as string, items)]);
    },
  };
}

function elementsFunction(
  identity: TableIdentity & { readonly valueType: TypeDefinition; readonly read: Read },
): TableFunction {
  const { name, oid, source, valueType, read, refusal } = identity;
  return {
    kind: 'table',
    name,
    oid,
    argumentTypes: [source],
    resultType: valueType,
    columnName: 'value',
    *rows([document]: readonly Value[]) {
      const items = itemsOf(document as string, 'array', refusal);
      while (items.next()) yield read(document as string, items);
    },
  };
}

/** jsonb has each key once; of json, PostgreSQL gives the keys as they are written. */
function keysFunction({ name, oid, source, refusal }: TableIdentity): TableFunction {
  return {
    kind: 'table',
    name,
    oid,
    argumentTypes: [source],
    resultType: text,
    columnName: name,
    *rows([document]: readonly Value[]) {
      const items = itemsOf(document as string, 'object', refusal);
      while (items.next()) yield items.key;
    },
  };
}

const isScalar = (kind: JsonKind): boolean => kind !== 'array' && kind !== 'object';

const notAnObject: Refusal = (kind) =>
  isScalar(kind) ? 'cannot deconstruct a scalar' : 'cannot deconstruct an array as an object';
const callOnNonObject =
  (name: string): Refusal =>
  () =>
    `cannot call ${name} on a non-object`;
const keysOf =
  (name: string): Refusal =>
  (kind) =>
    `cannot call ${name} on ${isScalar(kind) ? 'a scalar' : 'an array'}`;
const elementsOf =
  (name: string): Refusal =>
  (kind) =>
    `cannot call ${name} on a ${isScalar(kind) ? 'scalar' : 'non-array'}`;
const extractElements: Refusal = (kind) => `cannot extract elements from ${isScalar(kind) ? 'a scalar' : 'an object'}`;

const asPart: Read = (document, place) => partOf(document, place);
const asText: Read = (document, place) => textOfPart(document, place);

export const jsonTableFunctions: readonly TableFunction[] = [
  eachFunction({ name: 'json_each', oid: 3958, source: json, valueType: json, read: asPart, refusal: notAnObject }),
  eachFunction({
    name: 'json_each_text',
    oid: 3959,
    source: json,
    valueType: text,
    read: asText,
    refusal: notAnObject,
  }),
  eachFunction({
    name: 'jsonb_each',
    oid: 3208,
    source: jsonb,
    valueType: jsonb,
    read: asPart,
    refusal: callOnNonObject('jsonb_each'),
  }),
  eachFunction({
    name: 'jsonb_each_text',
    oid: 3932,
    source: jsonb,
    valueType: text,
    read: asText,
    refusal: callOnNonObject('jsonb_each_text'),
  }),
  elementsFunction({
    name: 'json_array_elements',
    oid: 3955,
    source: json,
    valueType: json,
    read: asPart,
    refusal: elementsOf('json_array_elements'),
  }),
  elementsFunction({
    name: 'json_array_elements_text',
    oid: 3969,
    source: json,
    valueType: text,
    read: asText,
    refusal: elementsOf('json_array_elements_text'),
  }),
  elementsFunction({
    name: 'jsonb_array_elements',
    oid: 3219,
    source: jsonb,
    valueType: jsonb,
    read: asPart,
    refusal: extractElements,
  }),
  elementsFunction({
    name: 'jsonb_array_elements_text',
    oid: 3465,
    source: jsonb,
    valueType: text,
    read: asText,
    refusal: extractElements,
  }),
  keysFunction({ name: 'json_object_keys', oid: 3957, source: json, refusal: keysOf('json_object_keys') }),
  keysFunction({ name: 'jsonb_object_keys', oid: 3931, source: jsonb, refusal: keysOf('jsonb_object_keys') }),
];
