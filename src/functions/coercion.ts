import type { TypeDefinition } from '../types/type-definition.ts';
import { findCast } from './cast-registry.ts';

/** unknown: an untyped literal, which becomes whatever is wanted. */
const UNKNOWN_OID = 705;
const ANY_OID = 2276;
const ANYARRAY_OID = 2277;
const ANYELEMENT_OID = 2283;
const ANYNONARRAY_OID = 2776;
const ANYENUM_OID = 3500;
const ANYRANGE_OID = 3831;
const ANYMULTIRANGE_OID = 4537;
const ANYCOMPATIBLE_OID = 5077;
const ANYCOMPATIBLEARRAY_OID = 5078;
const ANYCOMPATIBLERANGE_OID = 5080;
const ANYCOMPATIBLEMULTIRANGE_OID = 4538;
const INT2VECTOR_OID = 22;
const RECORD_OID = 2249;
const OIDVECTOR_OID = 30;

export function isUnknown(type: TypeDefinition): boolean {
  return type.oid === UNKNOWN_OID;
}

export function isAny(type: TypeDefinition): boolean {
  return type.oid === ANY_OID;
}

/** anyelement, anynonarray, anyenum, anyarray …: a place for types that must fit each other across the signature. */
export function isPolymorphic(type: TypeDefinition): boolean {
  return (
    type.oid === ANYELEMENT_OID ||
    type.oid === ANYNONARRAY_OID ||
    type.oid === ANYARRAY_OID ||
    type.oid === ANYRANGE_OID ||
    type.oid === ANYMULTIRANGE_OID ||
    isAnyEnum(type) ||
    isAnyCompatible(type)
  );
}

export function isAnyArray(type: TypeDefinition): boolean {
  return type.oid === ANYARRAY_OID || type.oid === ANYCOMPATIBLEARRAY_OID;
}

export function isAnyRange(type: TypeDefinition): boolean {
  return type.oid === ANYRANGE_OID || type.oid === ANYCOMPATIBLERANGE_OID;
}

export function isAnyMultirange(type: TypeDefinition): boolean {
  return type.oid === ANYMULTIRANGE_OID || type.oid === ANYCOMPATIBLEMULTIRANGE_OID;
}

/** The family whose types are cast to a common one, where those of the others must be the same. */
export function isAnyCompatible(type: TypeDefinition): boolean {
  return (
    type.oid === ANYCOMPATIBLE_OID ||
    type.oid === ANYCOMPATIBLEARRAY_OID ||
    type.oid === ANYCOMPATIBLERANGE_OID ||
    type.oid === ANYCOMPATIBLEMULTIRANGE_OID
  );
}

export function isAnyEnum(type: TypeDefinition): boolean {
  return type.oid === ANYENUM_OID;
}

export function isAnyNonArray(type: TypeDefinition): boolean {
  return type.oid === ANYNONARRAY_OID;
}

export function isArray(type: TypeDefinition): boolean {
  return type.elementOid !== 0 && (type.category === 'A' || type.oid === INT2VECTOR_OID || type.oid === OIDVECTOR_OID);
}

/** Whether a value of `source` may stand where `target`, a type proper, is wanted without anyone asking for a cast. */
export function isImplicitlyCoercible(source: TypeDefinition, target: TypeDefinition): boolean {
  if (source.oid === target.oid || isUnknown(source)) return true;
  // A row of a named type is a record.
  if (target.oid === RECORD_OID) return source.category === 'C';
  return findCast(source, target)?.context === 'implicit';
}

/** pg_type's "preferred" counts within the category only. */
export function isPreferredIn(category: string, type: TypeDefinition): boolean {
  return type.isPreferred && type.category === category;
}
