import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import { pg_node_tree, text } from '../../types/string-types.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';

const stable = { volatility: 'stable', usesEnvironment: true } as const;

function expression(
  { definitions }: FunctionEnvironment,
  stored: string,
  relationOid: number,
  isPretty = false,
): string | null {
  return definitions?.expression(stored, relationOid, { isPretty }) ?? null;
}

function constraint({ definitions }: FunctionEnvironment, constraintOid: number, isPretty = false): string | null {
  return definitions?.constraint(constraintOid, { isPretty }) ?? null;
}

function index({ definitions }: FunctionEnvironment, indexOid: number, column = 0, isPretty = false): string | null {
  const found = column === 0 ? definitions?.index(indexOid, { isPretty }) : definitions?.indexColumn(indexOid, column);
  return found ?? null;
}

/** What the catalog's objects look like as SQL: psql's \d and every schema browser ask for it. */
export const definitionFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_get_expr', 1716, [pg_node_tree, oid], text, expression, stable),
  defineScalar('pg_get_expr', 2509, [pg_node_tree, oid, bool], text, expression, stable),
  defineScalar('pg_get_constraintdef', 1387, [oid], text, constraint, stable),
  defineScalar('pg_get_constraintdef', 2508, [oid, bool], text, constraint, stable),
  defineScalar('pg_get_indexdef', 1643, [oid], text, index, stable),
  defineScalar('pg_get_indexdef', 2507, [oid, int4, bool], text, index, stable),
];
