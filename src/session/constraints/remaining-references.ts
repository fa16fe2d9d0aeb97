import type { SqlError } from '../../errors/sql-error.ts';
import { missingReference, missingReferences, mixedNulls, presentKeys, stillReferenced } from './check-references.ts';
import { type ConstraintScope, withSnapshot } from './constraint-scope.ts';
import { keyConverter } from './convert-key.ts';
import { findChildren } from './find-children.ts';
import { type ForeignKey, typesOf } from './foreign-keys.ts';
import { type ReferenceKey, ReferenceKeys } from './reference-keys.ts';

/** A key that violates a foreign key: its number, and how to say so. */
export interface KeyViolation {
  readonly number: number;
  readonly error: SqlError;
}

/**
 * The first of some references (of the child's types) that were put off and are missing now. Of rows that are gone, or
 * refer elsewhere by now, nothing is asked.
 */
export async function missingOfRemaining(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): Promise<KeyViolation | undefined> {
  const missing = await missingReferences(scope, key, keys);
  const candidates = ReferenceKeys.of(
    typesOf(key.childColumns),
    missing.map((number) => keys[number]),
  );
  const first = await firstReferenced(scope, key, candidates);
  if (first < 0) return undefined;
  const number = missing[first];
  return { number, error: missingReference(key, keys[number], scope.bindContext.typeContext) };
}

/** The first of some keys that are NULL in part, which MATCH FULL does not take, that a row of the child still has. */
export async function firstMixed(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): Promise<KeyViolation | undefined> {
  const byPlaces = new Map<string, number[]>();
  for (const [number, values] of keys.entries()) {
    const places = values.map((value) => (value === null ? 0 : 1)).join('');
    const numbers = byPlaces.get(places);
    if (numbers === undefined) byPlaces.set(places, [number]);
    else numbers.push(number);
  }
  let first: number | undefined;
  for (const numbers of byPlaces.values()) {
    const alike = ReferenceKeys.of(
      typesOf(key.childColumns),
      numbers.map((number) => keys[number]),
    );
    const found = numbers[await firstReferenced(scope, key, alike)];
    if (found !== undefined && (first === undefined || found < first)) first = found;
  }
  return first === undefined ? undefined : { number: first, error: mixedNulls(key) };
}

/** The first of some keys (of the parent's types) that the parent does not have (any more) and a row refers to. */
export async function referencedOfGone(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): Promise<KeyViolation | undefined> {
  const present = await presentKeys(scope, key, keys);
  const numbers = [...keys.keys()].filter((number) => !present.has(number));
  const violation = await firstReferencedKey(
    scope,
    key,
    numbers.map((number) => keys[number]),
  );
  return violation === undefined ? undefined : { ...violation, number: numbers[violation.number] };
}

/** The first of some keys (of the parent's types) that a row refers to. */
export async function firstReferencedKey(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): Promise<KeyViolation | undefined> {
  const { children, origins } = childKeys(scope, key, keys);
  const first = await firstReferenced(scope, key, children);
  if (first < 0) return undefined;
  const values = origins[first];
  return { number: keys.indexOf(values), error: stillReferenced(key, values, scope.bindContext.typeContext) };
}

/** Keys of the parent as the child would refer to them, and for each the key that it comes from. */
export function childKeys(
  scope: ConstraintScope,
  key: ForeignKey,
  keys: readonly ReferenceKey[],
): { readonly children: ReferenceKeys; readonly origins: readonly ReferenceKey[] } {
  const convert = keyConverter(typesOf(key.parentColumns), typesOf(key.childColumns), scope.bindContext.environment);
  const children = new ReferenceKeys(typesOf(key.childColumns));
  const origins: ReferenceKey[] = [];
  for (const values of keys) {
    const converted = convert(values);
    if (converted !== undefined && children.add(converted) === origins.length) origins.push(values);
  }
  return { children, origins };
}

/** The number of the first key that a row of the child has, or -1: of all rows by now, whatever snapshot there is. */
async function firstReferenced(scope: ConstraintScope, key: ForeignKey, keys: ReferenceKeys): Promise<number> {
  return withSnapshot(scope.transaction.newestSnapshot(), async (snapshot) => {
    let first = -1;
    for await (const { keyNumbers } of findChildren(scope, key, keys, [], snapshot)) {
      for (const number of keyNumbers) if (first < 0 || number < first) first = number;
      if (first === 0) break;
    }
    return first;
  });
}
