import { isMultirange } from '../types/multirange-type.ts';
import { isRange, type RangeDefinition } from '../types/range-type.ts';
import { unknown } from '../types/string-types.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { elementTypeOf } from '../types/type-registry.ts';
import {
  isAnyArray,
  isAnyCompatible,
  isAnyEnum,
  isAnyMultirange,
  isAnyNonArray,
  isAnyRange,
  isArray,
  isImplicitlyCoercible,
  isPolymorphic,
  isUnknown,
} from './coercion.ts';
import { commonType } from './common-type.ts';

/** What the polymorphic types of a signature stand for in one call. */
export interface PolymorphicTypes {
  /** anyelement and what anyarray is an array of; `unknown` when only literals tell. */
  readonly element: TypeDefinition;
  /** anyrange, and what anymultirange is a set of. */
  readonly range?: RangeDefinition;
}

/** undefined when the arguments contradict each other. */
export function polymorphicTypes(
  declared: readonly TypeDefinition[],
  actual: readonly TypeDefinition[],
): PolymorphicTypes | undefined {
  const elements: TypeDefinition[] = [];
  let range: RangeDefinition | undefined;
  for (let at = 0; at < declared.length; at++) {
    const target = declared[at]!;
    const type = actual[at]!;
    if (!isPolymorphic(target) || isUnknown(type)) continue;
    if (isAnyRange(target) || isAnyMultirange(target)) {
      const found = isAnyRange(target) ? rangeIn(type) : isMultirange(type) ? type.range : undefined;
      if (found === undefined || (range !== undefined && range.oid !== found.oid)) return undefined;
      range = found;
      elements.push(found.subtype);
      continue;
    }
    if (isAnyArray(target) && !isArray(type)) return undefined;
    if (isAnyNonArray(target) && isArray(type)) return undefined;
    if (isAnyEnum(target) && type.category !== 'E') return undefined;
    const found = isAnyArray(target) ? elementTypeOf(type) : type;
    if (found === undefined) return undefined;
    elements.push(found);
  }
  const element = commonElement(elements, declared);
  if (element === undefined || (range !== undefined && range.subtype.oid !== element.oid)) return undefined;
  return range === undefined ? { element } : { element, range };
}

function rangeIn(type: TypeDefinition): RangeDefinition | undefined {
  return isRange(type) ? type : undefined;
}

function commonElement(
  elements: readonly TypeDefinition[],
  declared: readonly TypeDefinition[],
): TypeDefinition | undefined {
  const [first] = elements;
  if (first === undefined) return declared.some(isAnyEnum) ? undefined : unknown;
  if (elements.every((element) => element.oid === first.oid)) return first;
  const common = declared.some(isAnyCompatible) ? commonType(elements) : undefined;
  return common !== undefined && elements.every((element) => isImplicitlyCoercible(element, common))
    ? common
    : undefined;
}
