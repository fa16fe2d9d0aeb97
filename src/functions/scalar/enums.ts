import { invariant } from '../../errors/invariant.ts';
import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { int4 } from '../../types/int4.ts';
import { anyarray, anyenum } from '../../types/pseudo-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar, total } from '../define.ts';
import type { ScalarFunction } from '../function-definition.ts';

/** What a function does once it is known over which enum. Its values are sort orders. */
type OverEnum = (type: TypeDefinition) => (...values: (number | null)[]) => Value;

/** The values count for their type alone in some: NULL::mood is as good as any. */
function enumFunction(
  name: string,
  oid: number,
  argumentCount: number,
  resultType: TypeDefinition,
  evaluate: OverEnum,
): ScalarFunction {
  const unspecialized = () => invariant(false, 'overload resolution specializes functions of enums');
  const argumentTypes = new Array<TypeDefinition>(argumentCount).fill(anyenum);
  const generic: ScalarFunction = defineScalar(name, oid, argumentTypes, resultType, unspecialized as () => never, {
    handlesNull: true,
    volatility: 'stable',
    specialize: (actual) => {
      const type = actual.find((candidate) => candidate.category === 'E');
      invariant(type !== undefined, 'one of the arguments is an enum');
      return { ...generic, argumentTypes: argumentTypes.map(() => type), evaluate: evaluate(type) };
    },
  });
  return generic;
}

function labelAt(type: TypeDefinition, at: 0 | -1): number {
  const order = type.enumOrders?.at(at);
  if (order !== undefined) return order;
  throw new SqlError(SqlState.ObjectNotInPrerequisiteState, `enum ${type.sqlName} contains no values`);
}

/** NULL: as far as the enum goes on that side. */
const labelsBetween = ({ enumOrders = [] }: TypeDefinition, from: number | null, to: number | null): SqlArray =>
  new SqlArray(enumOrders.filter((order) => (from === null || order >= from) && (to === null || order <= to)));

export const enumFunctions: readonly ScalarFunction[] = [
  enumFunction('enum_first', 3528, 1, anyenum, (type) => () => labelAt(type, 0)),
  enumFunction('enum_last', 3529, 1, anyenum, (type) => () => labelAt(type, -1)),
  enumFunction('enum_range', 3530, 2, anyarray, (type) => (from, to) => labelsBetween(type, from, to)),
  enumFunction('enum_range', 3531, 1, anyarray, (type) => () => labelsBetween(type, null, null)),
  defineScalar(
    'enum_cmp',
    3514,
    [anyenum, anyenum],
    int4,
    (left: number, right: number) => Math.sign(left - right),
    total,
  ),
  defineScalar('enum_smaller', 3524, [anyenum, anyenum], anyenum, Math.min, total),
  defineScalar('enum_larger', 3525, [anyenum, anyenum], anyenum, Math.max, total),
];
