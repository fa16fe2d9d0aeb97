import { SqlArray } from '../types/sql-array.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { elementTypeOf } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import type { CastDefinition } from './cast-definition.ts';
import { bitCasts } from './casts/bit-casts.ts';
import { dateTimeCasts } from './casts/date-time-casts.ts';
import { jsonbCasts } from './casts/jsonb-casts.ts';
import { networkCasts } from './casts/network-casts.ts';
import { numberCasts } from './casts/number-casts.ts';
import { objectIdCasts } from './casts/object-id-casts.ts';
import { rangeCasts } from './casts/range-casts.ts';
import { textCasts } from './casts/text-casts.ts';
import { defineScalar } from './define.ts';
import type { FunctionEnvironment } from './environment.ts';
import type { ScalarFunction } from './function-definition.ts';

const casts: readonly CastDefinition[] = [
  ...numberCasts,
  ...textCasts,
  ...dateTimeCasts,
  ...objectIdCasts,
  ...jsonbCasts,
  ...rangeCasts,
  ...networkCasts,
  ...bitCasts,
];

const bySource = new Map<number, Map<number, CastDefinition>>();
for (const cast of casts) {
  let targets = bySource.get(cast.source.oid);
  if (targets === undefined) {
    targets = new Map();
    bySource.set(cast.source.oid, targets);
  }
  targets.set(cast.target.oid, cast);
}

/** What pg_cast lists. */
export function allCasts(): readonly CastDefinition[] {
  return casts;
}

/**
 * The cast from one type to another type; arrays are cast when their elements are. Undefined where there is none, for
 * a type and itself, and where only the way by text is left (see `CastDefinition`).
 */
export function findCast(source: TypeDefinition, target: TypeDefinition): CastDefinition | undefined {
  const listed = bySource.get(source.oid)?.get(target.oid);
  if (listed !== undefined || source.category !== 'A' || target.category !== 'A') return listed;
  return arrayCast(source, target);
}

const arrayCasts = new Map<string, CastDefinition>();

function arrayCast(source: TypeDefinition, target: TypeDefinition): CastDefinition | undefined {
  const key = `${source.oid},${target.oid}`;
  const known = arrayCasts.get(key);
  if (known !== undefined) return known;
  const sourceElement = elementTypeOf(source);
  const targetElement = elementTypeOf(target);
  if (sourceElement === undefined || targetElement === undefined || isVector(target)) return undefined;
  if (sourceElement === targetElement) return { source, target, context: 'implicit', method: 'relabel' };
  const elementCast = bySource.get(sourceElement.oid)?.get(targetElement.oid);
  if (elementCast === undefined) return undefined;
  const { context, method } = elementCast;
  const cast = {
    source,
    target,
    context,
    method: method === 'relabel' ? method : overElements(method, source, target),
  };
  arrayCasts.set(key, cast);
  return cast;
}

/** int2vector and oidvector become arrays, but no array becomes one of them. */
export function isVector(type: TypeDefinition): boolean {
  return type.name.endsWith('vector');
}

/** A function of arrays that applies `method` to each element; the shape stays. */
function overElements(method: ScalarFunction, source: TypeDefinition, target: TypeDefinition): ScalarFunction {
  const { evaluate, usesEnvironment, mayThrow, volatility } = method;
  const mapped = (array: SqlArray, change: (element: Value) => Value): SqlArray =>
    new SqlArray(
      array.elements.map((element) => (element === null ? null : change(element))),
      array.dimensions,
      array.lowerBounds,
    );
  if (usesEnvironment !== true) {
    return defineScalar(target.name, method.oid, [source], target, (array: SqlArray) => mapped(array, evaluate), {
      mayThrow,
    });
  }
  return defineScalar(
    target.name,
    method.oid,
    [source],
    target,
    (environment: FunctionEnvironment, array: SqlArray) => mapped(array, (element) => evaluate(environment, element)),
    { mayThrow, volatility, usesEnvironment },
  );
}
