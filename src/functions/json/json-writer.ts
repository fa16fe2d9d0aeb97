import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { formatDate, formatTimestamp, formatTimestamptz } from '../../types/datetime-output.ts';
import { quoteJson } from '../../types/json-text.ts';
import { isRecordType } from '../../types/record-type.ts';
import type { SqlArray } from '../../types/sql-array.ts';
import type { SqlRecord } from '../../types/sql-record.ts';
import type { TypeContext, TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Int64, Value } from '../../types/value.ts';

/** The JSON of a value, which is not NULL. */
export type JsonWriter = (value: Value, context: TypeContext) => string;

const NUMBERS = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']);
const ISO = { format: 'ISO', order: 'MDY' } as const;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** How to_json writes values of a type. `lineFeeds`: the elements or columns of the outermost array or row get a line each. */
export function jsonWriterOf(type: TypeDefinition, { lineFeeds = false } = {}): JsonWriter {
  const element = elementTypeOf(type);
  if (element !== undefined) return arrayWriter(element, lineFeeds);
  if (isRecordType(type)) return recordWriter(lineFeeds);
  if (type.name === 'json' || type.name === 'jsonb') return (value) => value as string;
  if (type.name === 'bool') return (value) => (value === true ? 'true' : 'false');
  const text = plainTextOf(type);
  if (!NUMBERS.has(type.name)) return (value, context) => quoteJson(text(value, context));
  return (value, context) => {
    const number = text(value, context);
    // NaN and infinities are no numbers of JSON.
    return JSON_NUMBER.test(number) ? number : quoteJson(number);
  };
}

/** How a value is written as the key of an object, without quotes. Throws 22023 for what is no scalar. */
export function jsonKeyOf(type: TypeDefinition): JsonWriter {
  if (elementTypeOf(type) !== undefined || isRecordType(type) || type.name === 'json' || type.name === 'jsonb') {
    return () => {
      throw new SqlError(SqlState.InvalidParameterValue, 'key value must be scalar, not array, composite, or json');
    };
  }
  if (type.name === 'bool') return (value) => (value === true ? 'true' : 'false');
  return plainTextOf(type);
}

/** Whether json_agg starts a new line before a value. */
export function isJsonStructure(type: TypeDefinition): boolean {
  return elementTypeOf(type) !== undefined || isRecordType(type);
}

/** Dates and instants in ISO 8601, whatever the session's style; everything else as it is printed. */
function plainTextOf(type: TypeDefinition): JsonWriter {
  switch (type.name) {
    case 'date':
      return (value) => formatDate(value as number, ISO);
    case 'timestamp':
      return (value) => formatTimestamp(value as Int64, ISO).replace(' ', 'T');
    case 'timestamptz':
      return (value, { timeZone }) =>
        formatTimestamptz(value as Int64, timeZone, ISO)
          .replace(' ', 'T')
          .replace(/([+-]\d\d)( BC)?$/, '$1:00$2');
    default:
      return (value, context) => type.format(value, context);
  }
}

function arrayWriter(element: TypeDefinition, lineFeeds: boolean): JsonWriter {
  const write = jsonWriterOf(element);
  return (value, context) => {
    const { elements, dimensions } = value as SqlArray;
    if (elements.length === 0) return '[]';
    let next = 0;
    const dimensionText = (dimension: number): string => {
      const parts: string[] = [];
      for (let index = 0; index < dimensions[dimension]; index++) {
        if (dimension < dimensions.length - 1) {
          parts.push(dimensionText(dimension + 1));
          continue;
        }
        const item = elements[next++];
        parts.push(item === null ? 'null' : write(item, context));
      }
      return `[${parts.join(lineFeeds && dimension === 0 ? ',\n ' : ',')}]`;
    };
    return dimensionText(0);
  };
}

const fieldWriters = new WeakMap<TypeDefinition, JsonWriter>();

function recordWriter(lineFeeds: boolean): JsonWriter {
  return (value, context) => {
    const { fields, values } = value as SqlRecord;
    const parts = fields.map(({ name, type: { definition } }, at) => {
      let write = fieldWriters.get(definition);
      if (write === undefined) {
        write = jsonWriterOf(definition);
        fieldWriters.set(definition, write);
      }
      const item = values[at];
      return `${quoteJson(name)}:${item === null ? 'null' : write(item, context)}`;
    });
    return `{${parts.join(lineFeeds ? ',\n ' : ',')}}`;
  };
}
