import { booleanAggregates } from './aggregate/boolean-aggregates.ts';
import { collectingAggregates } from './aggregate/collecting-aggregates.ts';
import { countAggregates } from './aggregate/count.ts';
import { exactVarianceAggregates } from './aggregate/exact-variance.ts';
import { floatSumAggregates } from './aggregate/float-sum.ts';
import { floatVarianceAggregates } from './aggregate/float-variance.ts';
import { integerSumAggregates } from './aggregate/integer-sum.ts';
import { minMaxAggregates } from './aggregate/min-max.ts';
import { objectSumAggregates } from './aggregate/object-sum.ts';
import { allCasts } from './cast-registry.ts';
import type { FunctionDefinition, ScalarFunction } from './function-definition.ts';
import { allOperators } from './operator-registry.ts';
import { floatFunctions } from './operators/float-arithmetic.ts';
import { integerFunctions } from './operators/integer-arithmetic.ts';
import { numericFunctions } from './operators/numeric-arithmetic.ts';
import { ageFunctions } from './scalar/age.ts';
import { arrayFunctions } from './scalar/arrays.ts';
import { concatenationFunctions } from './scalar/concatenate.ts';
import { currentTimeFunctions } from './scalar/current-time.ts';
import { dateTruncFunctions } from './scalar/date-trunc.ts';
import { definitionFunctions } from './scalar/definitions.ts';
import { enumFunctions } from './scalar/enums.ts';
import { extractFunctions } from './scalar/extract.ts';
import { mathFunctions } from './scalar/math.ts';
import { numericMathFunctions } from './scalar/numeric-math.ts';
import { sequenceFunctions } from './scalar/sequences.ts';
import { systemFunctions } from './scalar/system.ts';
import { textFunctions } from './scalar/text.ts';
import { timeBucketFunctions } from './scalar/time-bucket.ts';
import { generateSeriesFunctions } from './table/generate-series.ts';

/** pg_cast's functions of OIDs below this are PostgreSQL's own, called by name too: int4('5'), text(true). */
const FIRST_OWN_OID = 9000;

const declared: readonly FunctionDefinition[] = [
  ...integerFunctions,
  ...floatFunctions,
  ...numericFunctions,
  ...mathFunctions,
  ...numericMathFunctions,
  ...textFunctions,
  ...concatenationFunctions,
  ...arrayFunctions,
  ...dateTruncFunctions,
  ...timeBucketFunctions,
  ...extractFunctions,
  ...currentTimeFunctions,
  ...ageFunctions,
  ...systemFunctions,
  ...definitionFunctions,
  ...sequenceFunctions,
  ...enumFunctions,
  ...countAggregates,
  ...integerSumAggregates,
  ...floatSumAggregates,
  ...objectSumAggregates,
  ...minMaxAggregates,
  ...booleanAggregates,
  ...collectingAggregates,
  ...floatVarianceAggregates,
  ...exactVarianceAggregates,
  ...generateSeriesFunctions,
];

const byName = new Map<string, FunctionDefinition[]>();
const registered = new Set<number>();

/** The first definition of an OID counts: casts from text and from varchar, for one, share a function. */
function register(definition: FunctionDefinition): void {
  if (registered.has(definition.oid)) return;
  registered.add(definition.oid);
  const namesakes = byName.get(definition.name);
  if (namesakes === undefined) byName.set(definition.name, [definition]);
  else namesakes.push(definition);
}

for (const definition of declared) register(definition);
for (const operator of allOperators()) register(operator.function);
for (const { method } of allCasts()) {
  if (method !== 'relabel' && method.oid < FIRST_OWN_OID) register(method);
}

const all: readonly FunctionDefinition[] = [...byName.values()].flat();

/** What pg_proc lists: also the functions behind operators and casts. */
export function allFunctions(): readonly FunctionDefinition[] {
  return all;
}

export function functionsNamed(name: string): readonly FunctionDefinition[] {
  return byName.get(name) ?? [];
}

export function scalarFunctions(name: string): readonly ScalarFunction[] {
  return functionsNamed(name).filter((definition): definition is ScalarFunction => definition.kind === 'scalar');
}
