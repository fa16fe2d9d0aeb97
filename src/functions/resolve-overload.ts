import { SqlError } from '../errors/sql-error.ts';
import { SqlState } from '../errors/sql-state.ts';
import { multirangeOver } from '../types/ranges.ts';
import { text, unknown } from '../types/string-types.ts';
import type { TypeDefinition } from '../types/type-definition.ts';
import { arrayTypeOf, elementTypeOf, typeByName } from '../types/type-registry.ts';
import { findCast } from './cast-registry.ts';
import {
  isAny,
  isAnyArray,
  isAnyCompatible,
  isAnyMultirange,
  isAnyRange,
  isArray,
  isImplicitlyCoercible,
  isPolymorphic,
  isPreferredIn,
  isUnknown,
} from './coercion.ts';
import { defineScalar, total } from './define.ts';
import type { FunctionDefinition, ScalarFunction } from './function-definition.ts';
import { functionsNamed } from './function-registry.ts';
import type { OperatorDefinition } from './operator-definition.ts';
import { operatorsNamed } from './operator-registry.ts';
import { polymorphicTypes } from './polymorphic-types.ts';
import { overArray, requireArray, variadicSignature } from './variadic-call.ts';

/** The function a call means: what to cast the arguments to, and the type that comes out. */
export interface ResolvedFunction {
  readonly function: FunctionDefinition;
  readonly argumentTypes: readonly TypeDefinition[];
  readonly resultType: TypeDefinition;
  /** What the function is declared with, as many as there are arguments: "any" and its like are still there. */
  readonly declaredTypes?: readonly TypeDefinition[];
}

export interface ResolvedOperator {
  readonly operator: OperatorDefinition;
  readonly function: ScalarFunction;
  /** Left then right; the right alone for a prefix operator. */
  readonly argumentTypes: readonly TypeDefinition[];
  readonly resultType: TypeDefinition;
}

export interface OverloadOptions {
  readonly isVariadic?: boolean;
  /** The one argument is a parameter without a type yet. */
  readonly isParameter?: boolean;
  /** The functions that may be meant; undefined: all of the name. */
  readonly among?: readonly FunctionDefinition[] | undefined;
}

export type Unresolved = 'none' | 'ambiguous';

interface Candidate<Source> {
  readonly source: Source;
  readonly types: readonly TypeDefinition[];
}

/**
 * PostgreSQL's manual, 10.3. Untyped literals have the type `unknown`. Throws 42804 when they alone stand where the
 * function takes any type.
 */
export function resolveFunction(
  name: string,
  argumentTypes: readonly TypeDefinition[],
  { isVariadic = false, isParameter = false, among = functionsNamed(name) }: OverloadOptions = {},
): ResolvedFunction | Unresolved {
  const candidates: Candidate<FunctionDefinition>[] = [];
  const signatureOf = isVariadic ? variadicSignature : expandedSignature;
  for (const definition of among) {
    const types = signatureOf(definition, argumentTypes.length);
    if (types !== undefined) candidates.push({ source: definition, types });
  }
  dropExpandedTwins(candidates);
  if (isVariadic) {
    const best = bestCandidate(candidates, argumentTypes);
    return typeof best === 'string' ? best : resolvedOverArray(best, argumentTypes);
  }
  const exact = exactMatch(candidates, argumentTypes);
  if (exact !== undefined) return resolvedFunction(exact, argumentTypes);
  // A parameter without a type yet has to find its own among the functions.
  const conversion = isParameter ? undefined : functionStyleCast(name, argumentTypes);
  if (conversion !== undefined) return conversion;
  const best = bestCandidate(candidates, argumentTypes);
  return typeof best === 'string' ? best : resolvedFunction(best, argumentTypes);
}

/** PostgreSQL's manual, 10.2. `left` is undefined for a prefix operator. */
export function resolveOperator(
  name: string,
  left: TypeDefinition | undefined,
  right: TypeDefinition,
): ResolvedOperator | Unresolved {
  const argumentTypes = left === undefined ? [right] : [left, right];
  const candidates: Candidate<OperatorDefinition>[] = [];
  for (const operator of operatorsNamed(name)) {
    const types = operator.leftType === undefined ? [operator.rightType] : [operator.leftType, operator.rightType];
    if (types.length === argumentTypes.length) candidates.push({ source: operator, types });
  }
  const exact = exactMatch(candidates, withUnknownAsOther(argumentTypes)) ?? exactMatch(candidates, argumentTypes);
  const best = exact ?? bestCandidate(candidates, argumentTypes);
  return typeof best === 'string' ? best : resolvedOperator(best, argumentTypes);
}

/** An operator with one literal is looked for with both sides of the other side's type first. */
function withUnknownAsOther(types: readonly TypeDefinition[]): readonly TypeDefinition[] {
  const [left, right] = types;
  if (left === undefined || right === undefined) return types;
  if (isUnknown(left)) return [right, right];
  return isUnknown(right) ? [left, left] : types;
}

/** Of two that take the same arguments, one of them by repeating its last type, the other is meant. */
function dropExpandedTwins(candidates: Candidate<FunctionDefinition>[]): void {
  if (candidates.length < 2) return;
  for (let at = candidates.length - 1; at >= 0; at--) {
    const { source, types } = candidates[at];
    const isTwin = (other: Candidate<FunctionDefinition>): boolean =>
      other.source.isVariadic !== true &&
      other.types.length === types.length &&
      other.types.every((type, index) => type.oid === types[index].oid);
    if (source.isVariadic === true && candidates.some(isTwin)) candidates.splice(at, 1);
  }
}

/** The signature for a call of this many arguments: a variadic one repeats its last type. */
function expandedSignature(definition: FunctionDefinition, count: number): readonly TypeDefinition[] | undefined {
  const { argumentTypes } = definition;
  if (definition.isVariadic !== true || count < argumentTypes.length) {
    const least = argumentTypes.length - (definition.defaults?.length ?? 0);
    return count >= least && count <= argumentTypes.length ? argumentTypes.slice(0, count) : undefined;
  }
  const last = argumentTypes[argumentTypes.length - 1]!;
  return [...argumentTypes, ...new Array<TypeDefinition>(count - argumentTypes.length).fill(last)];
}

function exactMatch<Source>(
  candidates: readonly Candidate<Source>[],
  types: readonly TypeDefinition[],
): Candidate<Source> | undefined {
  return candidates.find((candidate) => candidate.types.every((type, at) => type.oid === types[at]!.oid));
}

/** `date('2024-01-01')`, `text(varcharColumn)`: the name of a type over one argument that needs no function to become it. */
function functionStyleCast(name: string, argumentTypes: readonly TypeDefinition[]): ResolvedFunction | undefined {
  const [argument] = argumentTypes;
  if (argument === undefined || argumentTypes.length !== 1) return undefined;
  const target = typeByName(name);
  if (target === undefined || target.category === 'P') return undefined;
  if (!isUnknown(argument) && findCast(argument, target)?.method !== 'relabel') return undefined;
  const identity = defineScalar(name, 0, [target], target, (value) => value, total);
  return { function: identity, argumentTypes: [target], resultType: target };
}

/** func_match_argtypes, then func_select_candidate, in PostgreSQL's terms. */
function bestCandidate<Source>(
  candidates: readonly Candidate<Source>[],
  types: readonly TypeDefinition[],
): Candidate<Source> | Unresolved {
  let rest: readonly Candidate<Source>[] = candidates.filter((candidate) => accepts(candidate.types, types));
  if (rest.length === 0) return 'none';
  if (rest.length === 1) return rest[0]!;
  rest = withMostMatches(rest, types, (declared, actual) => declared.oid === actual.oid);
  if (rest.length === 1) return rest[0]!;
  rest = withMostMatches(
    rest,
    types,
    (declared, actual) => declared.oid === actual.oid || isPreferredIn(actual.category, declared),
  );
  if (rest.length === 1) return rest[0]!;
  if (!types.some(isUnknown)) return 'ambiguous';
  rest = byCategoryOfUnknowns(rest, types);
  if (rest.length === 1) return rest[0]!;
  return byTypeOfOthers(rest, types) ?? 'ambiguous';
}

/** The candidates which the predicate likes at most of the arguments of known type. */
function withMostMatches<Source>(
  candidates: readonly Candidate<Source>[],
  types: readonly TypeDefinition[],
  matches: (declared: TypeDefinition, actual: TypeDefinition) => boolean,
): Candidate<Source>[] {
  let most = 0;
  let best: Candidate<Source>[] = [];
  for (const candidate of candidates) {
    let count = 0;
    types.forEach((actual, at) => {
      if (!isUnknown(actual) && matches(candidate.types[at]!, actual)) count++;
    });
    if (count > most) {
      most = count;
      best = [];
    }
    if (count === most) best.push(candidate);
  }
  return best;
}

/**
 * Literals take the category that the candidates agree on, or string where any of them takes a string, and within it
 * the preferred type where any takes that.
 */
function byCategoryOfUnknowns<Source>(
  candidates: readonly Candidate<Source>[],
  types: readonly TypeDefinition[],
): readonly Candidate<Source>[] {
  const wanted = new Map<number, { readonly category: string; readonly wantsPreferred: boolean }>();
  for (let at = 0; at < types.length; at++) {
    if (!isUnknown(types[at]!)) continue;
    const declared = candidates.map((candidate) => candidate.types[at]!);
    const categories = new Set(declared.map((type) => type.category));
    const category = categories.has('S') ? 'S' : declared[0]!.category;
    if (category !== 'S' && categories.size > 1) return candidates;
    wanted.set(at, { category, wantsPreferred: declared.some((type) => isPreferredIn(category, type)) });
  }
  const fitting = candidates.filter((candidate) =>
    [...wanted].every(([at, { category, wantsPreferred }]) => {
      const type = candidate.types[at]!;
      return type.category === category && (!wantsPreferred || type.isPreferred);
    }),
  );
  return fitting.length > 0 ? fitting : candidates;
}

/** When all known arguments are of one type, the literals may be assumed to be of that type too. */
function byTypeOfOthers<Source>(
  candidates: readonly Candidate<Source>[],
  types: readonly TypeDefinition[],
): Candidate<Source> | undefined {
  const known = types.filter((type) => !isUnknown(type));
  const [first] = known;
  if (first === undefined || known.some((type) => type.oid !== first.oid)) return undefined;
  const assumed = types.map(() => first);
  const fitting = candidates.filter((candidate) => accepts(candidate.types, assumed));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Whether the arguments can become the declared types by implicit casts. */
function accepts(declared: readonly TypeDefinition[], actual: readonly TypeDefinition[]): boolean {
  const isAccepted = actual.every((type, at) => {
    const target = declared[at]!;
    return isAny(target) || isPolymorphic(target) || isImplicitlyCoercible(type, target);
  });
  return isAccepted && (!declared.some(isPolymorphic) || polymorphicTypes(declared, actual) !== undefined);
}

/** What each argument is cast to: declared types, with `any` and polymorphic ones replaced by what stands there. */
function concreteTypes(declared: readonly TypeDefinition[], actual: readonly TypeDefinition[]): TypeDefinition[] {
  const { element = unknown, range } = polymorphicTypes(declared, actual) ?? {};
  return declared.map((target, at) => {
    const type = actual[at]!;
    if (isAny(target) || isPolymorphic(target)) {
      if (!isUnknown(type) && !isAnyCompatible(target)) return type;
      if (isAny(target)) return text;
      if (isAnyRange(target)) return range ?? text;
      if (isAnyMultirange(target)) return (range && multirangeOver(range)) ?? text;
      // Where literals alone stand, the common type is text, as in a UNION.
      if (isUnknown(element)) return isAnyArray(target) ? (arrayTypeOf(text) ?? text) : text;
      return isAnyArray(target) ? (arrayOver(element) ?? text) : element;
    }
    return target;
  });
}

function concreteResult(
  declared: TypeDefinition,
  declaredTypes: readonly TypeDefinition[],
  argumentTypes: readonly TypeDefinition[],
): TypeDefinition {
  if (!isPolymorphic(declared)) return declared;
  const { element: found = unknown, range } = polymorphicTypes(declaredTypes, argumentTypes) ?? {};
  if (isAnyRange(declared)) return range ?? declared;
  if (isAnyMultirange(declared)) return (range && multirangeOver(range)) ?? declared;
  const element = isUnknown(found) && isAnyCompatible(declared) ? text : found;
  if (!isAnyArray(declared)) return element;
  return arrayOver(element) ?? declared;
}

/** Throws 42704 for an array, of which there are no arrays. */
function arrayOver(element: TypeDefinition): TypeDefinition | undefined {
  const array = arrayTypeOf(element);
  if (array === undefined && isArray(element)) {
    throw new SqlError(SqlState.UndefinedObject, `could not find array type for data type ${element.sqlName}`);
  }
  return array;
}

const CHANGEABLE: ReadonlySet<string> = new Set(['E', 'C']);

type Variants = WeakMap<ScalarFunction, Map<string, ScalarFunction>>;

const specialized: Variants = new WeakMap();
/** By the enum or row type in the signature, of which there is another object once it has other labels or columns. */
const specializedForChangeable = new WeakMap<TypeDefinition, Variants>();

/** One object per function and argument types, so that equal calls stay recognisably equal. */
function specialize(definition: ScalarFunction, actual: readonly TypeDefinition[]): ScalarFunction {
  if (definition.specialize === undefined) return definition;
  const key = actual.map((type) => type.oid).join();
  const known = variantsFor(actual);
  let variants = known.get(definition);
  if (variants === undefined) {
    variants = new Map();
    known.set(definition, variants);
  }
  let variant = variants.get(key);
  if (variant === undefined) {
    variant = definition.specialize(actual);
    // Calls of concat() with many arguments come in more shapes than are worth keeping.
    if (variants.size < 1000) variants.set(key, variant);
  }
  return variant;
}

function variantsFor(actual: readonly TypeDefinition[]): Variants {
  const changeable = actual.find((type) => CHANGEABLE.has((elementTypeOf(type) ?? type).category));
  if (changeable === undefined) return specialized;
  let variants = specializedForChangeable.get(changeable);
  if (variants === undefined) {
    variants = new WeakMap();
    specializedForChangeable.set(changeable, variants);
  }
  return variants;
}

function resolvedFunction(
  { source, types }: Candidate<FunctionDefinition>,
  actual: readonly TypeDefinition[],
): ResolvedFunction {
  const isUndetermined = types.some(isPolymorphic) && isUnknown(polymorphicTypes(types, actual)?.element ?? unknown);
  if (isUndetermined && !types.some(isAnyCompatible)) {
    throw new SqlError(
      SqlState.DatatypeMismatch,
      'could not determine polymorphic type because input has type unknown',
    );
  }
  const argumentTypes = concreteTypes(types, actual);
  const definition =
    source.kind === 'scalar'
      ? specialize(source, asWritten(types, actual, argumentTypes))
      : source.kind === 'table'
        ? (source.specialize?.(argumentTypes) ?? source)
        : source;
  // Rows of several columns have the types that these have for the arguments.
  const isRow = definition.kind === 'table' && definition.columns !== undefined;
  const resultType = concreteResult((isRow ? definition : source).resultType, types, argumentTypes);
  return { function: definition, argumentTypes, resultType, declaredTypes: types };
}

/** What becomes text where any type goes is told apart from what was text: pg_typeof('a') is unknown. */
function asWritten(
  declared: readonly TypeDefinition[],
  actual: readonly TypeDefinition[],
  argumentTypes: readonly TypeDefinition[],
): readonly TypeDefinition[] {
  return argumentTypes.map((type, at) => (isAny(declared[at]!) && isUnknown(actual[at]!) ? unknown : type));
}

/** A call with VARIADIC before its last argument. */
function resolvedOverArray(
  { source, types }: Candidate<FunctionDefinition>,
  actual: readonly TypeDefinition[],
): ResolvedFunction | Unresolved {
  if (source.kind !== 'scalar') return 'none';
  if (isAny(types[types.length - 1]!)) requireArray(actual[actual.length - 1]!);
  const argumentTypes = concreteTypes(types, actual);
  const resultType = concreteResult(source.resultType, types, argumentTypes);
  return { function: overArray(source, argumentTypes, specialize), argumentTypes, resultType };
}

function resolvedOperator(
  { source, types }: Candidate<OperatorDefinition>,
  actual: readonly TypeDefinition[],
): ResolvedOperator {
  const argumentTypes = concreteTypes(types, actual);
  const implementation = source.function;
  const resultType = concreteResult(implementation.resultType, types, argumentTypes);
  return { operator: source, function: specialize(implementation, argumentTypes), argumentTypes, resultType };
}
