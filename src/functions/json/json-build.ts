import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { json } from '../../types/json.ts';
import { quoteJson } from '../../types/json-text.ts';
import { canonicalJson, jsonb } from '../../types/jsonb.ts';
import { any, anyarray, anyelement } from '../../types/pseudo-types.ts';
import { record } from '../../types/record-type.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import { text, unknown } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { jsonKeyOf, jsonWriterOf } from './json-writer.ts';

const textArray = arrayTypeOf(text) as TypeDefinition;

const unspecialized = (): never =>
  invariant(false, 'overload resolution specializes functions that make JSON') as never;

type Evaluate = ScalarFunction['evaluate'];

/** A function whose work depends on the types of its arguments. */
function builder(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  evaluateFor: (types: readonly TypeDefinition[]) => Evaluate,
  options: Partial<ScalarFunction> = {},
): ScalarFunction {
  const generic: ScalarFunction = defineScalar(name, oid, argumentTypes, resultType, unspecialized, {
    ...stableWithEnvironment,
    ...options,
    specialize: (actual) => {
      const types = actual.map((type) => (type === unknown ? text : type));
      return { ...generic, argumentTypes: types, evaluate: evaluateFor(types) };
    },
  });
  return generic;
}

function toJson(type: TypeDefinition): Evaluate {
  const write = jsonWriterOf(type);
  return ({ typeContext }: FunctionEnvironment, value: Value) => write(value, typeContext);
}

function toJsonb(type: TypeDefinition): Evaluate {
  if (type.name === 'jsonb') return (_environment: FunctionEnvironment, value: Value) => value;
  const write = jsonWriterOf(type);
  return ({ typeContext }: FunctionEnvironment, value: Value) => canonicalJson(write(value, typeContext));
}

/** array_to_json and row_to_json; with `true` as second argument, in several lines. */
function toJsonInLines(type: TypeDefinition): Evaluate {
  const plain = jsonWriterOf(type);
  const inLines = jsonWriterOf(type, { lineFeeds: true });
  return ({ typeContext }: FunctionEnvironment, value: Value, lineFeeds: boolean) =>
    (lineFeeds ? inLines : plain)(value, typeContext);
}

function buildArray(types: readonly TypeDefinition[]): Evaluate {
  const writers = types.map((type) => jsonWriterOf(type));
  return ({ typeContext }: FunctionEnvironment, ...values: Value[]) =>
    `[${values.map((value, at) => (value === null ? 'null' : writers[at](value, typeContext))).join(', ')}]`;
}

interface ObjectWords {
  readonly functionName: string;
  readonly nullKey: (argument: number) => SqlError;
}

const ofJson: ObjectWords = {
  functionName: 'json_build_object',
  nullKey: (argument) =>
    new SqlError(SqlState.InvalidParameterValue, `argument ${argument} cannot be null`, {
      hint: 'Object keys should be text.',
    }),
};

const ofJsonb: ObjectWords = {
  functionName: 'jsonb_build_object',
  nullKey: (argument) => new SqlError(SqlState.InvalidParameterValue, `argument ${argument}: key must not be null`),
};

function buildObject(types: readonly TypeDefinition[], words: ObjectWords): Evaluate {
  const writers = types.map((type, at) => (at % 2 === 0 ? jsonKeyOf(type) : jsonWriterOf(type)));
  return ({ typeContext }: FunctionEnvironment, ...values: Value[]) => {
    if (values.length % 2 !== 0) {
      throw new SqlError(SqlState.InvalidParameterValue, 'argument list must have even number of elements', {
        hint: `The arguments of ${words.functionName}() must consist of alternating keys and values.`,
      });
    }
    const members: string[] = [];
    for (let at = 0; at < values.length; at += 2) {
      const key = values[at];
      const value = values[at + 1];
      if (key === null) throw words.nullKey(at + 1);
      const written = value === null ? 'null' : writers[at + 1](value, typeContext);
      members.push(`${quoteJson(writers[at](key, typeContext))} : ${written}`);
    }
    return `{${members.join(', ')}}`;
  };
}

/** The same, in jsonb's form. */
function canonical(evaluate: Evaluate): Evaluate {
  return (...values: unknown[]) => canonicalJson(evaluate(...values) as string);
}

function subscriptError(message: string): SqlError {
  return new SqlError(SqlState.ArraySubscriptError, message);
}

/** Of a flat array of keys and values in turn, or an array of pairs. */
function objectOfPairs({ elements, dimensions }: SqlArray): string {
  if (dimensions.length > 2) throw subscriptError('wrong number of array subscripts');
  if (dimensions.length === 1 && elements.length % 2 !== 0) {
    throw subscriptError('array must have even number of elements');
  }
  if (dimensions.length === 2 && dimensions[1] !== 2) throw subscriptError('array must have two columns');
  const members: string[] = [];
  for (let at = 0; at < elements.length; at += 2) members.push(memberOf(elements[at], elements[at + 1]));
  return `{${members.join(', ')}}`;
}

function objectOfLists(keys: SqlArray, values: SqlArray): string {
  if (keys.dimensions.length > 1 || keys.dimensions.length !== values.dimensions.length) {
    throw subscriptError('wrong number of array subscripts');
  }
  if (keys.elements.length !== values.elements.length) throw subscriptError('mismatched array dimensions');
  return `{${keys.elements.map((key, at) => memberOf(key, values.elements[at])).join(', ')}}`;
}

function memberOf(key: Value, value: Value): string {
  if (key === null) throw new SqlError(SqlState.NullValueNotAllowed, 'null value not allowed for object key');
  return `${quoteJson(key as string)} : ${value === null ? 'null' : quoteJson(value as string)}`;
}

const variadic = { isVariadic: true, handlesNull: true } as const;

/** to_json and the functions that build arrays and objects, of json and of jsonb. */
export const jsonBuildFunctions: readonly ScalarFunction[] = [
  builder('to_json', 3176, [anyelement], json, ([type]) => toJson(type)),
  builder('to_jsonb', 3787, [anyelement], jsonb, ([type]) => toJsonb(type)),
  builder('array_to_json', 3153, [anyarray], json, ([type]) => toJson(type)),
  builder('array_to_json', 3154, [anyarray, bool], json, ([type]) => toJsonInLines(type)),
  builder('row_to_json', 3155, [record], json, ([type]) => toJson(type)),
  builder('row_to_json', 3156, [record, bool], json, ([type]) => toJsonInLines(type)),
  builder('json_build_array', 3198, [any], json, buildArray, variadic),
  defineScalar('json_build_array', 3199, [], json, () => '[]', { volatility: 'stable' }),
  builder('jsonb_build_array', 3271, [any], jsonb, (types) => canonical(buildArray(types)), variadic),
  defineScalar('jsonb_build_array', 3272, [], jsonb, () => '[]', { volatility: 'stable' }),
  builder('json_build_object', 3200, [any], json, (types) => buildObject(types, ofJson), variadic),
  defineScalar('json_build_object', 3201, [], json, () => '{}', { volatility: 'stable' }),
  builder('jsonb_build_object', 3273, [any], jsonb, (types) => canonical(buildObject(types, ofJsonb)), variadic),
  defineScalar('jsonb_build_object', 3274, [], jsonb, () => '{}', { volatility: 'stable' }),
  defineScalar('json_object', 3202, [textArray], json, objectOfPairs),
  defineScalar('json_object', 3203, [textArray, textArray], json, objectOfLists),
  defineScalar('jsonb_object', 3263, [textArray], jsonb, (pairs: SqlArray) => canonicalJson(objectOfPairs(pairs))),
  defineScalar('jsonb_object', 3264, [textArray, textArray], jsonb, (keys: SqlArray, values: SqlArray) =>
    canonicalJson(objectOfLists(keys, values)),
  ),
];
