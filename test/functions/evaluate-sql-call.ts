import { SqlError } from '../../src/errors/sql-error.ts';
import { findCast } from '../../src/functions/cast-registry.ts';
import type { FunctionEnvironment } from '../../src/functions/environment.ts';
import type { ScalarFunction } from '../../src/functions/function-definition.ts';
import { resolveFunction, resolveOperator } from '../../src/functions/resolve-overload.ts';
import { unknown } from '../../src/types/string-types.ts';
import { timeZone } from '../../src/types/time-zone.ts';
import type { TypeContext, TypeDefinition } from '../../src/types/type-definition.ts';
import { typeByName, typeBySqlName } from '../../src/types/type-registry.ts';
import type { Value } from '../../src/types/value.ts';

/** 2024-05-06 07:08:09.5 UTC in µs since 2000-01-01. */
export const NOW_MICROS = 768_294_489_500_000;

export const typeContext: TypeContext = {
  timeZone: timeZone('Europe/Berlin')!,
  dateStyle: { format: 'ISO', order: 'MDY' },
  intervalStyle: 'postgres',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
  transactionStart: NOW_MICROS,
};

const settings = new Map([['TimeZone', 'Europe/Berlin']]);

export const environment: FunctionEnvironment = {
  typeContext,
  statementStart: NOW_MICROS + 1000,
  clock: () => NOW_MICROS + 2000,
  random: () => 0.25,
  seedRandom: () => {},
  fillRandom: (target) => void target.fill(0xab),
  session: {
    databaseName: 'metrics',
    userName: 'ada',
    sessionUserName: 'grace',
    processId: 4711,
    serverVersion: '15.0',
    versionText: 'PostgreSQL 15.0 (Tidewire)',
    serverStart: NOW_MICROS - 1000,
    currentSchemas: (includeImplicit) => (includeImplicit ? ['pg_catalog', 'public'] : ['public']),
    setting: (name) => settings.get(name),
    changeSetting: (name, value) => void settings.set(name, value),
  },
  catalog: {
    roleName: (oid) => (oid === 10 ? 'ada' : undefined),
    isRelationVisible: (oid) => oid === 16384,
    isTypeVisible: (oid) => oid === 23,
    isFunctionVisible: (oid) => oid === 1299,
    relationOid: (name) => (name === 'cpu' ? 16384 : undefined),
    relationName: (oid) => (oid === 16384 ? 'cpu' : undefined),
    typeOf: () => undefined,
    sequenceOf: (table, column) => (table === 'cpu' && column === 'id' ? 'public.cpu_id_seq' : undefined),
  },
  sequences: {
    next: () => 7,
    current: () => 6,
    last: () => 5,
    set: () => {},
    lastValue: () => undefined,
    state: () => ({ lastValue: 1, isCalled: false }),
  },
};

interface Operand {
  readonly type: TypeDefinition;
  readonly value: Value;
}

/**
 * Evaluates one call written as SQL writes it, arguments being typed literals: `int4 '1' + int8 '2'`,
 * `date_trunc('day', timestamptz '2024-05-06')`, `cast(float8 '1.5' as int4)`. The answer is `type: text`, or
 * `ERROR state: message`.
 */
export function evaluateSqlCall(sql: string): string {
  try {
    const { type, value } = evaluate(sql);
    return `${type.sqlName}: ${value === null ? 'NULL' : type.format(value, typeContext)}`;
  } catch (error) {
    if (error instanceof SqlError) return `ERROR ${error.code}: ${error.message}`;
    throw error;
  }
}

const LITERAL = /^(?:([\w"]+) )?(?:'((?:[^']|'')*)'|(null))/;

function evaluate(sql: string): Operand {
  const cast = /^cast\((.*) as ([^)]+)\)$/.exec(sql);
  if (cast !== null) {
    const operand = operandsOf(cast[1]!)[0]!;
    const target = typeByName(cast[2]!) ?? typeBySqlName(cast[2]!)!;
    return { type: target, value: convert(operand, target) };
  }
  const call = /^([a-z_0-9]+)\((.*)\)$/s.exec(sql);
  if (call !== null) {
    const operands = operandsOf(call[2]!);
    const types = operands.map((operand) => operand.type);
    const resolved = resolveFunction(call[1]!, types);
    if (typeof resolved === 'string' || resolved.function.kind !== 'scalar')
      throw new Error(`${sql}: ${String(resolved)}`);
    return { type: resolved.resultType, value: invoke(resolved.function, operands, resolved.argumentTypes) };
  }
  const [left, name, right] = operatorParts(sql);
  const resolved = resolveOperator(name, left?.type, right.type);
  if (typeof resolved === 'string') throw new Error(`${sql}: ${resolved}`);
  const operands = left === undefined ? [right] : [left, right];
  return { type: resolved.resultType, value: invoke(resolved.function, operands, resolved.argumentTypes) };
}

function operatorParts(sql: string): [Operand | undefined, string, Operand] {
  const prefix = /^([-+*/%<>=~!@#&|^]+) (.*)$/s.exec(sql);
  if (prefix !== null) return [undefined, prefix[1]!, operandsOf(prefix[2]!)[0]!];
  const [left, rest] = readOperand(sql);
  const [, name, right] = /^ ([-+*/%<>=~!@#&|^]+) (.*)$/s.exec(rest)!;
  return [left, name!, operandsOf(right!)[0]!];
}

function operandsOf(text: string): Operand[] {
  const operands: Operand[] = [];
  let rest = text;
  while (rest !== '') {
    const [operand, remaining] = readOperand(rest);
    operands.push(operand);
    rest = remaining.replace(/^, /, '');
  }
  return operands;
}

function readOperand(text: string): [Operand, string] {
  const match = LITERAL.exec(text);
  if (match === null) throw new Error(`not a literal: ${text}`);
  const [all, typeName, quoted] = match;
  const type = typeName === undefined ? unknown : typeByName(typeName.replaceAll('"', ''));
  if (type === undefined) throw new Error(`no type ${typeName}`);
  const value = quoted === undefined ? null : type.parse(quoted.replaceAll("''", "'"), typeContext, -1);
  return [{ type, value }, text.slice(all.length)];
}

/** The value under another type, by a cast or by way of text. */
export function convert({ type, value }: Operand, target: TypeDefinition): Value {
  if (value === null || type === target) return value;
  if (type === unknown) return target.parse(value as string, typeContext, -1);
  const cast = findCast(type, target);
  if (cast === undefined) return target.parse(type.format(value, typeContext), typeContext, -1);
  return cast.method === 'relabel' ? value : evaluateScalar(cast.method, [value]);
}

function invoke(definition: ScalarFunction, operands: readonly Operand[], types: readonly TypeDefinition[]): Value {
  return evaluateScalar(
    definition,
    operands.map((operand, at) => convert(operand, types[at]!)),
  );
}

/** Calls the function, its inline source too where it has one, which must agree. */
export function evaluateScalar(definition: ScalarFunction, values: readonly Value[]): Value {
  if (definition.handlesNull !== true && values.includes(null)) return null;
  const result =
    definition.usesEnvironment === true ? definition.evaluate(environment, ...values) : definition.evaluate(...values);
  const inlined = evaluateInline(definition, values);
  if (inlined !== undefined && !Object.is(inlined, result)) {
    throw new Error(`${definition.name}: inline gives ${String(inlined)}, evaluate ${String(result)}`);
  }
  return result;
}

function evaluateInline(definition: ScalarFunction, values: readonly Value[]): Value | undefined {
  const names = values.map((_, at) => `argument${at}`);
  if (definition.inline !== undefined)
    return new Function(...names, `return ${definition.inline(...names)}`)(...values);
  const { guardedInline } = definition;
  if (guardedInline === undefined || values.some((value) => typeof value === 'bigint')) return undefined;
  const source = guardedInline.source(...names);
  const holds = guardedInline.holds('result', ...names);
  return new Function(...names, `const result = ${source}; return ${holds} ? result : undefined`)(...values);
}
