import { bitAggregates } from './aggregate/bit-aggregates.ts';
import { booleanAggregates } from './aggregate/boolean-aggregates.ts';
import { byteaAggregates } from './aggregate/bytea-aggregate.ts';
import { collectingAggregates } from './aggregate/collecting-aggregates.ts';
import { countAggregates } from './aggregate/count.ts';
import { exactVarianceAggregates } from './aggregate/exact-variance.ts';
import { firstLastAggregates } from './aggregate/first-last.ts';
import { floatSumAggregates } from './aggregate/float-sum.ts';
import { floatVarianceAggregates } from './aggregate/float-variance.ts';
import { histogramAggregates } from './aggregate/histogram.ts';
import { hypotheticalSetAggregates } from './aggregate/hypothetical-sets.ts';
import { integerSumAggregates } from './aggregate/integer-sum.ts';
import { meanAggregates } from './aggregate/mean.ts';
import { minMaxAggregates } from './aggregate/min-max.ts';
import { nestedArrayAggregates } from './aggregate/nested-arrays.ts';
import { objectSumAggregates } from './aggregate/object-sum.ts';
import { percentileAggregates } from './aggregate/percentiles.ts';
import { regressionAggregates } from './aggregate/regression.ts';
import { sketchAggregates } from './aggregate/sketches.ts';
import { bitFunctions } from './bit-string/bit-functions.ts';
import { allCasts } from './cast-registry.ts';
import { lengthFunctions } from './casts/length-casts.ts';
import { catalogFunctions } from './catalog/catalog-functions.ts';
import { cryptoFunctions } from './extensions/crypto-functions.ts';
import { uuidFunctions } from './extensions/uuid-functions.ts';
import { formatDateTimeFunctions } from './formatting/format-datetime.ts';
import { formatNumberFunctions } from './formatting/format-number.ts';
import { parseDateTimeFunctions } from './formatting/parse-datetime.ts';
import { parseNumberFunctions } from './formatting/parse-number.ts';
import type { FunctionDefinition, ScalarFunction } from './function-definition.ts';
import { hashFunctions } from './hash/hash-functions.ts';
import { jsonAccessFunctions } from './json/json-access.ts';
import { jsonAggregates } from './json/json-aggregates.ts';
import { jsonBuildFunctions } from './json/json-build.ts';
import { jsonbChangeFunctions } from './json/jsonb-change.ts';
import { jsonbComparisonFunctions } from './json/jsonb-comparison.ts';
import { inetFunctions } from './network/inet-functions.ts';
import { macaddrFunctions } from './network/macaddr-functions.ts';
import { allOperators } from './operator-registry.ts';
import { arrayOrderFunctions } from './operators/array-operators.ts';
import { floatFunctions } from './operators/float-arithmetic.ts';
import { integerFunctions } from './operators/integer-arithmetic.ts';
import { numericFunctions } from './operators/numeric-arithmetic.ts';
import { likeFunctions } from './operators/text-operators.ts';
import { rangeAggregates } from './range/range-aggregates.ts';
import { rangeConstructorFunctions } from './range/range-constructors.ts';
import { rangeFunctions, rangeTables } from './range/range-functions.ts';
import { advisoryLockFunctions } from './scalar/advisory-locks.ts';
import { ageFunctions } from './scalar/age.ts';
import { arrayMakingFunctions } from './scalar/array-making.ts';
import { arraySearchFunctions } from './scalar/array-search.ts';
import { arrayFunctions } from './scalar/arrays.ts';
import { byteEncodingFunctions } from './scalar/byte-encoding.ts';
import { byteFunctions } from './scalar/bytes.ts';
import { concatenationFunctions } from './scalar/concatenate.ts';
import { currentTimeFunctions } from './scalar/current-time.ts';
import { dataSizeFunctions } from './scalar/data-size.ts';
import { dateTruncFunctions } from './scalar/date-trunc.ts';
import { definitionFunctions } from './scalar/definitions.ts';
import { divisorFunctions } from './scalar/divisors.ts';
import { enumFunctions } from './scalar/enums.ts';
import { extractFunctions } from './scalar/extract.ts';
import { formatTextFunctions } from './scalar/format-text.ts';
import { gapFillFunctions } from './scalar/gap-fill.ts';
import { makeDateTimeFunctions } from './scalar/make-date-time.ts';
import { mathFunctions } from './scalar/math.ts';
import { notifyFunctions } from './scalar/notify.ts';
import { numericMathFunctions } from './scalar/numeric-math.ts';
import { overlapsFunctions } from './scalar/overlaps.ts';
import { identifierFunctions } from './scalar/parse-identifier.ts';
import { regexpFunctions } from './scalar/regexp-functions.ts';
import { sequenceFunctions } from './scalar/sequences.ts';
import { sessionSignalFunctions } from './scalar/session-signals.ts';
import { sketchFunctions } from './scalar/sketch-access.ts';
import { splitTextFunctions } from './scalar/split-text.ts';
import { systemFunctions } from './scalar/system.ts';
import { textFunctions } from './scalar/text.ts';
import { tidFunctions } from './scalar/tid-functions.ts';
import { timeBucketFunctions } from './scalar/time-bucket.ts';
import { timetzFunctions } from './scalar/timetz.ts';
import { toRegFunctions } from './scalar/to-reg.ts';
import { trigonometricFunctions } from './scalar/trigonometry.ts';
import { unicodeFunctions } from './scalar/unicode.ts';
import { widthBucketFunctions } from './scalar/width-bucket.ts';
import { generateSeriesFunctions } from './table/generate-series.ts';
import { generateSubscriptsFunctions } from './table/generate-subscripts.ts';
import { jsonRecordFunctions, jsonRecordTables } from './table/json-records.ts';
import { jsonTableFunctions } from './table/json-tables.ts';
import { listeningChannels } from './table/listening-channels.ts';
import { textTables } from './table/text-tables.ts';
import { unnestFunctions } from './table/unnest.ts';
import { windowFunctions } from './window/window-functions.ts';

/** pg_cast's functions of OIDs below this are PostgreSQL's own, called by name too: int4('5'), text(true). */
const FIRST_OWN_OID = 9000;

const declared: readonly FunctionDefinition[] = [
  ...integerFunctions,
  ...floatFunctions,
  ...numericFunctions,
  ...mathFunctions,
  ...numericMathFunctions,
  ...trigonometricFunctions,
  ...divisorFunctions,
  ...widthBucketFunctions,
  ...textFunctions,
  ...splitTextFunctions,
  ...unicodeFunctions,
  ...formatTextFunctions,
  ...identifierFunctions,
  ...likeFunctions,
  ...regexpFunctions,
  ...byteFunctions,
  ...cryptoFunctions,
  ...uuidFunctions,
  ...byteEncodingFunctions,
  ...dataSizeFunctions,
  ...concatenationFunctions,
  ...arrayFunctions,
  ...arraySearchFunctions,
  ...arrayMakingFunctions,
  ...arrayOrderFunctions,
  ...dateTruncFunctions,
  ...timeBucketFunctions,
  ...gapFillFunctions,
  ...extractFunctions,
  ...timetzFunctions,
  ...toRegFunctions,
  ...currentTimeFunctions,
  ...ageFunctions,
  ...makeDateTimeFunctions,
  ...formatDateTimeFunctions,
  ...formatNumberFunctions,
  ...parseDateTimeFunctions,
  ...parseNumberFunctions,
  ...overlapsFunctions,
  ...systemFunctions,
  ...advisoryLockFunctions,
  ...notifyFunctions,
  ...sessionSignalFunctions,
  ...definitionFunctions,
  ...catalogFunctions,
  ...sequenceFunctions,
  ...enumFunctions,
  ...countAggregates,
  ...integerSumAggregates,
  ...floatSumAggregates,
  ...objectSumAggregates,
  ...minMaxAggregates,
  ...meanAggregates,
  ...firstLastAggregates,
  ...histogramAggregates,
  ...sketchAggregates,
  ...sketchFunctions,
  ...booleanAggregates,
  ...bitAggregates,
  ...regressionAggregates,
  ...percentileAggregates,
  ...hypotheticalSetAggregates,
  ...collectingAggregates,
  ...byteaAggregates,
  ...nestedArrayAggregates,
  ...floatVarianceAggregates,
  ...exactVarianceAggregates,
  ...jsonAccessFunctions,
  ...jsonBuildFunctions,
  ...jsonbChangeFunctions,
  ...jsonbComparisonFunctions,
  ...jsonAggregates,
  ...windowFunctions,
  ...generateSeriesFunctions,
  ...generateSubscriptsFunctions,
  ...listeningChannels,
  ...textTables,
  ...unnestFunctions,
  ...jsonTableFunctions,
  ...jsonRecordFunctions,
  ...jsonRecordTables,
  ...rangeFunctions,
  ...rangeConstructorFunctions,
  ...rangeAggregates,
  ...rangeTables,
  ...inetFunctions,
  ...macaddrFunctions,
  ...tidFunctions,
  ...hashFunctions,
  ...bitFunctions,
  ...lengthFunctions,
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

/** All overloads of a name, of every kind. */
export function functionsNamed(name: string): readonly FunctionDefinition[] {
  return byName.get(name) ?? [];
}

export function scalarFunctions(name: string): readonly ScalarFunction[] {
  return functionsNamed(name).filter((definition): definition is ScalarFunction => definition.kind === 'scalar');
}
