import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { float4 } from '../../types/float4.ts';
import { float8 } from '../../types/float8.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { json } from '../../types/json.ts';
import { jsonKindAt } from '../../types/json-text.ts';
import { canonicalJson, jsonb } from '../../types/jsonb.ts';
import { Numeric } from '../../types/numeric.ts';
import { numeric } from '../../types/numeric-type.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { CastDefinition } from '../cast-definition.ts';
import { defineCast } from '../define.ts';
import { numberCasts } from './number-casts.ts';

/** PostgreSQL casts json to jsonb by way of text, without a function: the OID is ours. */
const JSON_TO_JSONB = 9040;

function cannotCast(document: string, target: TypeDefinition): SqlError {
  const kind = jsonKindAt(document, 0);
  const what = kind === 'number' ? 'numeric' : kind;
  return new SqlError(SqlState.InvalidParameterValue, `cannot cast jsonb ${what} to type ${target.sqlName}`);
}

function toBoolean(document: string): boolean {
  if (jsonKindAt(document, 0) === 'boolean') return document === 'true';
  throw cannotCast(document, bool);
}

/** A number, which is a numeric, as one of the number types. */
function toNumber(target: TypeDefinition): (document: string) => Value {
  const method = numberCasts.find((cast) => cast.source === numeric && cast.target === target)?.method;
  return (document) => {
    if (jsonKindAt(document, 0) !== 'number') throw cannotCast(document, target);
    const value = Numeric.parse(document);
    return method === undefined || method === 'relabel' ? value : method.evaluate(value);
  };
}

export const jsonbCasts: readonly CastDefinition[] = [
  { source: jsonb, target: json, context: 'assignment', method: 'relabel' },
  defineCast(json, jsonb, 'assignment', JSON_TO_JSONB, canonicalJson),
  defineCast(jsonb, bool, 'explicit', 3556, toBoolean),
  defineCast(jsonb, numeric, 'explicit', 3449, toNumber(numeric)),
  defineCast(jsonb, int2, 'explicit', 3450, toNumber(int2)),
  defineCast(jsonb, int4, 'explicit', 3451, toNumber(int4)),
  defineCast(jsonb, int8, 'explicit', 3452, toNumber(int8)),
  defineCast(jsonb, float4, 'explicit', 3453, toNumber(float4)),
  defineCast(jsonb, float8, 'explicit', 2580, toNumber(float8)),
];
