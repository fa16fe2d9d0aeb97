import type { TypeDefinition } from '../types/type-definition.ts';
import type { ScalarFunction } from './function-definition.ts';

/** One row of pg_operator: a name over operand types, carried out by a function. Prefix operators have no left type. */
export interface OperatorDefinition {
  readonly name: string;
  readonly oid: number;
  readonly leftType: TypeDefinition | undefined;
  readonly rightType: TypeDefinition;
  readonly function: ScalarFunction;
}
