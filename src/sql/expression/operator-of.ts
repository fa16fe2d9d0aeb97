import type { ScalarFunction } from '../../functions/function-definition.ts';
import type { OperatorDefinition } from '../../functions/operator-definition.ts';
import { allOperators } from '../../functions/operator-registry.ts';

let operators: Map<string, OperatorDefinition> | undefined;

/** The operator that a function carries out, if it is one's. */
export function operatorOf(called: ScalarFunction): OperatorDefinition | undefined {
  if (operators === undefined) {
    operators = new Map();
    for (const operator of allOperators()) {
      // A function may stand behind two operators (`<>` and its synonym): the first listed names it.
      const identity = identityOf(operator.function);
      if (!operators.has(identity)) operators.set(identity, operator);
    }
  }
  return operators.get(identityOf(called));
}

/** A function made for the types of one call is still the same function. */
function identityOf({ name, oid }: ScalarFunction): string {
  return `${name} ${oid}`;
}
