import { bool } from '../../types/bool.ts';
import { oid } from '../../types/oid.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { stable, systemOf } from './define-catalog.ts';

/** Objects of these kinds are all in pg_catalog, which every search path has. NULL for a number that nothing has. */
function visible(name: string, functionOid: number, table: string): ScalarFunction {
  const find = (environment: FunctionEnvironment, object: number): boolean | null =>
    systemOf(environment).row(table, object) === undefined ? null : true;
  return defineScalar(name, functionOid, [oid], bool, find, stable);
}

export const visibilityFunctions: readonly ScalarFunction[] = [
  visible('pg_collation_is_visible', 3815, 'pg_collation'),
  visible('pg_conversion_is_visible', 2093, 'pg_conversion'),
  visible('pg_opclass_is_visible', 2083, 'pg_opclass'),
  visible('pg_operator_is_visible', 2082, 'pg_operator'),
  visible('pg_opfamily_is_visible', 3829, 'pg_opfamily'),
  visible('pg_statistics_obj_is_visible', 3403, 'pg_statistic_ext'),
  visible('pg_ts_config_is_visible', 3758, 'pg_ts_config'),
  visible('pg_ts_dict_is_visible', 3757, 'pg_ts_dict'),
  visible('pg_ts_parser_is_visible', 3756, 'pg_ts_parser'),
  visible('pg_ts_template_is_visible', 3768, 'pg_ts_template'),
];
