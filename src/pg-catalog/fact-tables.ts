import { compareUtf8 } from '../types/compare-utf8.ts';
import { typeByOid } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { ACCESS_FUNCTION_FACTS } from './facts/access-function-facts.ts';
import { ACCESS_OPERATOR_FACTS } from './facts/access-operator-facts.ts';
import { OPERATOR_FAMILY_FACTS } from './facts/operator-family-facts.ts';
import { isTrue, numberIn, readFacts } from './facts/read-facts.ts';
import { operatorClasses } from './operator-classes.ts';
import { shownOperators } from './pg-operator.ts';
import { shownFunctions } from './pg-proc.ts';

/** pg_opclass. */
export function* pgOpclassRows(): Iterable<Value[]> {
  // As they stand in PostgreSQL's table: what lists the types of a family has no other order.
  const ordered = [...operatorClasses()].sort((left, right) => compareUtf8(left.opcname ?? '', right.opcname ?? ''));
  for (const fact of ordered) {
    yield [
      numberIn(fact.oid),
      numberIn(fact.opcmethod),
      fact.opcname ?? '',
      numberIn(fact.opcnamespace),
      numberIn(fact.opcowner),
      numberIn(fact.opcfamily),
      numberIn(fact.opcintype),
      isTrue(fact.opcdefault ?? null),
      numberIn(fact.opckeytype),
    ];
  }
}

/** The families that these classes are in. */
export function* pgOpfamilyRows(): Iterable<Value[]> {
  const families = familiesInUse();
  for (const fact of readFacts(OPERATOR_FAMILY_FACTS)) {
    if (!families.has(numberIn(fact.oid))) continue;
    yield [
      numberIn(fact.oid),
      numberIn(fact.opfmethod),
      fact.opfname ?? '',
      numberIn(fact.opfnamespace),
      numberIn(fact.opfowner),
    ];
  }
}

/** Which operators an index of a family answers: those that there are. */
export function* pgAmopRows(): Iterable<Value[]> {
  const families = familiesInUse();
  const operators = shownOperators();
  for (const fact of readFacts(ACCESS_OPERATOR_FACTS)) {
    const operator = numberIn(fact.amopopr);
    if (!families.has(numberIn(fact.amopfamily)) || !operators.has(operator)) continue;
    yield [
      numberIn(fact.oid),
      numberIn(fact.amopfamily),
      numberIn(fact.amoplefttype),
      numberIn(fact.amoprighttype),
      numberIn(fact.amopstrategy),
      fact.amoppurpose ?? 's',
      operator,
      numberIn(fact.amopmethod),
      numberIn(fact.amopsortfamily),
    ];
  }
}

export function* pgAmprocRows(): Iterable<Value[]> {
  const families = familiesInUse();
  for (const fact of readFacts(ACCESS_FUNCTION_FACTS)) {
    const left = numberIn(fact.amproclefttype);
    const right = numberIn(fact.amprocrighttype);
    if (!families.has(numberIn(fact.amprocfamily))) continue;
    if (typeByOid(left) === undefined || typeByOid(right) === undefined) continue;
    const method = numberIn(fact.amproc);
    if (!shownFunctions().has(method)) continue;
    yield [numberIn(fact.oid), numberIn(fact.amprocfamily), left, right, numberIn(fact.amprocnum), method];
  }
}

function familiesInUse(): ReadonlySet<number> {
  return new Set(operatorClasses().map((fact) => numberIn(fact.opcfamily)));
}
