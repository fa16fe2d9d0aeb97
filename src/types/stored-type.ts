import { float8 } from './float8.ts';
import type { TypeDefinition } from './type-definition.ts';

/**
 * The built-in type as which values of a type lie in memory, in the log and in segments: enums are the sort orders of
 * their labels there, so that nothing on disk depends on what is done to an enum type later.
 */
export function storedType(type: TypeDefinition): TypeDefinition {
  return type.category === 'E' ? float8 : type;
}
