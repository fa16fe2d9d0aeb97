import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import { name, pg_node_tree, text } from '../../types/string-types.ts';
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

function view({ definitions }: FunctionEnvironment, viewOid: number, isPretty = false): string | null {
  return definitions?.view(viewOid, { isPretty }) ?? null;
}

/** Lines of some length at most: each column has a line of its own all the same. */
function wrappedView(environment: FunctionEnvironment, viewOid: number): string | null {
  return view(environment, viewOid, true);
}

function viewByName(environment: FunctionEnvironment, name: string, isPretty = false): string | null {
  const viewOid = environment.catalog.relationOid(name);
  if (viewOid === undefined) throw new SqlError(SqlState.UndefinedTable, `relation "${name}" does not exist`);
  return view(environment, viewOid, isPretty);
}

function objectDescription(
  { definitions }: FunctionEnvironment,
  objectOid: number,
  catalogName?: string,
): string | null {
  return definitions?.comment(objectOid, catalogName, 0) ?? null;
}

function columnDescription({ definitions }: FunctionEnvironment, tableOid: number, column: number): string | null {
  return (column === 0 ? undefined : definitions?.comment(tableOid, 'pg_class', column)) ?? null;
}

function sharedDescription({ definitions }: FunctionEnvironment, oid: number, catalogName: string): string | null {
  return definitions?.sharedComment(oid, catalogName) ?? null;
}

/** What the catalog's objects look like as SQL: psql's \d and every schema browser ask for it. */
export const definitionFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_get_expr', 1716, [pg_node_tree, oid], text, expression, stable),
  defineScalar('pg_get_expr', 2509, [pg_node_tree, oid, bool], text, expression, stable),
  defineScalar('pg_get_constraintdef', 1387, [oid], text, constraint, stable),
  defineScalar('pg_get_constraintdef', 2508, [oid, bool], text, constraint, stable),
  defineScalar('pg_get_indexdef', 1643, [oid], text, index, stable),
  defineScalar('pg_get_indexdef', 2507, [oid, int4, bool], text, index, stable),
  defineScalar('pg_get_viewdef', 1641, [oid], text, view, stable),
  defineScalar('pg_get_viewdef', 2506, [oid, bool], text, view, stable),
  defineScalar('pg_get_viewdef', 3159, [oid, int4], text, wrappedView, stable),
  defineScalar('pg_get_viewdef', 1640, [text], text, viewByName, stable),
  defineScalar('pg_get_viewdef', 2505, [text, bool], text, viewByName, stable),
  defineScalar('obj_description', 1215, [oid, name], text, objectDescription, stable),
  defineScalar('obj_description', 1348, [oid], text, objectDescription, stable),
  defineScalar('col_description', 1216, [oid, int4], text, columnDescription, stable),
  defineScalar('shobj_description', 1993, [oid, name], text, sharedDescription, stable),
];
