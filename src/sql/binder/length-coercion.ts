import { SqlError } from '../../errors/sql-error.ts';
import { lengthFunctions } from '../../functions/casts/length-casts.ts';
import type { ScalarFunction } from '../../functions/function-definition.ts';
import { applyTypmod } from '../../types/coerce-length.ts';
import type { SqlType, TypeDefinition } from '../../types/type-definition.ts';
import { elementTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { Expression } from '../expression/expression.ts';
import { boolType, int4Type } from './well-known-types.ts';

const functions = new Map<TypeDefinition, ScalarFunction>();

/**
 * Brings a value of the right type to the type's modifier: `varchar(5)`, `numeric(10,2)`. Explicit casts cut text to
 * its length; assignments throw 22001 when that would lose characters. `keepsForm`: constants are not fitted here and now.
 */
export function coerceLength(
  expression: Expression,
  target: SqlType,
  { isExplicit, keepsForm = false }: { readonly isExplicit: boolean; readonly keepsForm?: boolean },
): Expression {
  if (target.typmod < 0 || target.typmod === expression.type.typmod) return expression;
  if (expression.kind === 'constant' && !keepsForm) {
    if (expression.value === null) return { ...expression, type: target };
    try {
      return { kind: 'constant', value: applyTypmod(expression.value, target, isExplicit), type: target };
    } catch (error) {
      // Left to execution, where the row may turn out not to matter.
      if (!(error instanceof SqlError)) throw error;
    }
  }
  return {
    kind: 'call',
    function: lengthFunction(target.definition),
    arguments: [
      expression,
      { kind: 'constant', value: target.typmod, type: int4Type },
      { kind: 'constant', value: isExplicit, type: boolType },
    ],
    type: target,
    position: 0,
    coercion: isExplicit ? 'explicit' : 'implicit',
  };
}

function lengthFunction(definition: TypeDefinition): ScalarFunction {
  let found = functions.get(definition);
  if (found === undefined) {
    const element = elementTypeOf(definition) ?? definition;
    found = {
      kind: 'scalar',
      name: element.name,
      oid: lengthFunctions.find(({ resultType }) => resultType === element)?.oid ?? 0,
      argumentTypes: [definition, int4Type.definition, boolType.definition],
      resultType: definition,
      volatility: 'immutable',
      mayThrow: true,
      evaluate: (value: Value, typmod: number, isExplicit: boolean) =>
        applyTypmod(value, { definition, typmod }, isExplicit),
    };
    functions.set(definition, found);
  }
  return found;
}
