import { SqlError } from '../errors/sql-error.ts';
import { evaluateExpression } from '../execution/evaluate-constant.ts';
import type { Expression } from '../sql/expression/expression.ts';
import { mayFail } from '../sql/expression/may-fail.ts';
import { computationsOfGenericForm } from '../sql/plan/generic-plan.ts';
import type { Statement } from '../sql/syntax/ast.ts';
import {
  type AutomaticParameter,
  type ParameterizedStatement,
  withAutomaticParameters,
} from '../sql/syntax/automatic-parameters.ts';
import { normalizeSql, type ParsedStatement } from '../sql/syntax/parse-sql.ts';
import { type ScannedLiteral, type ScannedText, scanLiterals } from '../sql/syntax/scan-literals.ts';
import { toInt64 } from '../types/int64.ts';
import { Numeric } from '../types/numeric.ts';
import type { TypeContext, TypeDefinition } from '../types/type-definition.ts';
import { typeByName, typeByOid } from '../types/type-registry.ts';
import type { Value } from '../types/value.ts';
import { isCurrent, type PlannedStatement, planStatement } from './plan-statement.ts';
import { sameColumns } from './prepared-statement.ts';
import type { SessionEnvironment } from './session-environment.ts';
import type { Settings } from './settings.ts';
import { withoutConstants } from './statement-statistics.ts';

/** Longer texts are usually loads of literals. */
const MAX_TEXT_LENGTH = 8_192;
const MAX_SKELETONS = 200;
const MAX_PLANS = 16;

/** A text that may be planned already. */
export interface KnownText {
  readonly planned: PlannedStatement;
  /** Of the planned statement's parameters. */
  readonly values: readonly Value[];
  readonly statement: Statement;
  /** The statement alone. */
  readonly text: string;
  /** The same with $1, $2 … in the place of its constants. */
  readonly normalizedText: string;
  /** The same with what stands around the statement. */
  readonly normalizedScript: string;
  /** An error with its position in this text, of one that was raised with that in the text of the plan. */
  readonly relocate: (error: unknown) => unknown;
}

/** What texts with one skeleton have in common. */
interface Skeleton {
  /** How many texts have been planned one by one. */
  sightings: number;
  /** undefined: not looked at yet; false: none of its literals can be a parameter. */
  shape: Shape | false | undefined;
  wasUsed: boolean;
}

interface Shape {
  readonly parameters: readonly AutomaticParameter[];
  /** The literals that are no parameters. */
  readonly fixed: readonly number[];
  /** By the values of the fixed ones. */
  readonly plans: Map<string, GenericPlan | false>;
}

interface GenericPlan {
  readonly statement: Statement;
  readonly planned: PlannedStatement;
  /** What it computes of parameters, which would be an error at once where it fails. */
  readonly computations: readonly Expression[];
  /** Of the text that it was made for. */
  readonly literals: readonly ScannedLiteral[];
  /** Characters before the statement in its text. */
  readonly start: number;
  readonly normalizedText: string;
}

/**
 * Plans of a session for texts that differ in literals alone. The second text of a skeleton is planned with parameters as
 * well: if that comes to the very plan that its literals gave, the texts to come are run with it. What cannot be told
 * at a glance, and every error, is left to those who parse and plan a text.
 */
export class AutomaticPlans {
  readonly #skeletons = new Map<string, Skeleton>();
  /** What was looked for last, and not found. */
  #missed: { readonly text: string; readonly scanned: ScannedText } | undefined;

  /** Undefined: the text is to be parsed and planned. */
  find(text: string, environment: SessionEnvironment, settings: Settings): KnownText | undefined {
    this.#missed = undefined;
    if (text.length > MAX_TEXT_LENGTH) return undefined;
    const scanned = scanLiterals(text);
    if (scanned === undefined || scanned.literals.length === 0) return undefined;
    const skeleton = this.#skeletons.get(scanned.skeleton);
    if (skeleton !== undefined) skeleton.wasUsed = true;
    const shape = skeleton?.shape;
    if (shape === false) return undefined;
    if (shape !== undefined) {
      const key = fixedKey(shape, scanned);
      const plan = shape.plans.get(key);
      if (plan === false) return undefined;
      if (plan !== undefined && isCurrent(plan.planned, settings, environment)) {
        return knownText(plan, shape, text, scanned, environment);
      }
      shape.plans.delete(key);
    }
    this.#missed = { text, scanned };
    return undefined;
  }

  /** A text that `find` did not know was parsed and planned: the next one of its kind need not be. */
  learn(
    text: string,
    parsed: ParsedStatement,
    planned: PlannedStatement,
    environment: SessionEnvironment,
    settings: Settings,
  ): void {
    const missed = this.#missed;
    this.#missed = undefined;
    if (missed === undefined || missed.text !== text) return;
    const { scanned } = missed;
    const skeleton = this.#skeletonOf(scanned.skeleton);
    skeleton.sightings++;
    if (skeleton.sightings < 2 || skeleton.shape === false) return;
    const parameterized = planned.isCacheable
      ? withAutomaticParameters(parsed.statement, text, scanned.literals)
      : undefined;
    if (parameterized === undefined) {
      skeleton.shape ??= false;
      return;
    }
    const shape = skeleton.shape ?? shapeOf(parameterized, scanned);
    skeleton.shape = shape;
    if (shape.plans.size >= MAX_PLANS) return;
    if (!isSameChoice(shape.parameters, parameterized.parameters)) return;
    const generic = genericPlan(parameterized, scanned, planned, environment, settings);
    shape.plans.set(
      fixedKey(shape, scanned),
      generic === undefined ? false : { ...generic, ...textOf(parsed, scanned) },
    );
  }

  /** DISCARD PLANS. */
  clear(): void {
    this.#skeletons.clear();
  }

  /** Of those that are there, one that was not used since it was last looked at makes room. */
  #skeletonOf(text: string): Skeleton {
    const known = this.#skeletons.get(text);
    if (known !== undefined) return known;
    for (const [key, skeleton] of this.#skeletons) {
      if (this.#skeletons.size < MAX_SKELETONS) break;
      this.#skeletons.delete(key);
      if (!skeleton.wasUsed) continue;
      skeleton.wasUsed = false;
      this.#skeletons.set(key, skeleton);
    }
    const skeleton: Skeleton = { sightings: 0, shape: undefined, wasUsed: false };
    this.#skeletons.set(text, skeleton);
    return skeleton;
  }
}

function shapeOf({ parameters }: ParameterizedStatement, { literals }: ScannedText): Shape {
  const taken = new Set(parameters.map(({ literal }) => literal));
  return { parameters, fixed: [...literals.keys()].filter((at) => !taken.has(at)), plans: new Map() };
}

function isSameChoice(left: readonly AutomaticParameter[], right: readonly AutomaticParameter[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ literal, isNegative }, at) => literal === right[at].literal && isNegative === right[at].isNegative)
  );
}

function fixedKey({ fixed }: Shape, { literals }: ScannedText): string {
  let key = '';
  for (const at of fixed) key += `${literals[at].value}\0`;
  return key;
}

function textOf({ start, text }: ParsedStatement, { literals }: ScannedText) {
  return { start, literals, normalizedText: withoutConstants(text, normalizeSql) };
}

/** Undefined where parameters would make it another plan. */
function genericPlan(
  { statement, parameters }: ParameterizedStatement,
  { literals }: ScannedText,
  specific: PlannedStatement,
  environment: SessionEnvironment,
  settings: Settings,
): Pick<GenericPlan, 'statement' | 'planned' | 'computations'> | undefined {
  if (specific.failure !== undefined) return undefined;
  const types = parameters.map(({ literal }) => typeOf(literals[literal]));
  let planned: PlannedStatement;
  try {
    planned = planStatement(statement, types, environment, settings);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
  if (!planned.isCacheable || planned.failure !== undefined || !sameColumns(planned.columns, specific.columns)) {
    return undefined;
  }
  // Types that were created may be altered.
  if (planned.parameterTypes.some(({ oid }) => typeByOid(oid) === undefined)) return undefined;
  const computations = computationsOfGenericForm(planned.bound, specific.bound);
  return computations === undefined ? undefined : { statement, planned, computations: computations.filter(mayFail) };
}

/** Undefined: decided by where the literal stands. */
function typeOf({ kind }: ScannedLiteral): TypeDefinition | undefined {
  switch (kind) {
    case 'string':
      return undefined;
    case 'integer':
      return typeByName('int4');
    case 'bigint':
      return typeByName('int8');
    case 'decimal':
      return typeByName('numeric');
  }
}

/** Undefined for what is an error, or would be one. */
function knownText(
  plan: GenericPlan,
  shape: Shape,
  text: string,
  scanned: ScannedText,
  environment: SessionEnvironment,
): KnownText | undefined {
  const { planned, statement, normalizedText, start, computations } = plan;
  const values = valuesOf(shape, scanned, planned, environment);
  if (values === undefined || !canCompute(computations, values, environment)) return undefined;
  const own = text.slice(start, scanned.end).trimEnd();
  return {
    planned,
    values,
    statement,
    text: own,
    normalizedText,
    normalizedScript: text.slice(0, start) + normalizedText + text.slice(start + own.length),
    relocate: (error) => relocated(error, plan.literals, scanned.literals),
  };
}

function valuesOf(
  { parameters }: Shape,
  { literals }: ScannedText,
  { parameterTypes }: PlannedStatement,
  environment: SessionEnvironment,
): readonly Value[] | undefined {
  const values: Value[] = [];
  let context: TypeContext | undefined;
  for (let at = 0; at < parameters.length; at++) {
    const { literal, isNegative } = parameters[at];
    const { kind, value } = literals[literal];
    if (kind === 'integer') values.push((isNegative ? -Number(value) : Number(value)) + 0);
    else if (kind === 'decimal') values.push(Numeric.parse(isNegative ? `-${value}` : value));
    else if (kind === 'bigint') {
      // The one integer that has a digit more as a negative number.
      if (isNegative && Number(value) === 2 ** 31) return undefined;
      values.push(toInt64(isNegative ? -BigInt(value) : BigInt(value)));
    } else {
      try {
        context ??= environment.typeContext;
        values.push(parameterTypes[at].parse(value, context, -1));
      } catch (error) {
        if (error instanceof SqlError) return undefined;
        throw error;
      }
    }
  }
  return values;
}

function canCompute(
  computations: readonly Expression[],
  parameters: readonly Value[],
  environment: SessionEnvironment,
): boolean {
  if (computations.length === 0) return true;
  const context = { parameters, environment: environment.functions() };
  try {
    for (const computation of computations) evaluateExpression(computation, context);
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

/** Positions move by as much as the literals before them are longer or shorter. */
function relocated(error: unknown, from: readonly ScannedLiteral[], to: readonly ScannedLiteral[]): unknown {
  if (!(error instanceof SqlError) || error.fields.position === undefined) return error;
  const index = error.fields.position - 1;
  let moved = index;
  for (let at = 0; at < from.length && from[at].start < index; at++) {
    moved = index < from[at].end ? to[at].start : index + to[at].end - from[at].end;
  }
  return new SqlError(error.code, error.message, { ...error.fields, position: moved + 1 });
}
