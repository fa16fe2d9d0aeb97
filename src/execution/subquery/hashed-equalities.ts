import type { Expression, SubqueryExpression } from '../../sql/expression/expression.ts';
import { operatorOf } from '../../sql/expression/operator-of.ts';
import { columnsUsed, remapColumns } from '../../sql/expression/walk-expression.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';

/** `left = right`: the number of an input, and an expression over the subquery's columns, both of one type. */
export interface HashedEquality {
  readonly left: number;
  readonly right: Expression;
  readonly type: TypeDefinition;
}

/** The equalities that an ANY consists of; undefined where it asks for anything else. */
export function hashedEqualities({ form, comparison, left }: SubqueryExpression): HashedEquality[] | undefined {
  if (form !== 'any' || comparison === undefined) return undefined;
  const conjuncts = comparison.kind === 'and' ? comparison.arguments : [comparison];
  const equalities: HashedEquality[] = [];
  for (const conjunct of conjuncts) {
    if (conjunct.kind !== 'call' || operatorOf(conjunct.function)?.name !== '=') return undefined;
    const [first, second] = conjunct.arguments;
    const isOfInputs = first.kind === 'column' && first.index < left.length;
    if (!isOfInputs || columnsUsed(second).some((index) => index < left.length)) return undefined;
    const type = first.type.definition;
    if (!haveSameKeys(type, second.type.definition)) return undefined;
    equalities.push({ left: first.index, right: remapColumns(second, (index) => index - left.length), type });
  }
  return equalities;
}

const INTEGERS: readonly string[] = ['int2', 'int4', 'int8'];

/** Whether values that are equal have equal keys, and others have not. */
function haveSameKeys(left: TypeDefinition, right: TypeDefinition): boolean {
  if (left === right) return left.isComparable;
  return INTEGERS.includes(left.name) && INTEGERS.includes(right.name);
}
