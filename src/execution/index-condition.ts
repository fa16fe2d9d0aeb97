import type { IndexCondition } from '../catalog/scan-request.ts';
import { invariant } from '../errors/invariant.ts';
import type { IndexAccess, IndexBound, IndexEquality } from '../sql/plan/scan-node.ts';
import { SqlArray } from '../types/sql-array.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { elementTypeOf } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { evaluateExpression } from './evaluate-constant.ts';
import type { ExecutionContext } from './execution-context.ts';

/** More combinations of values than these are not looked up one by one. */
const MAX_ALTERNATIVES = 10_000;

/** What an index is asked for in this execution; undefined: some value is NULL, so no row can pass. */
export function indexCondition(access: IndexAccess, context: ExecutionContext): IndexCondition | undefined {
  const lists: Value[][] = [];
  let alternativeCount = 1;
  for (const equality of access.equalTo) {
    const values = valuesOf(equality, context);
    if (values.length === 0) return undefined;
    alternativeCount *= values.length;
    if (lists.length > 0 && alternativeCount > MAX_ALTERNATIVES) break;
    lists.push(values);
  }
  const condition: IndexCondition = { indexOid: access.index.oid, equalTo: combinations(lists) };
  if (lists.length < access.equalTo.length) return condition;
  const from = boundOf(access.from, context);
  const to = boundOf(access.to, context);
  if (from === 'nothing' || to === 'nothing') return undefined;
  return { ...condition, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Without NULLs, and each value once. */
function valuesOf(equality: IndexEquality, context: ExecutionContext): Value[] {
  const values: Value[] = [];
  const seen = new Set<string | number | bigint | boolean>();
  const add = (value: Value, type: TypeDefinition): void => {
    if (value === null) return;
    const key = type.hashKey(value);
    if (seen.has(key)) return;
    seen.add(key);
    values.push(value);
  };
  if (equality.kind === 'array') {
    const array = evaluateExpression(equality.array, context);
    const elementType = elementTypeOf(equality.array.type.definition);
    invariant(elementType !== undefined, 'ANY is asked of an array');
    if (array instanceof SqlArray) for (const element of array.elements) add(element, elementType);
    return values;
  }
  for (const expression of equality.values) {
    add(evaluateExpression(expression, context), expression.type.definition);
  }
  return values;
}

function boundOf(bound: IndexBound | undefined, context: ExecutionContext): IndexCondition['from'] | 'nothing' {
  if (bound === undefined) return undefined;
  const value = evaluateExpression(bound.value, context);
  return value === null ? 'nothing' : { value, isInclusive: bound.isInclusive };
}

function combinations(lists: readonly (readonly Value[])[]): Value[][] {
  let rows: Value[][] = [[]];
  for (const list of lists) rows = rows.flatMap((row) => list.map((value) => [...row, value]));
  return rows;
}
