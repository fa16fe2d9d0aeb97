import { text } from '../types/string-types.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { isImplicitlyCoercible, isUnknown } from './coercion.ts';

/**
 * The type of a UNION, CASE, VALUES, ARRAY or greatest() over these (the manual's 10.5): text if all are unknown,
 * undefined if the categories differ. Whether each of them can be cast is for the caller to see.
 */
export function commonType(types: readonly TypeDefinition[]): TypeDefinition | undefined {
  let common: TypeDefinition | undefined;
  for (const type of types) {
    if (isUnknown(type) || type.oid === common?.oid) continue;
    if (common === undefined) common = type;
    else if (type.category !== common.category) return undefined;
    else if (!common.isPreferred && isImplicitlyCoercible(common, type) && !isImplicitlyCoercible(type, common)) {
      common = type;
    }
  }
  return common ?? text;
}
