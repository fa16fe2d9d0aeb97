import { allOperators } from '../functions/operator-registry.ts';
import type { Value } from '../types/value.ts';
import { OPERATOR_FACTS } from './facts/operator-facts.ts';
import { type Fact, isTrue, numberIn, readFacts } from './facts/read-facts.ts';
import { SUPERUSER_OID } from './system-relation.ts';
import { PG_CATALOG } from './system-schemas.ts';

let facts: ReadonlyMap<number, Fact> | undefined;

/** What PostgreSQL says of its operators, by OID. */
export function operatorFacts(): ReadonlyMap<number, Fact> {
  facts ??= new Map(readFacts(OPERATOR_FACTS).map((fact) => [numberIn(fact.oid ?? null), fact]));
  return facts;
}

/** The OIDs of the operators that there are here. */
export function shownOperators(): ReadonlySet<number> {
  return new Set(allOperators().map(({ oid }) => oid));
}

/** Operators, with what commutes and negates them as far as that is here too. */
export function* pgOperatorRows(): Iterable<Value[]> {
  const shown = shownOperators();
  const seen = new Set<number>();
  const ifShown = (cell: string | null | undefined): number => {
    const oid = numberIn(cell ?? null);
    return shown.has(oid) ? oid : 0;
  };
  for (const { oid, name, leftType, rightType, function: method } of allOperators()) {
    if (seen.has(oid)) continue;
    seen.add(oid);
    const fact = operatorFacts().get(oid);
    yield [
      oid,
      name,
      PG_CATALOG.oid,
      SUPERUSER_OID,
      leftType === undefined ? 'l' : 'b',
      isTrue(fact?.oprcanmerge ?? null),
      isTrue(fact?.oprcanhash ?? null),
      leftType?.oid ?? 0,
      rightType.oid,
      method.resultType.oid,
      ifShown(fact?.oprcom),
      ifShown(fact?.oprnegate),
      numberIn(fact?.oprcode ?? null) || method.oid,
      numberIn(fact?.oprrest ?? null),
      numberIn(fact?.oprjoin ?? null),
    ];
  }
}
