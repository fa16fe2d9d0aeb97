import { formatType } from '../../types/format-type.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { oidvector } from '../../types/vector-types.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { quoteIdentifier } from '../scalar/quoting.ts';
import { stable, systemOf } from './define-catalog.ts';
import type { CatalogRow } from './system-facts.ts';

type Environment = FunctionEnvironment;

const MODES: Readonly<Record<string, string>> = { o: 'OUT ', b: 'INOUT ', v: 'VARIADIC ' };
const VOLATILITIES: Readonly<Record<string, string>> = { i: 'IMMUTABLE', s: 'STABLE', v: '' };
const PARALLEL: Readonly<Record<string, string>> = { s: 'PARALLEL SAFE', r: 'PARALLEL RESTRICTED', u: '' };
const DEFAULT_COST = 1;
const DEFAULT_ROWS = 1000;

interface Argument {
  readonly mode: string;
  readonly name: string;
  readonly typeOid: number;
  /** As it is written; undefined: it must be given. */
  readonly default: string | undefined;
}

function functionRow(environment: Environment, functionOid: number): CatalogRow | undefined {
  return systemOf(environment).row('pg_proc', functionOid);
}

function elementsOf(value: Value | undefined): readonly Value[] {
  return value instanceof SqlArray ? value.elements : [];
}

function argumentsOf(row: CatalogRow): readonly Argument[] {
  const inputs = elementsOf(row.proargtypes);
  const all = elementsOf(row.proallargtypes);
  const modes = elementsOf(row.proargmodes);
  const names = elementsOf(row.proargnames);
  const types = all.length > 0 ? all : inputs;
  const written = typeof row.proargdefaults === 'string' ? splitDefaults(row.proargdefaults) : [];
  const inputCount = inputs.length;
  let inputNumber = 0;
  return types.map((typeOid, at) => {
    const mode = String(modes[at] ?? 'i');
    const isInput = mode !== 'o' && mode !== 't';
    const place = isInput ? inputNumber++ : -1;
    const fromEnd = place - (inputCount - written.length);
    return {
      mode,
      name: String(names[at] ?? ''),
      typeOid: Number(typeOid),
      default: isInput && fromEnd >= 0 ? written[fromEnd] : undefined,
    };
  });
}

/** At commas outside quotes and parentheses. */
function splitDefaults(list: string): string[] {
  return list.match(/(?:'(?:[^']|'')*'|\([^)]*\)|[^,])+/g)?.map((part) => part.trim()) ?? [];
}

function typeText({ catalog }: Environment, typeOid: number): string {
  const type = catalog.typeOf(typeOid);
  return type === undefined ? String(typeOid) : formatType(sqlType(type.definition));
}

function argumentText(environment: Environment, argument: Argument, withDefault: boolean): string {
  const mode = MODES[argument.mode] ?? '';
  const name = argument.name === '' ? '' : `${quoteIdentifier(argument.name)} `;
  const initial = withDefault && argument.default !== undefined ? ` DEFAULT ${argument.default}` : '';
  return `${mode}${name}${typeText(environment, argument.typeOid)}${initial}`;
}

function argumentList(environment: Environment, row: CatalogRow, withDefaults: boolean): string {
  const shown = argumentsOf(row).filter(({ mode }) => mode !== 't');
  const isOrderedSet =
    row.prokind === 'a' && systemOf(environment).row('pg_aggregate', Number(row.oid))?.aggkind !== 'n';
  const texts = shown.map((argument) => argumentText(environment, argument, withDefaults));
  if (!isOrderedSet) return texts.join(', ');
  const direct = Number(systemOf(environment).row('pg_aggregate', Number(row.oid))?.aggnumdirectargs ?? 0);
  // The one VARIADIC "any" of a hypothetical set stands for both kinds of arguments.
  const isVariadic = shown.at(-1)?.mode === 'v' && direct === texts.length;
  const sorted = isVariadic ? texts.slice(-1) : texts.slice(direct);
  const before = texts.slice(0, direct).join(', ');
  return `${before}${before === '' ? '' : ' '}ORDER BY ${sorted.join(', ')}`;
}

function functionArguments(environment: Environment, functionOid: number): string | null {
  const row = functionRow(environment, functionOid);
  return row === undefined ? null : argumentList(environment, row, true);
}

/** What tells the function from others of its name: no defaults. */
function identityArguments(environment: Environment, functionOid: number): string | null {
  const row = functionRow(environment, functionOid);
  return row === undefined ? null : argumentList(environment, row, false);
}

function functionResult(environment: Environment, functionOid: number): string | null {
  const row = functionRow(environment, functionOid);
  if (row === undefined || row.prokind === 'p') return null;
  const columns = argumentsOf(row).filter(({ mode }) => mode === 't');
  if (columns.length > 0) {
    return `TABLE(${columns.map((column) => argumentText(environment, column, false)).join(', ')})`;
  }
  return `${row.proretset === true ? 'SETOF ' : ''}${typeText(environment, Number(row.prorettype))}`;
}

/** `number`: among the arguments that a call gives, from 1. */
function argumentDefault(environment: Environment, functionOid: number, number: number): string | null {
  const row = functionRow(environment, functionOid);
  const inputs = row === undefined ? [] : argumentsOf(row).filter(({ mode }) => mode !== 'o' && mode !== 't');
  return inputs[number - 1]?.default ?? null;
}

function functionDefinition(environment: Environment, functionOid: number): string | null {
  const row = functionRow(environment, functionOid);
  if (row === undefined || row.prokind === 'a') return null;
  const name = quoteIdentifier(String(row.proname));
  const rows = Number(row.prorows);
  const cost = Number(row.procost);
  const manner = [
    row.prokind === 'w' ? 'WINDOW' : '',
    VOLATILITIES[String(row.provolatile)] ?? '',
    PARALLEL[String(row.proparallel)] ?? '',
    row.proisstrict === true ? 'STRICT' : '',
    row.proleakproof === true ? 'LEAKPROOF' : '',
    cost === DEFAULT_COST ? '' : `COST ${cost}`,
    rows === 0 || rows === DEFAULT_ROWS ? '' : `ROWS ${rows}`,
    ...supportOf(environment, Number(row.prosupport)),
  ].filter((word) => word !== '');
  const lines = [
    `CREATE OR REPLACE FUNCTION pg_catalog.${name}(${argumentList(environment, row, true)})`,
    ` RETURNS ${functionResult(environment, functionOid)}`,
    ' LANGUAGE internal',
    ...(manner.length === 0 ? [] : [` ${manner.join(' ')}`]),
    `AS $function$${row.prosrc}$function$`,
    '',
  ];
  return lines.join('\n');
}

/** The function by which PostgreSQL's planner knows more of it. */
function supportOf(environment: Environment, support: number): string[] {
  const name = functionRow(environment, support)?.proname;
  return name === undefined ? [] : [`SUPPORT ${quoteIdentifier(String(name))}`];
}

/** `int4, text`. */
function vectorTypes(environment: Environment, types: SqlArray): string {
  return types.elements.map((typeOid) => typeText(environment, Number(typeOid))).join(', ');
}

/** What psql's \df and \sf show of a function. */
export const functionTextFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_get_function_arguments', 2162, [oid], text, functionArguments, stable),
  defineScalar('pg_get_function_identity_arguments', 2232, [oid], text, identityArguments, stable),
  defineScalar('pg_get_function_result', 2165, [oid], text, functionResult, stable),
  defineScalar('pg_get_function_arg_default', 3808, [oid, int4], text, argumentDefault, stable),
  defineScalar('pg_get_functiondef', 2098, [oid], text, functionDefinition, stable),
  defineScalar('oidvectortypes', 1349, [oidvector], text, vectorTypes, stable),
  // No function here is written in SQL.
  defineScalar('pg_get_function_sqlbody', 6197, [oid], text, () => null, stable),
];
