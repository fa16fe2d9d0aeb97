import type { Column } from '../../../src/columnar/column.ts';
import { valueAt } from '../../../src/columnar/column.ts';
import { columnOf } from '../../../src/columnar/column-builder.ts';
import type { Accumulator, AggregateFunction } from '../../../src/functions/function-definition.ts';
import { resolveFunction } from '../../../src/functions/resolve-overload.ts';
import type { TypeDefinition } from '../../../src/types/type-definition.ts';
import { typeByName } from '../../../src/types/type-registry.ts';
import type { Value } from '../../../src/types/value.ts';
import { typeContext } from '../evaluate-sql-call.ts';

export interface ResolvedAggregate {
  readonly definition: AggregateFunction;
  readonly argumentTypes: readonly TypeDefinition[];
  readonly resultType: TypeDefinition;
}

export function aggregateNamed(name: string, ...typeNames: readonly string[]): ResolvedAggregate {
  const resolved = resolveFunction(
    name,
    typeNames.map((typeName) => typeByName(typeName)!),
  );
  if (typeof resolved === 'string' || resolved.function.kind !== 'aggregate') throw new Error(`${name}: not resolved`);
  return { definition: resolved.function, argumentTypes: resolved.argumentTypes, resultType: resolved.resultType };
}

export function accumulatorOf({ definition, argumentTypes }: ResolvedAggregate): Accumulator {
  return definition.createAccumulator(argumentTypes);
}

/** The values of one type from their texts; null is NULL. */
export function parsed(type: TypeDefinition, texts: readonly (string | null)[]): Column {
  const values = texts.map((text) => (text === null ? null : type.parse(text, typeContext, -1)));
  return columnOf(type.representation, values);
}

/** The aggregate of one group over values given as texts, as text. */
export function aggregateText(name: string, typeName: string, texts: readonly (string | null)[]): string {
  const aggregate = aggregateNamed(name, typeName);
  const accumulator = accumulatorOf(aggregate);
  accumulator.reserve(1);
  accumulator.update([parsed(aggregate.argumentTypes[0]!, texts)], new Uint32Array(texts.length), texts.length);
  return textAt(aggregate.resultType, accumulator.results(1), 0);
}

export function textAt(type: TypeDefinition, column: Column, row: number): string {
  const value: Value = valueAt(column, row);
  return value === null ? 'NULL' : type.format(value, typeContext);
}
