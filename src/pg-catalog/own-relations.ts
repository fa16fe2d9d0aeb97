/**
 * Relations that are not PostgreSQL's, in the manner of its facts: schema, name, kind, OIDs of the relation, its row type
 * and the array over that; then its columns. Numbers from 15000 on are free of PostgreSQL's and of what users make.
 */
const LINES: readonly string[] = [
  `pg_catalog pg_stat_statements v 15001 15002 15003|userid:oid dbid:oid toplevel:bool queryid:int8 query:text
    plans:int8 total_plan_time:float8 min_plan_time:float8 max_plan_time:float8 mean_plan_time:float8
    stddev_plan_time:float8 calls:int8 total_exec_time:float8 min_exec_time:float8 max_exec_time:float8
    mean_exec_time:float8 stddev_exec_time:float8 rows:int8 shared_blks_hit:int8 shared_blks_read:int8
    shared_blks_dirtied:int8 shared_blks_written:int8 local_blks_hit:int8 local_blks_read:int8
    local_blks_dirtied:int8 local_blks_written:int8 temp_blks_read:int8 temp_blks_written:int8 blk_read_time:float8
    blk_write_time:float8 temp_blk_read_time:float8 temp_blk_write_time:float8 wal_records:int8 wal_fpi:int8
    wal_bytes:numeric jit_functions:int8 jit_generation_time:float8 jit_inlining_count:int8
    jit_inlining_time:float8 jit_optimization_count:int8 jit_optimization_time:float8 jit_emission_count:int8
    jit_emission_time:float8`,
  `timescaledb_information hypertables v 15010 15011 15012|hypertable_schema:name hypertable_name:name owner:name
    num_dimensions:int2 num_chunks:int8 compression_enabled:bool tablespaces:_name`,
  `timescaledb_information dimensions v 15013 15014 15015|hypertable_schema:name hypertable_name:name dimension_number:int8
    column_name:name column_type:regtype dimension_type:text time_interval:interval integer_interval:int8
    integer_now_func:name num_partitions:int2`,
  `timescaledb_information chunks v 15016 15017 15018|hypertable_schema:name hypertable_name:name chunk_schema:name
    chunk_name:name primary_dimension:name primary_dimension_type:regtype range_start:timestamptz range_end:timestamptz
    range_start_integer:int8 range_end_integer:int8 is_compressed:bool chunk_tablespace:name data_nodes:_name
    chunk_creation_time:timestamptz`,
  `timescaledb_information jobs v 15019 15020 15021|job_id:int4 application_name:name schedule_interval:interval
    max_runtime:interval max_retries:int4 retry_period:interval proc_schema:name proc_name:name owner:name scheduled:bool
    fixed_schedule:bool config:jsonb next_start:timestamptz initial_start:timestamptz hypertable_schema:name
    hypertable_name:name check_schema:name check_name:name`,
  `timescaledb_information continuous_aggregates v 15022 15023 15024|hypertable_schema:name hypertable_name:name
    view_schema:name view_name:name view_owner:name materialized_only:bool compression_enabled:bool
    materialization_hypertable_schema:name materialization_hypertable_name:name view_definition:text finalized:bool`,
  `tidewire tables v 15030 15031 15032|table_schema:name table_name:name time_column:name tag_columns:_name
    partition_interval:interval row_count:int8 series_count:int8 partition_count:int8 segment_count:int8 size_bytes:int8
    from_line_protocol:bool`,
  `tidewire series v 15033 15034 15035|table_schema:name table_name:name series_id:int8 tags:jsonb`,
  `tidewire segments v 15036 15037 15038|table_schema:name table_name:name segment_id:int8 partition_start:timestamptz
    partition_end:timestamptz row_count:int8 size_bytes:int8 min_lsn:int8 max_lsn:int8 in_memory:bool`,
  `tidewire tags v 15039 15040 15041|table_schema:name table_name:name tag:name distinct_values:int8`,
  `tidewire wal v 15042 15043 15044|next_lsn:int8 durable_lsn:int8 published_lsn:int8 size_bytes:int8 failure:text`,
  `tidewire compactions v 15045 15046 15047|table_schema:name table_name:name partition_start:timestamptz reason:text
    state:text started_at:timestamptz duration:interval input_segments:int4 input_rows:int8 input_bytes:int8
    output_rows:int8 output_bytes:int8`,
];

export const OWN_RELATIONS = LINES.map((line) => line.replace(/\s+/g, ' ')).join('\n');
