import { isMultirange } from '../types/multirange-type.ts';
import { isRange } from '../types/range-type.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { bitOperators } from './bit-string/bit-functions.ts';
import type { ScalarFunction } from './function-definition.ts';
import { jsonAccessOperators } from './json/json-access.ts';
import { jsonbChangeOperators } from './json/jsonb-change.ts';
import { jsonbComparisonOperators } from './json/jsonb-comparison.ts';
import { jsonbContainmentOperators } from './json/jsonb-containment.ts';
import { inetOperators } from './network/inet-operators.ts';
import { macaddrOperators } from './network/macaddr-functions.ts';
import type { OperatorDefinition } from './operator-definition.ts';
import { arrayContainmentOperators } from './operators/array-containment.ts';
import { arrayOperators } from './operators/array-operators.ts';
import { comparisonOperatorsOfTypes } from './operators/comparison.ts';
import { dateTimeOperators } from './operators/date-time-arithmetic.ts';
import { dateTimeComparisonOperators } from './operators/date-time-comparison.ts';
import { enumOperators } from './operators/enum-comparison.ts';
import { floatOperators } from './operators/float-arithmetic.ts';
import { integerOperators } from './operators/integer-arithmetic.ts';
import { numericOperators } from './operators/numeric-arithmetic.ts';
import { recordOperators } from './operators/record-operators.ts';
import { textOperators } from './operators/text-operators.ts';
import { rangeOperators } from './range/range-operators.ts';
import { byteOperators } from './scalar/bytes.ts';
import { mathOperators } from './scalar/math.ts';
import { timetzOperators } from './scalar/timetz.ts';

const operators: readonly OperatorDefinition[] = [
  ...integerOperators,
  ...floatOperators,
  ...numericOperators,
  ...mathOperators,
  ...comparisonOperatorsOfTypes,
  ...dateTimeComparisonOperators,
  ...dateTimeOperators,
  ...timetzOperators,
  ...textOperators,
  ...byteOperators,
  ...arrayOperators,
  ...arrayContainmentOperators,
  ...enumOperators,
  ...jsonAccessOperators,
  ...jsonbChangeOperators,
  ...jsonbComparisonOperators,
  ...jsonbContainmentOperators,
  ...recordOperators,
  ...rangeOperators,
  ...inetOperators,
  ...macaddrOperators,
  ...bitOperators,
];

const byName = new Map<string, OperatorDefinition[]>();
for (const operator of operators) {
  const namesakes = byName.get(operator.name);
  if (namesakes === undefined) byName.set(operator.name, [operator]);
  else namesakes.push(operator);
}

/** What pg_operator lists. */
export function allOperators(): readonly OperatorDefinition[] {
  return operators;
}

export function operatorsNamed(name: string): readonly OperatorDefinition[] {
  return byName.get(name) ?? [];
}

/** `=` between two values of the type itself: what IN, DISTINCT and NULLIF compare with. */
export function equalityOf(type: TypeDefinition): ScalarFunction | undefined {
  return comparisonOf('=', type);
}

export function lessThanOf(type: TypeDefinition): ScalarFunction | undefined {
  return comparisonOf('<', type);
}

const ANYARRAY_OID = 2277;
const ANYENUM_OID = 3500;
const ANYRANGE_OID = 3831;
const ANYMULTIRANGE_OID = 4537;
const RECORD_OID = 2249;

/** Types without operators of their own are compared as what they are relabellings of: varchar and pg_node_tree as text, cidr as inet, reg* as oid. */
const comparedAs = new Map([
  [1043, 25],
  [194, 25],
  [650, 869],
  ...[24, 2202, 2203, 2204, 2205, 2206, 4089, 4096, 4191].map((oid): [number, number] => [oid, 26]),
]);

/** The polymorphic type whose comparisons are those of a type. */
function genericOf(type: TypeDefinition): number | undefined {
  if (isRange(type)) return ANYRANGE_OID;
  if (isMultirange(type)) return ANYMULTIRANGE_OID;
  if (type.category === 'A') return ANYARRAY_OID;
  return type.category === 'E' ? ANYENUM_OID : undefined;
}

function comparisonOf(symbol: '=' | '<', type: TypeDefinition): ScalarFunction | undefined {
  const oid = type.category === 'C' ? RECORD_OID : (comparedAs.get(type.oid) ?? type.oid);
  const own = operatorsNamed(symbol).find(({ leftType, rightType }) => leftType?.oid === oid && rightType.oid === oid);
  if (own !== undefined) return own.function;
  const genericOid = genericOf(type);
  if (genericOid === undefined) return undefined;
  const generic = operatorsNamed(symbol).find(({ rightType }) => rightType.oid === genericOid)?.function;
  return generic?.specialize?.([type, type]) ?? generic;
}
