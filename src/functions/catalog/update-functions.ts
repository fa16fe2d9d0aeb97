import { bool } from '../../types/bool.ts';
import { int2 } from '../../types/int2.ts';
import { int4 } from '../../types/int4.ts';
import { regclass } from '../../types/reg-types.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { stable, systemOf } from './define-catalog.ts';

/** Bits of pg_relation_is_updatable. */
const UPDATE = 1 << 2;
const INSERT = 1 << 3;
const DELETE = 1 << 4;

/** Which commands a relation takes. Views take none. */
function updatability(environment: FunctionEnvironment, relation: number): number {
  return systemOf(environment).row('pg_class', relation)?.relkind === 'r' ? UPDATE | INSERT | DELETE : 0;
}

function isColumnUpdatable(environment: FunctionEnvironment, relation: number, column: number): boolean {
  return column > 0 && updatability(environment, relation) !== 0;
}

/** Whether rows can be written. */
export const updateFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_relation_is_updatable', 3842, [regclass, bool], int4, updatability, stable),
  defineScalar('pg_column_is_updatable', 3843, [regclass, int2, bool], bool, isColumnUpdatable, stable),
];
