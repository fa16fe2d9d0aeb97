import { invariant } from '../errors/invariant.ts';
import type { Value } from '../types/value.ts';
import { systemRelation } from './system-relation.ts';

/** Makes rows of a relation out of values by the names of columns; what is not named is NULL. */
export function rowMaker(schemaName: string, name: string): (values: Readonly<Record<string, Value>>) => Value[] {
  const relation = systemRelation(schemaName, name);
  invariant(relation !== undefined, `${name} is a relation of ${schemaName}`);
  const names = relation.columns.map((column) => column.name);
  return (values) => names.map((column) => values[column] ?? null);
}
