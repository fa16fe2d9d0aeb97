import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { oid } from '../../types/oid.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { aclitem, char, text } from '../../types/string-types.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { catalogTable, stable, systemOf } from './define-catalog.ts';

const aclArray = arrayTypeOf(aclitem) ?? aclitem;

function aclDefault(environment: FunctionEnvironment, letter: string, ownerOid: number): SqlArray {
  const items = systemOf(environment).defaultAcl(letter, ownerOid);
  if (items !== undefined) return new SqlArray([...items]);
  throw new SqlError(SqlState.InternalError, `unrecognized object type abbreviation: ${letter}`);
}

function itemsOf(list: Value | undefined): string[] {
  return list instanceof SqlArray ? list.elements.flatMap((item) => (typeof item === 'string' ? [item] : [])) : [];
}

function makeItem(
  environment: FunctionEnvironment,
  grantee: number,
  grantor: number,
  privileges: string,
  isGrantable: boolean,
): string {
  return systemOf(environment).makeAclItem(grantee, grantor, privileges, isGrantable);
}

/** Whether a list has all that an item gives. */
function contains(environment: FunctionEnvironment, list: SqlArray, item: string): boolean {
  const key = (right: { grantor: number; grantee: number; privilege: string; isGrantable: boolean }): string =>
    `${right.grantor} ${right.grantee} ${right.privilege} ${right.isGrantable}`;
  const held = new Set(systemOf(environment).explodeAcl(itemsOf(list)).map(key));
  return systemOf(environment)
    .explodeAcl([item])
    .every((right) => held.has(key(right)));
}

/** Access lists, taken apart and put together. */
export const aclFunctions: readonly (ScalarFunction | TableFunction)[] = [
  defineScalar('acldefault', 3943, [char, oid], aclArray, aclDefault, stable),
  defineScalar('makeaclitem', 1365, [oid, oid, text, bool], aclitem, makeItem, stable),
  defineScalar('aclcontains', 1037, [aclArray, aclitem], bool, contains, stable),
  catalogTable(
    'aclexplode',
    1689,
    [aclArray],
    { grantor: oid, grantee: oid, privilege_type: text, is_grantable: bool },
    function* (environment, list) {
      for (const right of systemOf(environment).explodeAcl(itemsOf(list))) {
        yield [right.grantor, right.grantee, right.privilege, right.isGrantable];
      }
    },
  ),
];
