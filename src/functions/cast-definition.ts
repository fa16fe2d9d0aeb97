import type { TypeDefinition } from '../types/type-definition.ts';
import type { ScalarFunction } from './function-definition.ts';

/**
 * One row of pg_cast. Implicit casts happen anywhere, assignment casts when a value is stored in a column, explicit ones
 * only where CAST or :: is written. `relabel`: the two types have one representation and the value stays as it is.
 * Casts that are not listed go by way of text where PostgreSQL allows it: to a string type (assignment) or from a
 * string type (explicit).
 */
export interface CastDefinition {
  readonly source: TypeDefinition;
  readonly target: TypeDefinition;
  readonly context: 'implicit' | 'assignment' | 'explicit';
  readonly method: ScalarFunction | 'relabel';
}
