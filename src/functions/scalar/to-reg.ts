import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import {
  regclass,
  regcollation,
  regnamespace,
  regoper,
  regoperator,
  regproc,
  regprocedure,
  regrole,
} from '../../types/reg-types.ts';
import { text } from '../../types/string-types.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { regtype } from '../../types/type-registry.ts';
import { defineScalar, stableWithEnvironment } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** What a name that means nothing, or several things, throws: NULL here. */
const NOT_FOUND: ReadonlySet<string> = new Set([
  SqlState.UndefinedTable,
  SqlState.UndefinedFunction,
  SqlState.UndefinedObject,
  SqlState.InvalidSchemaName,
  SqlState.AmbiguousFunction,
]);

function toReg(oid: number, type: TypeDefinition): ScalarFunction {
  const find = ({ typeContext }: FunctionEnvironment, name: string): number | null => {
    try {
      return type.parse(name, typeContext, -1) as number;
    } catch (error) {
      if (error instanceof SqlError && NOT_FOUND.has(error.code)) return null;
      throw error;
    }
  };
  return defineScalar(`to_${type.name}`, oid, [text], type, find, stableWithEnvironment);
}

/** to_regclass and its like: the object of a name, or NULL. */
export const toRegFunctions: readonly ScalarFunction[] = [
  toReg(3495, regclass),
  toReg(4195, regcollation),
  toReg(4086, regnamespace),
  toReg(3492, regoper),
  toReg(3476, regoperator),
  toReg(3494, regproc),
  toReg(3479, regprocedure),
  toReg(4093, regrole),
  toReg(3493, regtype),
];
