import { unreachable } from '../../errors/invariant.ts';
import type { Representation } from '../../types/type-definition.ts';

/** Pieces of generated JavaScript. */

/** What a variable of this representation starts with: a value of the right kind keeps it unboxed. */
export function startValue(representation: Representation): string {
  switch (representation) {
    case 'float64':
    case 'int64':
      return '0';
    case 'boolean':
      return 'false';
    case 'text':
      return "''";
    case 'value':
      return 'null';
    default:
      return unreachable(representation);
  }
}

/** The condition that an operand is present; undefined when it always is. */
export function notNull(isNull: string | undefined): string | undefined {
  return isNull === undefined ? undefined : `!(${isNull})`;
}

export function and(...conditions: readonly (string | undefined)[]): string {
  const present = conditions.filter((condition) => condition !== undefined && condition !== '');
  return present.length === 0 ? 'true' : present.join(' && ');
}

export function or(...conditions: readonly (string | undefined)[]): string | undefined {
  const present = conditions.filter((condition) => condition !== undefined);
  return present.length === 0 ? undefined : present.map((condition) => `(${condition})`).join(' || ');
}
