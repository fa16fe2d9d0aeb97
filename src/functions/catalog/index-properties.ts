import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { oid } from '../../types/oid.ts';
import { regclass } from '../../types/reg-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { stable, systemOf } from './define-catalog.ts';

type Properties = Readonly<Record<string, boolean>>;

/** What access methods can do, as PostgreSQL's can, by their names. */
const METHODS: Readonly<Record<string, Properties>> = {
  btree: { can_order: true, can_unique: true, can_multi_col: true, can_exclude: true, can_include: true },
  hash: { can_order: false, can_unique: false, can_multi_col: false, can_exclude: true, can_include: false },
};
const INDEXES: Readonly<Record<string, Properties>> = {
  btree: { clusterable: true, index_scan: true, bitmap_scan: true, backward_scan: true },
  hash: { clusterable: false, index_scan: true, bitmap_scan: true, backward_scan: true },
};
const DESCENDING = 1;
const NULLS_FIRST = 2;

function methodName(environment: FunctionEnvironment, methodOid: number): string | undefined {
  const row = systemOf(environment).row('pg_am', methodOid);
  return row?.amtype === 'i' ? String(row.amname) : undefined;
}

function methodHasProperty(environment: FunctionEnvironment, methodOid: number, property: string): boolean | null {
  const method = methodName(environment, methodOid);
  return (method === undefined ? undefined : METHODS[method]?.[property.toLowerCase()]) ?? null;
}

function methodOfIndex(environment: FunctionEnvironment, index: number): string | undefined {
  const row = systemOf(environment).row('pg_class', index);
  return row?.relkind === 'i' ? methodName(environment, Number(row.relam)) : undefined;
}

function indexHasProperty(environment: FunctionEnvironment, index: number, property: string): boolean | null {
  const method = methodOfIndex(environment, index);
  return (method === undefined ? undefined : INDEXES[method]?.[property.toLowerCase()]) ?? null;
}

function columnHasProperty(
  environment: FunctionEnvironment,
  index: number,
  column: number,
  property: string,
): boolean | null {
  const method = methodOfIndex(environment, index);
  const row = systemOf(environment).row('pg_index', index);
  if (method === undefined || row === undefined || column < 1 || column > Number(row.indnatts)) return null;
  const isKey = column <= Number(row.indnkeyatts);
  const options = row.indoption instanceof SqlArray ? Number(row.indoption.elements[column - 1] ?? 0) : 0;
  const isOrdered = isKey && method === 'btree';
  const whereOrdered = (answer: boolean): boolean | null => (isKey ? isOrdered && answer : null);
  switch (property.toLowerCase()) {
    case 'asc':
      return whereOrdered((options & DESCENDING) === 0);
    case 'desc':
      return whereOrdered((options & DESCENDING) !== 0);
    case 'nulls_first':
      return whereOrdered((options & NULLS_FIRST) !== 0);
    case 'nulls_last':
      return whereOrdered((options & NULLS_FIRST) === 0);
    case 'orderable':
      return isOrdered;
    case 'distance_orderable':
      return isKey ? false : null;
    case 'returnable':
      return method === 'btree';
    case 'search_array':
    case 'search_nulls':
      return isKey ? method === 'btree' : null;
    default:
      return null;
  }
}

/** What indexes and the methods behind them can do. */
export const indexPropertyFunctions: readonly ScalarFunction[] = [
  defineScalar('pg_indexam_has_property', 636, [oid, text], bool, methodHasProperty, stable),
  defineScalar('pg_index_has_property', 637, [regclass, text], bool, indexHasProperty, stable),
  defineScalar('pg_index_column_has_property', 638, [regclass, int4, text], bool, columnHasProperty, stable),
];
