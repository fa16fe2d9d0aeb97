import { type Column, valueAt } from '../../columnar/column.ts';
import { ColumnBuilder } from '../../columnar/column-builder.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { json } from '../../types/json.ts';
import { quoteJson } from '../../types/json-text.ts';
import { canonicalJson, jsonb } from '../../types/jsonb.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import { any, anyelement } from '../../types/pseudo-types.ts';
import type { TypeContext, TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { Accumulator, AggregateFunction } from '../function-definition.ts';
import { isJsonStructure, jsonKeyOf, jsonWriterOf } from './json-writer.ts';

/** What one row adds, and how what the rows of a group have added becomes a document. */
interface Collection {
  /** What stands between the items before and these. */
  separator(items: string): string;
  item(row: readonly Value[]): string;
  document(items: string): string;
}

/** Items joined in the order of arrival; NULL for a group without rows. */
class JsonAccumulator implements Accumulator {
  readonly #collection: Collection;
  readonly #items: (string | undefined)[] = [];
  #length = 0;

  constructor(collection: Collection) {
    this.#collection = collection;
  }

  get sizeBytes(): number {
    return this.#items.length * 32 + this.#length * 2;
  }

  reserve(groupCount: number): void {
    while (this.#items.length < groupCount) this.#items.push(undefined);
  }

  update(inputs: readonly Column[], groups: Uint32Array, rowCount: number, filter?: Uint8Array): void {
    for (let row = 0; row < rowCount; row++) {
      if (filter !== undefined && filter[row] === 0) continue;
      this.#append(groups[row], this.#collection.item(inputs.map((input) => valueAt(input, row))));
    }
  }

  partialStates(groupCount: number): readonly Column[] {
    const builder = new ColumnBuilder('text', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) builder.push(this.#items[group] ?? null);
    return [builder.finish()];
  }

  merge([states]: readonly Column[], groups: Uint32Array, stateCount: number): void {
    for (let state = 0; state < stateCount; state++) {
      const items = valueAt(states, state) as string | null;
      if (items !== null) this.#append(groups[state], items);
    }
  }

  results(groupCount: number): Column {
    const builder = new ColumnBuilder('text', { capacity: groupCount });
    for (let group = 0; group < groupCount; group++) {
      const items = this.#items[group];
      builder.push(items === undefined ? null : this.#collection.document(items));
    }
    return builder.finish();
  }

  #append(group: number, items: string): void {
    const before = this.#items[group];
    this.#items[group] = before === undefined ? items : before + this.#collection.separator(items) + items;
    this.#length += items.length;
  }
}

type Brackets = (items: string) => string;
const array: Brackets = (items) => `[${items}]`;
const object: Brackets = (items) => `{ ${items} }`;

function arrayCollection(type: TypeDefinition, context: TypeContext, document: Brackets): Collection {
  const write = jsonWriterOf(type);
  return {
    // Arrays and rows begin a line, but for NULLs.
    separator: (items) => (isJsonStructure(type) && !items.startsWith('null') ? ', \n ' : ', '),
    item: ([value]) => (value === null ? 'null' : write(value, context)),
    document,
  };
}

function objectCollection(
  [keyType, valueType]: readonly TypeDefinition[],
  context: TypeContext,
  document: Brackets,
): Collection {
  const writeKey = jsonKeyOf(keyType);
  const write = jsonWriterOf(valueType);
  return {
    separator: () => ', ',
    item: ([key, value]) => {
      if (key === null) throw new SqlError(SqlState.InvalidParameterValue, 'field name must not be null');
      return `${quoteJson(writeKey(key, context))} : ${value === null ? 'null' : write(value, context)}`;
    },
    document,
  };
}

const contextOf = (environment: FunctionEnvironment | undefined): TypeContext =>
  environment?.typeContext ?? neutralContext;

const canonical =
  (brackets: Brackets): Brackets =>
  (items) =>
    canonicalJson(brackets(items));

function arrayAggregate(name: string, oid: number, resultType: TypeDefinition, document: Brackets): AggregateFunction {
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [anyelement],
    resultType,
    isCollecting: true,
    createAccumulator: ([type], environment) =>
      new JsonAccumulator(arrayCollection(type, contextOf(environment), document)),
  };
}

function objectAggregate(name: string, oid: number, resultType: TypeDefinition, document: Brackets): AggregateFunction {
  return {
    kind: 'aggregate',
    name,
    oid,
    argumentTypes: [any, any],
    resultType,
    isCollecting: true,
    createAccumulator: (types, environment) =>
      new JsonAccumulator(objectCollection(types, contextOf(environment), document)),
  };
}

export const jsonAggregates: readonly AggregateFunction[] = [
  arrayAggregate('json_agg', 3175, json, array),
  arrayAggregate('jsonb_agg', 3267, jsonb, canonical(array)),
  objectAggregate('json_object_agg', 3197, json, object),
  objectAggregate('jsonb_object_agg', 3270, jsonb, canonical(object)),
];
