import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import { bool } from '../../types/bool.ts';
import { int4 } from '../../types/int4.ts';
import { FIRST_USER_OID, oid } from '../../types/oid.ts';
import { regclass } from '../../types/reg-types.ts';
import { SqlArray } from '../../types/sql-array.ts';
import { text } from '../../types/string-types.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { arrayTypeOf } from '../../types/type-registry.ts';
import type { Value } from '../../types/value.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction, TableFunction } from '../function-definition.ts';
import { quoteIdentifier } from '../scalar/quoting.ts';
import { catalogList, catalogTable, constant, stable, systemOf } from './define-catalog.ts';

const textArray = arrayTypeOf(text) ?? text;
const intArray = arrayTypeOf(int4) ?? int4;
const nothing = (): null => null;

/** The rule that makes a view of a relation, which is the only kind that there is. */
function ruleText(environment: FunctionEnvironment, ruleOid: number): string | null {
  const system = systemOf(environment);
  const rule = system.row('pg_rewrite', ruleOid);
  const relation = system.row('pg_class', Number(rule?.ev_class ?? 0));
  if (relation === undefined) return null;
  const schema = system.row('pg_namespace', Number(relation.relnamespace));
  const name = `${quoteIdentifier(String(schema?.nspname))}.${quoteIdentifier(String(relation.relname))}`;
  const query = system.viewText(Number(relation.oid));
  return query === undefined ? null : `CREATE RULE "_RETURN" AS\n    ON SELECT TO ${name} DO INSTEAD ${query}`;
}

const KINDS_PUBLISHED: readonly Value[] = ['r', 'p'];

/** Tables could be, if there were publications: none of the system's, none that is temporary or unlogged. */
function isPublishable(environment: FunctionEnvironment, relation: number): boolean | null {
  const row = systemOf(environment).row('pg_class', relation);
  if (row === undefined) return null;
  return KINDS_PUBLISHED.includes(row.relkind) && row.relpersistence === 'p' && relation >= FIRST_USER_OID;
}

/** The index of the primary key; 0 where there is none. */
function identityIndex(environment: FunctionEnvironment, relation: number): number {
  const indexes = systemOf(environment).rowsWith('pg_index', 'indrelid', relation);
  return Number(indexes.find(({ indisprimary }) => indisprimary === true)?.indexrelid ?? 0);
}

/** Options as the catalogs keep them, `name=value` each; of those of a table there can be some. Throws 22004. */
function* optionRows(list: Value | undefined): Generator<Value[], void, undefined> {
  if (!(list instanceof SqlArray)) return;
  for (const option of list.elements) {
    if (typeof option !== 'string') {
      throw new SqlError(SqlState.NullValueNotAllowed, 'null array element not allowed in this context');
    }
    const end = option.indexOf('=');
    yield end < 0 ? [option, null] : [option.slice(0, end), option.slice(end + 1)];
  }
}

/** Functions about triggers, statistics objects, partitioned tables and replication, which there are none of. */
export const absentObjectFunctions: readonly (ScalarFunction | TableFunction)[] = [
  catalogTable(
    'pg_options_to_table',
    2289,
    [textArray],
    { option_name: text, option_value: text },
    (_environment, list) => optionRows(list),
  ),
  defineScalar('pg_get_triggerdef', 1662, [oid], text, nothing, constant),
  defineScalar('pg_get_triggerdef', 2730, [oid, bool], text, nothing, constant),
  defineScalar('pg_get_ruledef', 1573, [oid], text, ruleText, stable),
  defineScalar('pg_get_ruledef', 2504, [oid, bool], text, ruleText, stable),
  defineScalar('pg_get_partkeydef', 3352, [oid], text, nothing, constant),
  defineScalar('pg_get_partition_constraintdef', 3408, [oid], text, nothing, constant),
  defineScalar('pg_get_statisticsobjdef', 3415, [oid], text, nothing, constant),
  defineScalar('pg_get_statisticsobjdef_columns', 6174, [oid], text, nothing, constant),
  defineScalar('pg_get_statisticsobjdef_expressions', 6173, [oid], textArray, nothing, constant),
  defineScalar('pg_get_replica_identity_index', 6120, [regclass], regclass, identityIndex, stable),
  defineScalar('pg_relation_is_publishable', 6121, [regclass], bool, isPublishable, stable),
  catalogList('pg_partition_ancestors', 3425, [regclass], regclass, () => []),
  defineScalar('pg_partition_root', 3424, [regclass], regclass, nothing, constant),
  catalogTable(
    'pg_partition_tree',
    3423,
    [regclass],
    { relid: regclass, parentrelid: regclass, isleaf: bool, level: int4 },
    () => [],
  ),
  defineScalar('pg_blocking_pids', 2561, [int4], intArray, () => new SqlArray([]), constant),
  defineScalar('pg_safe_snapshot_blocking_pids', 3376, [int4], intArray, () => new SqlArray([]), constant),
  defineScalar('pg_last_xact_replay_timestamp', 3830, [], timestamptz, nothing, constant),
  defineScalar('row_security_active', 3298, [oid], bool, () => false, constant),
  defineScalar('row_security_active', 3299, [text], bool, () => false, constant),
];
