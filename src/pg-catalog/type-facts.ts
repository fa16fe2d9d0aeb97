import { numberIn, readFacts } from './facts/read-facts.ts';
import { TYPE_FACTS } from './facts/type-facts.ts';
import { INFORMATION_SCHEMA, PG_CATALOG } from './system-schemas.ts';

/** What PostgreSQL says of one of its types, beside what a type definition knows. */
export interface TypeFact {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly length: number;
  readonly byValue: boolean;
  /** b, p, d, r, m: base, pseudo, domain, range, multirange. */
  readonly kind: string;
  readonly category: string;
  readonly isPreferred: boolean;
  readonly delimiter: string;
  readonly elementOid: number;
  readonly arrayOid: number;
  /** subscript, input, output, receive, send, typmod in, typmod out, analyze. */
  readonly functions: readonly number[];
  readonly alignment: string;
  readonly storage: string;
  readonly baseTypeOid: number;
  readonly baseTypmod: number;
  readonly collationOid: number;
}

const FUNCTION_COLUMNS = [
  'typsubscript',
  'typinput',
  'typoutput',
  'typreceive',
  'typsend',
  'typmodin',
  'typmodout',
  'typanalyze',
];

let known:
  | { readonly byOid: ReadonlyMap<number, TypeFact>; readonly byName: ReadonlyMap<string, TypeFact> }
  | undefined;

function facts(): NonNullable<typeof known> {
  if (known !== undefined) return known;
  const all = readFacts(TYPE_FACTS).map(
    (fact): TypeFact => ({
      oid: numberIn(fact.oid),
      name: fact.typname ?? '',
      schemaOid: fact.schema === 'pg_catalog' ? PG_CATALOG.oid : INFORMATION_SCHEMA.oid,
      length: numberIn(fact.typlen),
      byValue: fact.typbyval === 't',
      kind: fact.typtype ?? 'b',
      category: fact.typcategory ?? 'U',
      isPreferred: fact.typispreferred === 't',
      delimiter: fact.typdelim ?? ',',
      elementOid: numberIn(fact.typelem),
      arrayOid: numberIn(fact.typarray),
      functions: FUNCTION_COLUMNS.map((column) => numberIn(fact[column] ?? null)),
      alignment: fact.typalign ?? 'i',
      storage: fact.typstorage ?? 'x',
      baseTypeOid: numberIn(fact.typbasetype),
      baseTypmod: numberIn(fact.typtypmod),
      collationOid: numberIn(fact.typcollation),
    }),
  );
  known = {
    byOid: new Map(all.map((fact) => [fact.oid, fact])),
    byName: new Map(all.map((fact) => [fact.name, fact])),
  };
  return known;
}

export function typeFact(oid: number): TypeFact | undefined {
  return facts().byOid.get(oid);
}

export function typeFactNamed(name: string): TypeFact | undefined {
  return facts().byName.get(name);
}
