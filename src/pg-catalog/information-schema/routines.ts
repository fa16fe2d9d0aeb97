import { SqlArray } from '../../types/sql-array.ts';
import { catalogTypeByName, sqlType, typeByOid } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import type { CatalogSource } from '../catalog-source.ts';
import { rowMaker } from '../named-row.ts';
import { pgProcRows } from '../pg-proc.ts';
import { INFORMATION_SCHEMA, PG_CATALOG } from '../system-schemas.ts';
import { dataTypeName } from './data-type-name.ts';

/** Places in a row of pg_proc. */
const OID = 0;
const NAME = 1;
const KIND = 9;
const IS_STRICT = 12;
const VOLATILITY = 14;
const RESULT = 18;
const INPUTS = 19;
const ALL_TYPES = 20;
const MODES = 21;
const NAMES = 22;

const MODE_WORDS: Readonly<Record<string, string>> = { i: 'IN', o: 'OUT', b: 'INOUT', v: 'IN', t: 'OUT' };

function typeColumns(database: string, typeOid: number, prefix = ''): Record<string, Value> {
  const definition = typeByOid(typeOid) ?? catalogTypeByName('text');
  if (definition === undefined) return {};
  return {
    data_type: dataTypeName(sqlType(definition), true),
    [`${prefix}udt_catalog`]: database,
    [`${prefix}udt_schema`]: PG_CATALOG.name,
    [`${prefix}udt_name`]: definition.name,
  };
}

const elementsOf = (value: Value): readonly Value[] => (value instanceof SqlArray ? value.elements : []);

/** information_schema.routines: functions, all of which are the system's. */
export function* routinesRows(source: CatalogSource): Iterable<readonly Value[]> {
  const row = rowMaker(INFORMATION_SCHEMA.name, 'routines');
  const database = source.databaseName();
  for (const proc of pgProcRows(source)) {
    const name = String(proc[NAME]);
    yield row({
      specific_catalog: database,
      specific_schema: PG_CATALOG.name,
      specific_name: `${name}_${proc[OID]}`,
      routine_catalog: database,
      routine_schema: PG_CATALOG.name,
      routine_name: name,
      routine_type: proc[KIND] === 'f' ? 'FUNCTION' : null,
      ...typeColumns(database, Number(proc[RESULT]), 'type_'),
      dtd_identifier: '0',
      routine_body: 'EXTERNAL',
      external_name: name,
      external_language: 'INTERNAL',
      parameter_style: 'GENERAL',
      is_deterministic: proc[VOLATILITY] === 'i' ? 'YES' : 'NO',
      sql_data_access: 'MODIFIES',
      is_null_call: proc[KIND] === 'f' ? (proc[IS_STRICT] === true ? 'YES' : 'NO') : null,
      schema_level_routine: 'YES',
      max_dynamic_result_sets: 0,
      security_type: 'INVOKER',
      as_locator: 'NO',
      is_udt_dependent: 'NO',
    });
  }
}

/** information_schema.parameters. */
export function* parametersRows(source: CatalogSource): Iterable<readonly Value[]> {
  const row = rowMaker(INFORMATION_SCHEMA.name, 'parameters');
  const database = source.databaseName();
  for (const proc of pgProcRows(source)) {
    const all = elementsOf(proc[ALL_TYPES]);
    const types = all.length > 0 ? all : elementsOf(proc[INPUTS]);
    const modes = elementsOf(proc[MODES]);
    const names = elementsOf(proc[NAMES]);
    for (const [at, typeOid] of types.entries()) {
      const parameterName = names[at] === '' ? null : (names[at] ?? null);
      yield row({
        specific_catalog: database,
        specific_schema: PG_CATALOG.name,
        specific_name: `${proc[NAME]}_${proc[OID]}`,
        ordinal_position: at + 1,
        parameter_mode: MODE_WORDS[String(modes[at] ?? 'i')] ?? 'IN',
        is_result: 'NO',
        as_locator: 'NO',
        parameter_name: parameterName,
        ...typeColumns(database, Number(typeOid)),
        dtd_identifier: String(at + 1),
      });
    }
  }
}
