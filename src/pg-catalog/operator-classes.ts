import { isMultirange } from '../types/multirange-type.ts';
import { isRange } from '../types/range-type.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { typeByOid } from '../types/type-registry.ts';
import { OPERATOR_CLASS_FACTS } from './facts/operator-class-facts.ts';
import { type Fact, isTrue, numberIn, readFacts } from './facts/read-facts.ts';

const TEXT = 25;
const VARCHAR = 1043;
const CIDR = 650;
const INET = 869;
const ANYARRAY = 2277;
const ANYENUM = 3500;
const ANYRANGE = 3831;
const ANYMULTIRANGE = 4537;
const RECORD = 2249;

let known: readonly Fact[] | undefined;

/** Operator classes of btree and hash over types that there are here. */
export function operatorClasses(): readonly Fact[] {
  known ??= readFacts(OPERATOR_CLASS_FACTS).filter(({ opcintype }) => typeByOid(numberIn(opcintype)) !== undefined);
  return known;
}

/** The OID of the class by which an index of this method orders or hashes a type; 0 where there is none. */
export function operatorClassOid(methodOid: number, type: TypeDefinition, name: string | undefined): number {
  const input = inputOid(type);
  const found = operatorClasses().find(
    (fact) =>
      numberIn(fact.opcmethod) === methodOid &&
      (name === undefined
        ? isTrue(fact.opcdefault) && numberIn(fact.opcintype) === input
        : fact.opcname === name.replace(/^.*\./, '')),
  );
  return numberIn(found?.oid ?? null);
}

function inputOid(type: TypeDefinition): number {
  const { oid, category } = type;
  if (oid === VARCHAR) return TEXT;
  if (oid === CIDR) return INET;
  if (category === 'E') return ANYENUM;
  if (category === 'C') return RECORD;
  if (isRange(type)) return ANYRANGE;
  if (isMultirange(type)) return ANYMULTIRANGE;
  return category === 'A' ? ANYARRAY : oid;
}
