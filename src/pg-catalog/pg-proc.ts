import { ObjectClass } from '../catalog/catalog-object.ts';
import type { FunctionDefinition } from '../functions/function-definition.ts';
import { allFunctions } from '../functions/function-registry.ts';
import { allOperators } from '../functions/operator-registry.ts';
import { SqlArray } from '../types/sql-array.ts';
import { allCatalogTypes, allTypes } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { vectorOf } from '../types/vector-types.ts';
import { aclOf } from './acl-text.ts';
import type { CatalogSource } from './catalog-source.ts';
import { ACCESS_FUNCTION_FACTS } from './facts/access-function-facts.ts';
import { AGGREGATE_FACTS } from './facts/aggregate-facts.ts';
import { CAST_FACTS } from './facts/cast-facts.ts';
import { type Fact, isTrue, numberIn, numbersIn, readFacts } from './facts/read-facts.ts';
import { functionFacts } from './function-facts.ts';
import { pgAmRows } from './pg-am.ts';
import { operatorFacts } from './pg-operator.ts';
import { SUPERUSER_OID } from './system-relation.ts';
import { PG_CATALOG } from './system-schemas.ts';
import { typeFact } from './type-facts.ts';

const INTERNAL_LANGUAGE = 12;
const KINDS = { scalar: 'f', table: 'f', aggregate: 'a', window: 'w' } as const;
const VOLATILITIES = { immutable: 'i', stable: 's', volatile: 'v' } as const;
const LANGUAGE_VALIDATORS = [2246, 2247, 2248];
/** What reads and writes enums, arrays over them, and rows. */
const USER_TYPE_FUNCTIONS = [3506, 3507, 3532, 3533, 750, 751, 2400, 2401, 2290, 2291, 2402, 2403, 3816, 6179, 6180];
const AGGREGATE_FUNCTIONS = /fn$/;

let shown: ReadonlySet<number> | undefined;

/**
 * The OIDs in pg_proc: what can be called, and what other catalogs name: the functions that read and write types, compare
 * and hash, estimate operators, make aggregates and casts.
 */
export function shownFunctions(): ReadonlySet<number> {
  if (shown !== undefined) return shown;
  const oids = new Set<number>([...LANGUAGE_VALIDATORS, ...USER_TYPE_FUNCTIONS]);
  const facts = functionFacts();
  for (const { oid } of allFunctions()) {
    oids.add(oid);
    oids.add(numberIn(facts.get(oid)?.prosupport ?? null));
  }
  for (const type of [...allTypes(), ...allCatalogTypes()]) {
    for (const oid of typeFact(type.oid)?.functions ?? []) oids.add(oid);
  }
  for (const { oid } of allOperators()) {
    const fact = operatorFacts().get(oid);
    for (const cell of [fact?.oprcode, fact?.oprrest, fact?.oprjoin]) oids.add(numberIn(cell ?? null));
  }
  for (const [, , handler] of pgAmRows()) oids.add(Number(handler));
  for (const fact of readFacts(ACCESS_FUNCTION_FACTS)) oids.add(numberIn(fact.amproc ?? null));
  for (const fact of readFacts(CAST_FACTS)) oids.add(numberIn(fact.castfunc ?? null));
  for (const fact of readFacts(AGGREGATE_FACTS)) {
    for (const [name, cell] of Object.entries(fact)) if (AGGREGATE_FUNCTIONS.test(name)) oids.add(numberIn(cell));
  }
  oids.delete(0);
  shown = oids;
  return oids;
}

let unchanging: readonly Value[][] | undefined;

/** Functions: ours under PostgreSQL's numbers, and those that its catalogs name. */
export function* pgProcRows(source: CatalogSource): Iterable<Value[]> {
  unchanging ??= rowsWithoutAcl();
  const granted = new Set<number>();
  for (const { classOid, objectOid } of source.catalog().acls()) {
    if (classOid === ObjectClass.Function) granted.add(objectOid);
  }
  for (const row of unchanging) {
    const oid = Number(row[0]);
    yield granted.has(oid) ? [...row.slice(0, -1), aclOf(source, ObjectClass.Function, oid)] : row;
  }
}

function rowsWithoutAcl(): Value[][] {
  const facts = functionFacts();
  const definitions = new Map(allFunctions().map((definition) => [definition.oid, definition]));
  return [...shownFunctions()]
    .sort((left, right) => left - right)
    .flatMap((oid) => {
      const fact = facts.get(oid);
      const definition = definitions.get(oid);
      if (fact !== undefined) return [factRow(oid, fact)];
      return definition === undefined ? [] : [definitionRow(definition)];
    });
}

function factRow(oid: number, fact: Fact): Value[] {
  const number = (name: string): number => numberIn(fact[name] ?? null);
  const flag = (name: string): boolean => isTrue(fact[name] ?? null);
  return [
    oid,
    fact.proname ?? '',
    PG_CATALOG.oid,
    SUPERUSER_OID,
    number('prolang'),
    number('procost'),
    number('prorows'),
    number('provariadic'),
    number('prosupport'),
    fact.prokind ?? 'f',
    false,
    flag('proleakproof'),
    flag('proisstrict'),
    flag('proretset'),
    fact.provolatile ?? 'i',
    fact.proparallel ?? 's',
    number('pronargs'),
    number('pronargdefaults'),
    number('prorettype'),
    vectorOf(numbersIn(fact.proargtypes ?? null)),
    fact.proallargtypes === null ? null : new SqlArray(numbersIn(fact.proallargtypes ?? null)),
    textsIn(fact.proargmodes ?? null),
    textsIn(fact.proargnames ?? null),
    fact.defaults ?? null,
    null,
    fact.prosrc === '=' ? (fact.proname ?? '') : (fact.prosrc ?? ''),
    null,
    null,
    null,
    null,
  ];
}

function textsIn(cell: string | null): Value {
  if (cell === null) return null;
  return new SqlArray(
    cell
      .slice(1, -1)
      .split(',')
      .map((text) => text.replace(/^"(.*)"$/, '$1')),
  );
}

function definitionRow(definition: FunctionDefinition): Value[] {
  const { oid, name, kind, argumentTypes, resultType, argumentNames, defaults = [], isVariadic } = definition;
  const columns = kind === 'table' ? (definition.columns ?? []) : [];
  const inputs = argumentTypes.map((type) => type.oid);
  const outputs = columns.map(({ type }) => type.oid);
  const names = [...argumentTypes.map((_, at) => argumentNames?.[at] ?? ''), ...columns.map((column) => column.name)];
  const handlesNull = kind === 'aggregate' || kind === 'window' || definition.handlesNull === true;
  return [
    oid,
    name,
    PG_CATALOG.oid,
    SUPERUSER_OID,
    INTERNAL_LANGUAGE,
    1,
    kind === 'table' ? 1000 : 0,
    isVariadic === true ? (argumentTypes.at(-1)?.oid ?? 0) : 0,
    0,
    KINDS[kind],
    false,
    false,
    !handlesNull,
    kind === 'table',
    kind === 'scalar' ? VOLATILITIES[definition.volatility] : 'i',
    's',
    argumentTypes.length,
    defaults.length,
    resultType.oid,
    vectorOf(inputs),
    columns.length === 0 ? null : new SqlArray([...inputs, ...outputs]),
    columns.length === 0 ? null : new SqlArray([...inputs.map(() => 'i'), ...outputs.map(() => 't')]),
    names.every((argument) => argument === '') ? null : new SqlArray(names),
    defaults.length === 0 ? null : defaults.map((value) => String(value ?? 'NULL')).join(', '),
    null,
    name,
    null,
    null,
    null,
    null,
  ];
}
