import type { SubqueryExpression } from '../../sql/expression/expression.ts';
import { neutralContext } from '../../types/neutral-context.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';

/** The types of what a subquery depends on: `left`, then the bindings. */
export function inputTypes({ left, bindings }: SubqueryExpression): readonly TypeDefinition[] {
  return [...left, ...bindings.map(({ value }) => value)].map(({ type }) => type.definition);
}

/**
 * A key for a combination of values: the same only for values that nothing can tell apart. Equality is not enough, since
 * 1.0 and 1.00, 0 and -0 are equal and look different.
 */
export function inputKey(inputs: readonly Value[], types: readonly TypeDefinition[]): unknown {
  if (inputs.length === 1) return keyOf(inputs[0], types[0]);
  let key = '';
  for (let at = 0; at < inputs.length; at++) {
    const part = keyOf(inputs[at], types[at]);
    const text = part === null ? 'n' : `${typeof part === 'number' ? 'd' : 's'}${part}`;
    key += `${text.length}:${text}`;
  }
  return key;
}

function keyOf(value: Value, type: TypeDefinition): number | string | boolean | null {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : value;
    case 'string':
      return value;
    case 'boolean':
      return type.representation === 'boolean' ? value : String(value);
    case 'bigint':
      return `${value}`;
    default:
      return value === null ? null : type.format(value, neutralContext);
  }
}
