import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { applyTypmod } from '../../types/coerce-length.ts';
import {
  JsonItems,
  type JsonKind,
  type JsonPlace,
  jsonKindAt,
  jsonMember,
  jsonRoot,
  jsonStringAt,
} from '../../types/json-text.ts';
import { canonicalJson } from '../../types/jsonb.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { type RecordField, SqlRecord } from '../../types/sql-record.ts';
import type { SqlType, TypeContext } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';

function invalid(message: string): SqlError {
  return new SqlError(SqlState.InvalidParameterValue, message);
}

function describe(kind: JsonKind): string {
  if (kind === 'array') return 'an array';
  return kind === 'object' ? 'an object' : 'a scalar';
}

/**
 * A row out of a JSON object: each column from the member of its name, or from `base` where there is none. Throws 22023
 * for what is no object, and what the types' inputs throw.
 */
export function recordFromJson(
  document: string,
  place: JsonPlace,
  fields: readonly RecordField[],
  base: SqlRecord | null,
  context: TypeContext,
): SqlRecord {
  const kind = jsonKindAt(document, place.start);
  if (kind !== 'object') throw invalid(`cannot call populate_composite on ${describe(kind)}`);
  const values = fields.map(({ name, type }, at) => {
    const member = jsonMember(document, place.start, name);
    if (member === undefined) return base?.values[at] ?? null;
    return new JsonReader(document, context, name).value(member, type);
  });
  return new SqlRecord(fields, values);
}

/** The rows of an array of objects. */
export function* recordsFromJson(
  document: string,
  functionName: string,
  fields: readonly RecordField[],
  base: SqlRecord | null,
  context: TypeContext,
): Generator<SqlRecord> {
  const { start } = jsonRoot(document);
  const kind = jsonKindAt(document, start);
  if (kind !== 'array') {
    const isBinary = functionName.startsWith('jsonb');
    throw invalid(`cannot call ${functionName} on ${isBinary ? 'a non-array' : describe(kind)}`);
  }
  const items = new JsonItems(document, start);
  while (items.next()) {
    if (jsonKindAt(document, items.start) !== 'object') {
      throw invalid(`argument of ${functionName} must be an array of objects`);
    }
    yield recordFromJson(document, items, fields, base, context);
  }
}

/** Reads parts of a document as values of SQL types. */
class JsonReader {
  readonly #document: string;
  readonly #context: TypeContext;
  readonly #key: string;

  constructor(document: string, context: TypeContext, key: string) {
    this.#document = document;
    this.#context = context;
    this.#key = key;
  }

  value(place: JsonPlace, type: SqlType): Value {
    const document = this.#document;
    const kind = jsonKindAt(document, place.start);
    if (kind === 'null') return null;
    const { definition } = type;
    const written = document.slice(place.start, place.end);
    if (definition.name === 'json') return written;
    if (definition.name === 'jsonb') return canonicalJson(written);
    const element = elementTypeOf(definition);
    if (element !== undefined && kind !== 'string') {
      return this.#array(place, { definition: element, typmod: type.typmod });
    }
    if (definition.fields !== undefined && kind !== 'string') {
      return recordFromJson(document, place, definition.fields, null, this.#context);
    }
    const text = kind === 'string' ? jsonStringAt(document, place.start, place.end) : written;
    return applyTypmod(definition.parse(text, this.#context, type.typmod), type, false);
  }

  #array(place: JsonPlace, element: SqlType): SqlArray {
    const elements: Value[] = [];
    const dimensions: number[] = [];
    const read = (part: JsonPlace, depth: number): void => {
      if (jsonKindAt(this.#document, part.start) !== 'array') throw this.#expectedArray();
      const items = new JsonItems(this.#document, part.start);
      let count = 0;
      let isNested: boolean | undefined;
      while (items.next()) {
        const isArray = jsonKindAt(this.#document, items.start) === 'array' && !isWhole(element);
        isNested ??= isArray;
        if (isArray !== isNested) throw isNested ? this.#expectedArray() : this.#uneven();
        if (isArray) read({ start: items.start, end: items.end }, depth + 1);
        else {
          if (dimensions.length > depth + 1) throw this.#expectedArray();
          elements.push(this.value(items, element));
        }
        count += 1;
      }
      if (dimensions[depth] === undefined) dimensions[depth] = count;
      else if (dimensions[depth] !== count) throw this.#uneven();
    };
    read(place, 0);
    return elements.length === 0 ? new SqlArray([]) : new SqlArray(elements, dimensions);
  }

  #expectedArray(): SqlError {
    return new SqlError(SqlState.InvalidTextRepresentation, 'expected JSON array', {
      hint: `See the value of key "${this.#key}".`,
    });
  }

  #uneven(): SqlError {
    return new SqlError(SqlState.InvalidTextRepresentation, 'malformed JSON array', {
      detail: 'Multidimensional arrays must have sub-arrays with matching dimensions.',
    });
  }
}

/** Elements of these types are arrays of JSON themselves. */
function isWhole({ definition }: SqlType): boolean {
  return definition.name === 'json' || definition.name === 'jsonb';
}
