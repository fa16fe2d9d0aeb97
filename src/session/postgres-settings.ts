/**
 * PostgreSQL 15's settings that have no meaning here: shown with PostgreSQL's defaults, since drivers and tools read them.
 * Below a category, a setting a line:
 *
 *   name | type: bool, enum, integer, real, string | who changes it: user, superuser, internal, postmaster,
 *   h: on reload, b and B: at connection start | default | unit | least | most | choices
 */
export const POSTGRES_SETTINGS = `
# Autovacuum
autovacuum|b|h|on
autovacuum_analyze_scale_factor|r|h|0.1||0|100
autovacuum_analyze_threshold|i|h|50||0|2147483647
autovacuum_freeze_max_age|i|p|200000000||100000|2000000000
autovacuum_max_workers|i|p|3||1|262143
autovacuum_multixact_freeze_max_age|i|p|400000000||10000|2000000000
autovacuum_naptime|i|h|60|s|1|2147483
autovacuum_vacuum_cost_delay|r|h|2|ms|-1|100
autovacuum_vacuum_cost_limit|i|h|-1||-1|10000
autovacuum_vacuum_insert_scale_factor|r|h|0.2||0|100
autovacuum_vacuum_insert_threshold|i|h|1000||-1|2147483647
autovacuum_vacuum_scale_factor|r|h|0.2||0|100
autovacuum_vacuum_threshold|i|h|50||0|2147483647
# Client Connection Defaults / Locale and Formatting
default_text_search_config|s|u|pg_catalog.english
timezone_abbreviations|s|u|Default
# Client Connection Defaults / Other Defaults
dynamic_library_path|s|s|$libdir
gin_fuzzy_search_limit|i|u|0||0|2147483647
# Client Connection Defaults / Shared Library Preloading
jit_provider|s|p|llvmjit
local_preload_libraries|s|u
session_preload_libraries|s|s
shared_preload_libraries|s|p
# Client Connection Defaults / Statement Behavior
check_function_bodies|b|u|on
default_table_access_method|s|u|heap
default_tablespace|s|u
default_toast_compression|e|u|pglz||||pglz,lz4
gin_pending_list_limit|i|u|4096|kB|64|2147483647
idle_session_timeout|i|u|0|ms|0|2147483647
restrict_nonsystem_relation_kind|s|u
row_security|b|u|on
session_replication_role|e|s|origin||||origin,replica,local
temp_tablespaces|s|u
vacuum_failsafe_age|i|u|1600000000||0|2100000000
vacuum_freeze_min_age|i|u|50000000||0|1000000000
vacuum_freeze_table_age|i|u|150000000||0|2000000000
vacuum_multixact_failsafe_age|i|u|1600000000||0|2100000000
vacuum_multixact_freeze_min_age|i|u|5000000||0|1000000000
vacuum_multixact_freeze_table_age|i|u|150000000||0|2000000000
xmlbinary|e|u|base64||||base64,hex
xmloption|e|u|content||||content,document
# Connections and Authentication / Authentication
authentication_timeout|i|h|60|s|1|600
db_user_namespace|b|h|off
krb_caseins_users|b|h|off
krb_server_keyfile|s|h|FILE:/etc/postgresql-common/krb5.keytab
password_encryption|e|u|scram-sha-256||||md5,scram-sha-256
# Connections and Authentication / Connection Settings
bonjour|b|p|off
bonjour_name|s|p
client_connection_check_interval|i|u|0|ms|0|2147483647
listen_addresses|s|p|localhost
max_connections|i|p|100||1|262143
port|i|p|5432||1|65535
superuser_reserved_connections|i|p|3||0|262143
tcp_keepalives_count|i|u|0||0|2147483647
tcp_keepalives_idle|i|u|0|s|0|2147483647
tcp_keepalives_interval|i|u|0|s|0|2147483647
tcp_user_timeout|i|u|0|ms|0|2147483647
unix_socket_directories|s|p|/var/run/postgresql
unix_socket_group|s|p
unix_socket_permissions|i|p|511||0|511
# Connections and Authentication / SSL
ssl|b|h|off
ssl_ca_file|s|h
ssl_cert_file|s|h|server.crt
ssl_ciphers|s|h|HIGH:MEDIUM:+3DES:!aNULL
ssl_crl_dir|s|h
ssl_crl_file|s|h
ssl_dh_params_file|s|h
ssl_ecdh_curve|s|h|prime256v1
ssl_key_file|s|h|server.key
ssl_max_protocol_version|e|h|||||,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3
ssl_min_protocol_version|e|h|TLSv1.2||||TLSv1,TLSv1.1,TLSv1.2,TLSv1.3
ssl_passphrase_command|s|h
ssl_passphrase_command_supports_reload|b|h|off
ssl_prefer_server_ciphers|b|h|on
# Developer Options
allow_in_place_tablespaces|b|s|off
allow_system_table_mods|b|s|off
backtrace_functions|s|s
debug_discard_caches|i|s|0||0|0
force_parallel_mode|e|u|off||||off,on,regress
ignore_checksum_failure|b|s|off
ignore_invalid_pages|b|p|off
ignore_system_indexes|b|b|off
jit_debugging_support|b|B|off
jit_dump_bitcode|b|s|off
jit_expressions|b|u|on
jit_profiling_support|b|B|off
jit_tuple_deforming|b|u|on
post_auth_delay|i|b|0|s|0|2147
pre_auth_delay|i|h|0|s|0|60
remove_temp_files_after_crash|b|h|on
trace_notify|b|u|off
trace_recovery_messages|e|h|log||||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error
trace_sort|b|u|off
wal_consistency_checking|s|s
zero_damaged_pages|b|s|off
# Error Handling
data_sync_retry|b|p|off
exit_on_error|b|u|off
recovery_init_sync_method|e|h|fsync||||fsync,syncfs
restart_after_crash|b|h|on
# File Locations
config_file|s|p
data_directory|s|p
extension_destdir|s|s
external_pid_file|s|p
hba_file|s|p
ident_file|s|p
# Lock Management
deadlock_timeout|i|s|1000|ms|1|2147483647
max_locks_per_transaction|i|p|64||10|2147483647
max_pred_locks_per_page|i|h|2||0|2147483647
max_pred_locks_per_relation|i|h|-2||-2147483648|2147483647
max_pred_locks_per_transaction|i|p|64||10|2147483647
# Preset Options
block_size|i|i|8192||8192|8192
data_checksums|b|i|off
data_directory_mode|i|i|448||0|511
debug_assertions|b|i|off
max_function_args|i|i|100||100|100
segment_size|i|i|131072|8kB|131072|131072
shared_memory_size|i|i|0|MB|0|2147483647
shared_memory_size_in_huge_pages|i|i|-1||-1|2147483647
ssl_library|s|i|OpenSSL
wal_block_size|i|i|8192||8192|8192
wal_segment_size|i|i|16777216|B|1048576|1073741824
# Query Tuning / Genetic Query Optimizer
geqo|b|u|on
geqo_effort|i|u|5||1|10
geqo_generations|i|u|0||0|2147483647
geqo_pool_size|i|u|0||0|2147483647
geqo_seed|r|u|0||0|1
geqo_selection_bias|r|u|2||1.5|2
geqo_threshold|i|u|12||2|2147483647
# Query Tuning / Other Planner Options
constraint_exclusion|e|u|partition||||partition,on,off
cursor_tuple_fraction|r|u|0.1||0|1
default_statistics_target|i|u|100||1|10000
from_collapse_limit|i|u|8||1|2147483647
jit|b|u|on
join_collapse_limit|i|u|8||1|2147483647
plan_cache_mode|e|u|auto||||auto,force_generic_plan,force_custom_plan
recursive_worktable_factor|r|u|10||0.001|1e+06
# Query Tuning / Planner Cost Constants
cpu_index_tuple_cost|r|u|0.005||0|1.79769e+308
cpu_operator_cost|r|u|0.0025||0|1.79769e+308
cpu_tuple_cost|r|u|0.01||0|1.79769e+308
effective_cache_size|i|u|524288|8kB|1|2147483647
jit_above_cost|r|u|100000||-1|1.79769e+308
jit_inline_above_cost|r|u|500000||-1|1.79769e+308
jit_optimize_above_cost|r|u|500000||-1|1.79769e+308
min_parallel_index_scan_size|i|u|64|8kB|0|715827882
min_parallel_table_scan_size|i|u|1024|8kB|0|715827882
parallel_setup_cost|r|u|1000||0|1.79769e+308
parallel_tuple_cost|r|u|0.1||0|1.79769e+308
random_page_cost|r|u|4||0|1.79769e+308
seq_page_cost|r|u|1||0|1.79769e+308
# Query Tuning / Planner Method Configuration
enable_async_append|b|u|on
enable_bitmapscan|b|u|on
enable_gathermerge|b|u|on
enable_hashagg|b|u|on
enable_hashjoin|b|u|on
enable_incremental_sort|b|u|on
enable_indexonlyscan|b|u|on
enable_indexscan|b|u|on
enable_material|b|u|on
enable_memoize|b|u|on
enable_mergejoin|b|u|on
enable_nestloop|b|u|on
enable_parallel_append|b|u|on
enable_parallel_hash|b|u|on
enable_partition_pruning|b|u|on
enable_partitionwise_aggregate|b|u|off
enable_partitionwise_join|b|u|off
enable_seqscan|b|u|on
enable_sort|b|u|on
enable_tidscan|b|u|on
# Replication / Primary Server
synchronous_standby_names|s|h
vacuum_defer_cleanup_age|i|h|0||0|1000000
# Replication / Sending Servers
max_replication_slots|i|p|10||0|262143
max_slot_wal_keep_size|i|h|-1|MB|-1|2147483647
max_wal_senders|i|p|10||0|262143
track_commit_timestamp|b|p|off
wal_keep_size|i|h|0|MB|0|2147483647
wal_sender_timeout|i|u|60000|ms|0|2147483647
# Replication / Standby Servers
hot_standby|b|p|on
hot_standby_feedback|b|h|off
max_standby_archive_delay|i|h|30000|ms|-1|2147483647
max_standby_streaming_delay|i|h|30000|ms|-1|2147483647
primary_conninfo|s|h
primary_slot_name|s|h
promote_trigger_file|s|h
recovery_min_apply_delay|i|h|0|ms|0|2147483647
wal_receiver_create_temp_slot|b|h|off
wal_receiver_status_interval|i|h|10|s|0|2147483
wal_receiver_timeout|i|h|60000|ms|0|2147483647
wal_retrieve_retry_interval|i|h|5000|ms|1|2147483647
# Replication / Subscribers
max_logical_replication_workers|i|p|4||0|262143
max_sync_workers_per_subscription|i|h|2||0|262143
# Reporting and Logging / Process Title
cluster_name|s|p
update_process_title|b|s|on
# Reporting and Logging / What to Log
debug_pretty_print|b|u|on
debug_print_parse|b|u|off
debug_print_plan|b|u|off
debug_print_rewritten|b|u|off
log_autovacuum_min_duration|i|h|600000|ms|-1|2147483647
log_checkpoints|b|h|on
log_connections|b|B|off
log_disconnections|b|B|off
log_duration|b|s|off
log_error_verbosity|e|s|default||||terse,default,verbose
log_hostname|b|h|off
log_line_prefix|s|h|%m [%p] 
log_lock_waits|b|s|off
log_parameter_max_length|i|s|-1|B|-1|1073741823
log_parameter_max_length_on_error|i|u|0|B|-1|1073741823
log_recovery_conflict_waits|b|h|off
log_replication_commands|b|s|off
log_statement|e|s|none||||none,ddl,mod,all
log_temp_files|i|s|-1|kB|-1|2147483647
log_timezone|s|h|UTC
# Reporting and Logging / When to Log
log_min_duration_sample|i|s|-1|ms|-1|2147483647
log_min_duration_statement|i|s|-1|ms|-1|2147483647
log_min_error_statement|e|s|error||||debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic
log_min_messages|e|s|warning||||debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic
log_startup_progress_interval|i|h|10000|ms|0|2147483647
log_statement_sample_rate|r|s|1||0|1
log_transaction_sample_rate|r|s|0||0|1
# Reporting and Logging / Where to Log
event_source|s|p|PostgreSQL
log_destination|s|h|stderr
log_directory|s|h|log
log_file_mode|i|h|384||0|511
log_filename|s|h|postgresql-%Y-%m-%d_%H%M%S.log
log_rotation_age|i|h|1440|min|0|35791394
log_rotation_size|i|h|10240|kB|0|2097151
log_truncate_on_rotation|b|h|off
logging_collector|b|p|off
syslog_facility|e|h|local0||||local0,local1,local2,local3,local4,local5,local6,local7
syslog_ident|s|h|postgres
syslog_sequence_numbers|b|h|on
syslog_split_messages|b|h|on
# Resource Usage / Asynchronous Behavior
backend_flush_after|i|u|0|8kB|0|256
effective_io_concurrency|i|u|1||0|1000
maintenance_io_concurrency|i|u|10||0|1000
max_parallel_maintenance_workers|i|u|2||0|1024
max_parallel_workers|i|u|8||0|1024
max_parallel_workers_per_gather|i|u|2||0|1024
max_worker_processes|i|p|8||0|262143
old_snapshot_threshold|i|p|-1|min|-1|86400
parallel_leader_participation|b|u|on
# Resource Usage / Background Writer
bgwriter_delay|i|h|200|ms|10|10000
bgwriter_flush_after|i|h|64|8kB|0|256
bgwriter_lru_maxpages|i|h|100||0|1073741823
bgwriter_lru_multiplier|r|h|2||0|10
# Resource Usage / Cost-Based Vacuum Delay
vacuum_cost_delay|r|u|0|ms|0|100
vacuum_cost_limit|i|u|200||1|10000
vacuum_cost_page_dirty|i|u|20||0|10000
vacuum_cost_page_hit|i|u|1||0|10000
vacuum_cost_page_miss|i|u|2||0|10000
# Resource Usage / Disk
temp_file_limit|i|s|-1|kB|-1|2147483647
# Resource Usage / Kernel Resources
max_files_per_process|i|p|1000||64|2147483647
# Resource Usage / Memory
autovacuum_work_mem|i|h|-1|kB|-1|2147483647
dynamic_shared_memory_type|e|p|posix||||posix,sysv,mmap
hash_mem_multiplier|r|u|2||1|1000
huge_page_size|i|p|0|kB|0|2147483647
huge_pages|e|p|try||||off,on,try
logical_decoding_work_mem|i|u|65536|kB|64|2147483647
maintenance_work_mem|i|u|65536|kB|1024|2147483647
max_prepared_transactions|i|p|0||0|262143
max_stack_depth|i|s|2048|kB|100|2147483647
min_dynamic_shared_memory|i|p|0|MB|0|2147483647
shared_buffers|i|p|16384|8kB|16|1073741823
shared_memory_type|e|p|mmap||||sysv,mmap
temp_buffers|i|u|1024|8kB|100|1073741823
work_mem|i|u|4096|kB|64|2147483647
# Statistics / Cumulative Query and Index Statistics
stats_fetch_consistency|e|u|cache||||none,cache,snapshot
track_activities|b|s|on
track_activity_query_size|i|p|1024|B|100|1048576
track_counts|b|s|on
track_functions|e|s|none||||none,pl,all
track_io_timing|b|s|off
track_wal_io_timing|b|s|off
# Statistics / Monitoring
compute_query_id|e|s|auto||||auto,regress,on,off
log_executor_stats|b|s|off
log_parser_stats|b|s|off
log_planner_stats|b|s|off
log_statement_stats|b|s|off
# Version and Platform Compatibility / Other Platforms and Clients
transform_null_equals|b|u|off
# Version and Platform Compatibility / Previous PostgreSQL Versions
array_nulls|b|u|on
backslash_quote|e|u|safe_encoding||||safe_encoding,on,off
lo_compat_privileges|b|s|off
quote_all_identifiers|b|u|off
synchronize_seqscans|b|u|on
# Write-Ahead Log / Archive Recovery
archive_cleanup_command|s|h
recovery_end_command|s|h
restore_command|s|h
# Write-Ahead Log / Archiving
archive_command|s|h
archive_library|s|h
archive_mode|e|p|off||||always,on,off
archive_timeout|i|h|0|s|0|1073741823
# Write-Ahead Log / Checkpoints
checkpoint_completion_target|r|h|0.9||0|1
checkpoint_flush_after|i|h|32|8kB|0|256
checkpoint_timeout|i|h|300|s|30|86400
checkpoint_warning|i|h|30|s|0|2147483647
max_wal_size|i|h|1024|MB|2|2147483647
min_wal_size|i|h|80|MB|2|2147483647
# Write-Ahead Log / Recovery
recovery_prefetch|e|h|try||||off,on,try
wal_decode_buffer_size|i|p|524288|B|65536|1073741823
# Write-Ahead Log / Recovery Target
recovery_target|s|p
recovery_target_action|e|p|pause||||pause,promote,shutdown
recovery_target_inclusive|b|p|on
recovery_target_lsn|s|p
recovery_target_name|s|p
recovery_target_time|s|p
recovery_target_timeline|s|p|latest
recovery_target_xid|s|p
# Write-Ahead Log / Settings
commit_delay|i|s|0||0|100000
commit_siblings|i|u|5||0|1000
fsync|b|h|on
full_page_writes|b|h|on
wal_buffers|i|p|-1|8kB|-1|262143
wal_compression|e|s|off||||pglz,lz4,zstd,on,off
wal_init_zero|b|s|on
wal_level|e|p|replica||||minimal,replica,logical
wal_log_hints|b|p|off
wal_recycle|b|s|on
wal_skip_threshold|i|u|2048|kB|0|2147483647
wal_sync_method|e|h|fdatasync||||fsync,fdatasync,open_sync,open_datasync
wal_writer_delay|i|h|200|ms|1|10000
wal_writer_flush_after|i|h|128|8kB|0|2147483647
`;
