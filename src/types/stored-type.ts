import { float8 } from './float8.ts';
import type { TypeDefinition } from './type-definition.ts';
import { arrayTypeOf, elementTypeOf } from './type-registry.ts';

/**
 * The built-in type as which values of a type lie in memory, in the log and in segments: enums are the sort orders of
 * their labels there, in arrays too, so that nothing on disk depends on what is done to an enum type later.
 */
export function storedType(type: TypeDefinition): TypeDefinition {
  if (type.category === 'E') return float8;
  if (elementTypeOf(type)?.category === 'E') return arrayTypeOf(float8) ?? type;
  return type;
}
