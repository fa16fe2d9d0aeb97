import { allFunctions } from '../functions/function-registry.ts';
import { numbersIn } from './facts/read-facts.ts';
import { functionFacts } from './function-facts.ts';
import { shownFunctions } from './pg-proc.ts';

/** A function as its name and arguments tell it from others. */
export interface FunctionName {
  readonly oid: number;
  readonly name: string;
  readonly argumentTypeOids: readonly number[];
}

/** Functions from here up are ours: they stand behind operators and keywords, and have no name for others. */
const FIRST_OWN_OID = 9000;
const LAST_OWN_OID = 9999;

let known:
  | { readonly byOid: ReadonlyMap<number, FunctionName>; readonly byName: ReadonlyMap<string, FunctionName[]> }
  | undefined;

function names(): NonNullable<typeof known> {
  if (known !== undefined) return known;
  const byOid = new Map<number, FunctionName>();
  const facts = functionFacts();
  for (const oid of shownFunctions()) {
    const fact = facts.get(oid);
    if (fact === undefined) continue;
    byOid.set(oid, { oid, name: fact.proname ?? '', argumentTypeOids: numbersIn(fact.proargtypes ?? null) });
  }
  for (const { oid, name, argumentTypes } of allFunctions()) {
    if (byOid.has(oid) || (oid >= FIRST_OWN_OID && oid <= LAST_OWN_OID)) continue;
    byOid.set(oid, { oid, name, argumentTypeOids: argumentTypes.map((type) => type.oid) });
  }
  const byName = new Map<string, FunctionName[]>();
  for (const found of byOid.values()) {
    const namesakes = byName.get(found.name);
    if (namesakes === undefined) byName.set(found.name, [found]);
    else namesakes.push(found);
  }
  known = { byOid, byName };
  return known;
}

/** Functions of pg_proc, callable or not, by name. */
export function catalogFunctionsNamed(name: string): readonly FunctionName[] {
  return names().byName.get(name) ?? [];
}

export function catalogFunctionByOid(oid: number): FunctionName | undefined {
  return names().byOid.get(oid);
}
