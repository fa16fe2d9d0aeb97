import { FUNCTION_FACTS } from './facts/function-facts.ts';
import { type Fact, numberIn, readFacts } from './facts/read-facts.ts';

let known: ReadonlyMap<number, Fact> | undefined;

/** What PostgreSQL's pg_proc says of its functions, by OID: of those too that are not here. */
export function functionFacts(): ReadonlyMap<number, Fact> {
  known ??= new Map(readFacts(FUNCTION_FACTS).map((fact) => [numberIn(fact.oid ?? null), fact]));
  return known;
}
