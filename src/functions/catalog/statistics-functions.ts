import { float8 } from '../../types/float8.ts';
import { int4 } from '../../types/int4.ts';
import { int8 } from '../../types/int8.ts';
import { oid } from '../../types/oid.ts';
import { timestamptz } from '../../types/timestamptz.ts';
import { defineScalar } from '../define.ts';
import type { FunctionEnvironment } from '../environment.ts';
import type { ScalarFunction } from '../function-definition.ts';
import { constant, systemOf, volatile } from './define-catalog.ts';

/** What PostgreSQL's statistics collector counts of a relation, by pg_stat_get_*'s OIDs. Nobody counts here: 0. */
const COUNTS_OF_RELATIONS: Readonly<Record<string, number>> = {
  numscans: 1928,
  tuples_returned: 1929,
  tuples_fetched: 1930,
  tuples_inserted: 1931,
  tuples_updated: 1932,
  tuples_deleted: 1933,
  blocks_fetched: 1934,
  blocks_hit: 1935,
  tuples_hot_updated: 1972,
  dead_tuples: 2879,
  ins_since_vacuum: 5053,
  mod_since_analyze: 3177,
  vacuum_count: 3054,
  autovacuum_count: 3055,
  analyze_count: 3056,
  autoanalyze_count: 3057,
  xact_numscans: 3037,
  xact_tuples_returned: 3038,
  xact_tuples_fetched: 3039,
  xact_tuples_inserted: 3040,
  xact_tuples_updated: 3041,
  xact_tuples_deleted: 3042,
  xact_tuples_hot_updated: 3043,
  xact_blocks_fetched: 3044,
  xact_blocks_hit: 3045,
};

const COUNTS_OF_DATABASES: Readonly<Record<string, number>> = {
  db_xact_commit: 1942,
  db_xact_rollback: 1943,
  db_blocks_fetched: 1944,
  db_blocks_hit: 1945,
  db_tuples_returned: 2758,
  db_tuples_fetched: 2759,
  db_tuples_inserted: 2760,
  db_tuples_updated: 2761,
  db_tuples_deleted: 2762,
  db_conflict_tablespace: 3065,
  db_conflict_lock: 3066,
  db_conflict_snapshot: 3067,
  db_conflict_bufferpin: 3068,
  db_conflict_startup_deadlock: 3069,
  db_conflict_all: 3070,
  db_temp_files: 3150,
  db_temp_bytes: 3151,
  db_deadlocks: 3152,
  db_sessions: 6188,
  db_sessions_abandoned: 6189,
  db_sessions_fatal: 6190,
  db_sessions_killed: 6191,
};

const TIMES_OF_DATABASES: Readonly<Record<string, number>> = {
  db_blk_read_time: 2844,
  db_blk_write_time: 2845,
  db_session_time: 6185,
  db_active_time: 6186,
  db_idle_in_transaction_time: 6187,
};

/** When something was done last: never. */
const INSTANTS: Readonly<Record<string, number>> = {
  last_vacuum_time: 2781,
  last_autovacuum_time: 2782,
  last_analyze_time: 2783,
  last_autoanalyze_time: 2784,
  db_stat_reset_time: 3074,
  db_checksum_last_failure: 3428,
};

function counters(table: Readonly<Record<string, number>>, type: typeof int8, value: number | null): ScalarFunction[] {
  return Object.entries(table).map(([name, functionOid]) =>
    defineScalar(`pg_stat_get_${name}`, functionOid, [oid], type, () => value, constant),
  );
}

/** As ANALYZE found them. */
function liveRows(environment: FunctionEnvironment, relation: number): number {
  return Math.max(Number(systemOf(environment).row('pg_class', relation)?.reltuples ?? 0), 0);
}

function sessionsOf(environment: FunctionEnvironment, database: number): number {
  return systemOf(environment)
    .rows('pg_stat_activity')
    .filter(({ datid }) => datid === database).length;
}

/** pg_stat_get_…: what the views pg_stat_* show. */
export const statisticsFunctions: readonly ScalarFunction[] = [
  ...counters(COUNTS_OF_RELATIONS, int8, 0),
  ...counters(COUNTS_OF_DATABASES, int8, 0),
  ...counters(TIMES_OF_DATABASES, float8, 0),
  ...counters(INSTANTS, timestamptz, null),
  defineScalar('pg_stat_get_live_tuples', 2878, [oid], int8, liveRows, volatile),
  defineScalar('pg_stat_get_db_numbackends', 1941, [oid], int4, sessionsOf, volatile),
  defineScalar('pg_stat_get_db_checksum_failures', 3426, [oid], int8, () => null, constant),
  defineScalar('pg_stat_get_function_calls', 2978, [oid], int8, () => null, constant),
  defineScalar('pg_stat_get_function_total_time', 2979, [oid], float8, () => null, constant),
  defineScalar('pg_stat_get_function_self_time', 2980, [oid], float8, () => null, constant),
];
