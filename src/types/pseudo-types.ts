import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import type { TypeDefinition } from './type-definition.ts';

/** Types of signatures, not of values: nothing can be read as one. */
function pseudoType(oid: number, name: string, sqlName: string, length: number): TypeDefinition {
  const refuse = (): never => {
    throw new SqlError(SqlState.FeatureNotSupported, `cannot accept a value of type ${name}`);
  };
  return {
    oid,
    name,
    sqlName,
    length,
    category: 'P',
    isPreferred: false,
    arrayOid: 0,
    elementOid: 0,
    representation: 'value',
    isComparable: false,
    parse: refuse,
    format: () => {
      throw new SqlError(SqlState.FeatureNotSupported, `cannot display a value of type ${name}`);
    },
    readBinary: refuse,
    writeBinary: refuse,
    compare: refuse,
    hashKey: refuse,
  };
}

/** An argument of any type. */
export const any = pseudoType(2276, 'any', '"any"', 4);
/** Arguments and result of one common type. */
export const anyelement = pseudoType(2283, 'anyelement', 'anyelement', 4);
export const anynonarray = pseudoType(2776, 'anynonarray', 'anynonarray', 4);
/** An enum, whichever. */
export const anyenum = pseudoType(3500, 'anyenum', 'anyenum', 4);
/** An array over that common type. */
export const anyarray = pseudoType(2277, 'anyarray', 'anyarray', -1);
/** Arguments whose common type is found as that of a UNION is. */
export const anycompatible = pseudoType(5077, 'anycompatible', 'anycompatible', 4);
/** An array over such a common type. */
export const anycompatiblearray = pseudoType(5078, 'anycompatiblearray', 'anycompatiblearray', -1);
/** A range over that common type, whichever. */
export const anyrange = pseudoType(3831, 'anyrange', 'anyrange', -1);
/** A set of such ranges. */
export const anymultirange = pseudoType(4537, 'anymultirange', 'anymultirange', -1);
/** A range over a common type as of `anycompatible`. */
export const anycompatiblerange = pseudoType(5080, 'anycompatiblerange', 'anycompatiblerange', -1);
/** A set of such ranges. */
export const anycompatiblemultirange = pseudoType(4538, 'anycompatiblemultirange', 'anycompatiblemultirange', -1);

/** The result of functions called for their effect: shown as an empty text. */
export const voidType: TypeDefinition = {
  ...pseudoType(2278, 'void', 'void', 4),
  representation: 'text',
  parse: () => '',
  format: () => '',
  readBinary: () => '',
  writeBinary: () => {},
};
