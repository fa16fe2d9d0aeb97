import { allCasts } from '../../functions/cast-registry.ts';
import type { FunctionDefinition } from '../../functions/function-definition.ts';
import { allFunctions } from '../../functions/function-registry.ts';
import { allOperators } from '../../functions/operator-registry.ts';
import { Interval } from '../../types/interval.ts';
import { Numeric } from '../../types/numeric.ts';
import { type PortableValue, portableValue, valueOfPortable } from '../../types/portable-value.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { SqlMultirange, SqlRange } from '../../types/sql-range.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { typeByOid } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';

/**
 * A part of a plan as plain data for another thread. Plans are plain data but for what they point at: types, which go by
 * their OIDs, and functions, which go by their places in the library, which is the same in every thread.
 */
export type PortablePlan = { readonly portable: PlainData };

type PlainData =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainData[]
  | { readonly [name: string]: PlainData }
  | Marked;

/** What stands in place of something that is no plain data. */
interface Marked {
  readonly '#': 'type' | 'function' | 'value';
  readonly place: PortableValue;
}

/** What cannot be told to another thread: types and functions that somebody has made, and queries within expressions. */
class NotPortable extends Error {}

/** undefined where some of it means nothing in another thread. */
export function encodePlan(part: object): PortablePlan | undefined {
  try {
    return { portable: encode(part) };
  } catch (error) {
    if (error instanceof NotPortable) return undefined;
    throw error;
  }
}

export function decodePlan<Part>(encoded: PortablePlan): Part {
  return decode(encoded.portable) as Part;
}

function encode(data: unknown): PlainData {
  switch (typeof data) {
    case 'function':
    case 'symbol':
      throw new NotPortable();
    case 'object':
      break;
    default:
      return data as PlainData;
  }
  if (data === null) return null;
  if (Array.isArray(data)) return data.map(encode);
  if (isValueObject(data)) {
    const value = portableValue(data);
    if (value === undefined) throw new NotPortable();
    return { '#': 'value', place: value };
  }
  if (isType(data)) {
    if (typeByOid(data.oid) !== data) throw new NotPortable();
    return { '#': 'type', place: data.oid };
  }
  if (isFunction(data)) {
    const place = places().get(data);
    if (place === undefined) throw new NotPortable();
    return { '#': 'function', place };
  }
  return encodeObject(data);
}

function isValueObject(data: object): data is Exclude<Value, null> & object {
  return (
    data instanceof Numeric ||
    data instanceof Interval ||
    data instanceof SqlArray ||
    data instanceof SqlRange ||
    data instanceof SqlMultirange ||
    data instanceof Uint8Array
  );
}

function encodeObject(data: object): PlainData {
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== Object.prototype && prototype !== null) throw new NotPortable();
  const { kind } = data as { readonly kind?: unknown };
  // What is around the statement, or another query, is known in its own thread alone.
  if (kind === 'subquery' || kind === 'correlated') throw new NotPortable();
  const copy: Record<string, PlainData> = {};
  for (const [name, value] of Object.entries(data)) {
    if (value !== undefined) copy[name] = encode(value);
  }
  return copy;
}

function decode(data: PlainData): unknown {
  if (data === null || typeof data !== 'object') return data;
  if (Array.isArray(data)) return data.map(decode);
  if ('#' in data) return decodeMarked(data as Marked);
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) copy[name] = decode(value);
  return copy;
}

function decodeMarked({ '#': what, place }: Marked): unknown {
  switch (what) {
    case 'type':
      return typeByOid(place as number);
    case 'function':
      return library()[place as number];
    default:
      return valueOfPortable(place);
  }
}

function isType(data: object): data is TypeDefinition {
  return 'representation' in data && 'readBinary' in data;
}

function isFunction(data: object): data is FunctionDefinition {
  return 'argumentTypes' in data && 'resultType' in data && 'oid' in data;
}

let known: readonly FunctionDefinition[] | undefined;
let knownPlaces: ReadonlyMap<FunctionDefinition, number> | undefined;

/** Every function there is, in an order that is the same in every thread. */
function library(): readonly FunctionDefinition[] {
  if (known === undefined) {
    const all = new Set<FunctionDefinition>(allFunctions());
    for (const operator of allOperators()) all.add(operator.function);
    for (const { method } of allCasts()) if (method !== 'relabel') all.add(method);
    known = [...all];
  }
  return known;
}

function places(): ReadonlyMap<FunctionDefinition, number> {
  knownPlaces ??= new Map(library().map((definition, place) => [definition, place]));
  return knownPlaces;
}
