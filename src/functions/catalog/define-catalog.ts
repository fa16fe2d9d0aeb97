import { invariant } from '../../errors/invariant.ts';
import { recordTypeOver } from '../../types/record-type.ts';
import { SqlRecord } from '../../types/sql-record.ts';
import type { TypeDefinition } from '../../types/type-definition.ts';
import { sqlType } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { FunctionColumn, TableFunction } from '../function-definition.ts';
import type { SystemFacts } from './system-facts.ts';

export const stable = { volatility: 'stable', usesEnvironment: true } as const;
export const volatile = { volatility: 'volatile', usesEnvironment: true } as const;
/** Answers that depend on nothing but the arguments, of functions which PostgreSQL calls stable all the same. */
export const constant = { volatility: 'stable' } as const;

/** Functions of the catalogs are called in statements, where there is a system to ask. */
export function systemOf({ system }: FunctionEnvironment): SystemFacts {
  invariant(system !== undefined, 'a statement has a system');
  return system;
}

type Rows = (environment: FunctionEnvironment, ...values: Value[]) => Iterable<readonly Value[]>;

/** A function in FROM with rows of several columns. */
export function catalogTable(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  columns: Readonly<Record<string, TypeDefinition>>,
  rows: Rows,
): TableFunction {
  const listed = Object.entries(columns).map(([column, type]): FunctionColumn => ({ name: column, type }));
  const fields = listed.map((column) => ({ name: column.name, type: sqlType(column.type) }));
  return {
    kind: 'table',
    name,
    oid,
    argumentTypes,
    resultType: recordTypeOver(fields),
    columnName: name,
    columns: listed,
    *rows(values, environment) {
      for (const row of rows(environment, ...values)) yield new SqlRecord(fields, [...row]);
    },
  };
}

/** A function in FROM with one column. */
export function catalogList(
  name: string,
  oid: number,
  argumentTypes: readonly TypeDefinition[],
  resultType: TypeDefinition,
  rows: (environment: FunctionEnvironment, ...values: Value[]) => Iterable<Value>,
): TableFunction {
  return {
    kind: 'table',
    name,
    oid,
    argumentTypes,
    resultType,
    columnName: name,
    rows: (values, environment) => rows(environment, ...values),
  };
}
