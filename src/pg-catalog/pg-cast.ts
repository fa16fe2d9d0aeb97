import { allCasts } from '../functions/cast-registry.ts';
import { lengthCasts } from '../functions/casts/length-casts.ts';
import type { Value } from '../types/value.ts';
import { CAST_FACTS } from './facts/cast-facts.ts';
import { numberIn, readFacts } from './facts/read-facts.ts';

const CONTEXTS = { implicit: 'i', assignment: 'a', explicit: 'e' } as const;
/** Casts that PostgreSQL has not, and ours to types of ours, are numbered from here. */
const FIRST_OWN_OID = 15_100;

/** Casts between types: PostgreSQL's function where it has one, whatever does the work here. */
export function* pgCastRows(): Iterable<Value[]> {
  const facts = new Map(readFacts(CAST_FACTS).map((fact) => [`${fact.castsource} ${fact.casttarget}`, fact]));
  let nextOwn = FIRST_OWN_OID;
  for (const { source, target, context, method } of [...allCasts(), ...lengthCasts]) {
    const fact = facts.get(`${source.oid} ${target.oid}`);
    yield [
      fact === undefined ? nextOwn++ : numberIn(fact.oid ?? null),
      source.oid,
      target.oid,
      fact === undefined ? (method === 'relabel' ? 0 : method.oid) : numberIn(fact.castfunc ?? null),
      fact?.castcontext ?? CONTEXTS[context],
      fact?.castmethod ?? (method === 'relabel' ? 'b' : 'f'),
    ];
  }
}
