import { allFunctions } from '../functions/function-registry.ts';
import type { Value } from '../types/value.ts';
import { AGGREGATE_FACTS } from './facts/aggregate-facts.ts';
import { isTrue, numberIn, readFacts } from './facts/read-facts.ts';

/** Of an aggregate of ours nothing can be said that PostgreSQL would mean by it: its states are not SQL values. */
const NUMBERS = [
  'aggtransfn',
  'aggfinalfn',
  'aggcombinefn',
  'aggserialfn',
  'aggdeserialfn',
  'aggmtransfn',
  'aggminvtransfn',
  'aggmfinalfn',
];

/** Aggregates that there are here, with what PostgreSQL makes them of. */
export function* pgAggregateRows(): Iterable<Value[]> {
  const facts = new Map(readFacts(AGGREGATE_FACTS).map((fact) => [numberIn(fact.aggfnoid ?? null), fact]));
  for (const definition of allFunctions()) {
    if (definition.kind !== 'aggregate') continue;
    const fact = facts.get(definition.oid);
    const number = (name: string): number => numberIn(fact?.[name] ?? null);
    const { orderedSet } = definition;
    const directCount = orderedSet?.directCount ?? 0;
    const kind = orderedSet === undefined ? 'n' : directCount === 'hypothetical' ? 'h' : 'o';
    yield [
      definition.oid,
      fact?.aggkind ?? kind,
      fact === undefined ? (directCount === 'hypothetical' ? 1 : directCount) : number('aggnumdirectargs'),
      ...NUMBERS.map(number),
      isTrue(fact?.aggfinalextra ?? null),
      isTrue(fact?.aggmfinalextra ?? null),
      fact?.aggfinalmodify ?? 'r',
      fact?.aggmfinalmodify ?? 'r',
      number('aggsortop'),
      fact === undefined ? definition.resultType.oid : number('aggtranstype'),
      number('aggtransspace'),
      number('aggmtranstype'),
      number('aggmtransspace'),
      fact?.agginitval ?? null,
      fact?.aggminitval ?? null,
    ];
  }
}
