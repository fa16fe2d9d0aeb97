/** Tab-separated. First the names of the columns, then what most rows have there, then the rows, where nothing stands for that; \N is NULL, \e is empty. Written by `npm run catalog-facts` from a PostgreSQL 15. */
export const SETTING_FACTS = `
name	unit	category	context	vartype	min_val	max_val	enumvals
DateStyle	\\N	Client Connection Defaults / Statement Behavior	user	integer	\\N	\\N	\\N
		Client Connection Defaults / Locale and Formatting		string
IntervalStyle		Client Connection Defaults / Locale and Formatting		enum			{postgres,postgres_verbose,sql_standard,iso_8601}
TimeZone		Client Connection Defaults / Locale and Formatting		string
allow_in_place_tablespaces		Developer Options	superuser	bool
allow_system_table_mods		Developer Options	superuser	bool
application_name		Reporting and Logging / What to Log		string
archive_cleanup_command		Write-Ahead Log / Archive Recovery	sighup	string
archive_command		Write-Ahead Log / Archiving	sighup	string
archive_library		Write-Ahead Log / Archiving	sighup	string
archive_mode		Write-Ahead Log / Archiving	postmaster	enum			{always,on,off}
archive_timeout	s	Write-Ahead Log / Archiving	sighup		0	1073741823
array_nulls		Version and Platform Compatibility / Previous PostgreSQL Versions		bool
authentication_timeout	s	Connections and Authentication / Authentication	sighup		1	600
autovacuum		Autovacuum	sighup	bool
autovacuum_analyze_scale_factor		Autovacuum	sighup	real	0	100
autovacuum_analyze_threshold		Autovacuum	sighup		0	2147483647
autovacuum_freeze_max_age		Autovacuum	postmaster		100000	2000000000
autovacuum_max_workers		Autovacuum	postmaster		1	262143
autovacuum_multixact_freeze_max_age		Autovacuum	postmaster		10000	2000000000
autovacuum_naptime	s	Autovacuum	sighup		1	2147483
autovacuum_vacuum_cost_delay	ms	Autovacuum	sighup	real	-1	100
autovacuum_vacuum_cost_limit		Autovacuum	sighup		-1	10000
autovacuum_vacuum_insert_scale_factor		Autovacuum	sighup	real	0	100
autovacuum_vacuum_insert_threshold		Autovacuum	sighup		-1	2147483647
autovacuum_vacuum_scale_factor		Autovacuum	sighup	real	0	100
autovacuum_vacuum_threshold		Autovacuum	sighup		0	2147483647
autovacuum_work_mem	kB	Resource Usage / Memory	sighup		-1	2147483647
backend_flush_after	8kB	Resource Usage / Asynchronous Behavior			0	256
backslash_quote		Version and Platform Compatibility / Previous PostgreSQL Versions		enum			{safe_encoding,on,off}
backtrace_functions		Developer Options	superuser	string
bgwriter_delay	ms	Resource Usage / Background Writer	sighup		10	10000
bgwriter_flush_after	8kB	Resource Usage / Background Writer	sighup		0	256
bgwriter_lru_maxpages		Resource Usage / Background Writer	sighup		0	1073741823
bgwriter_lru_multiplier		Resource Usage / Background Writer	sighup	real	0	10
block_size		Preset Options	internal		8192	8192
bonjour		Connections and Authentication / Connection Settings	postmaster	bool
bonjour_name		Connections and Authentication / Connection Settings	postmaster	string
bytea_output				enum			{escape,hex}
check_function_bodies				bool
checkpoint_completion_target		Write-Ahead Log / Checkpoints	sighup	real	0	1
checkpoint_flush_after	8kB	Write-Ahead Log / Checkpoints	sighup		0	256
checkpoint_timeout	s	Write-Ahead Log / Checkpoints	sighup		30	86400
checkpoint_warning	s	Write-Ahead Log / Checkpoints	sighup		0	2147483647
client_connection_check_interval	ms	Connections and Authentication / Connection Settings			0	2147483647
client_encoding		Client Connection Defaults / Locale and Formatting		string
client_min_messages				enum			{debug5,debug4,debug3,debug2,debug1,log,notice,warning,error}
cluster_name		Reporting and Logging / Process Title	postmaster	string
commit_delay		Write-Ahead Log / Settings	superuser		0	100000
commit_siblings		Write-Ahead Log / Settings			0	1000
compute_query_id		Statistics / Monitoring	superuser	enum			{auto,regress,on,off}
config_file		File Locations	postmaster	string
constraint_exclusion		Query Tuning / Other Planner Options		enum			{partition,on,off}
cpu_index_tuple_cost		Query Tuning / Planner Cost Constants		real	0	1.79769e+308
cpu_operator_cost		Query Tuning / Planner Cost Constants		real	0	1.79769e+308
cpu_tuple_cost		Query Tuning / Planner Cost Constants		real	0	1.79769e+308
cursor_tuple_fraction		Query Tuning / Other Planner Options		real	0	1
data_checksums		Preset Options	internal	bool
data_directory		File Locations	postmaster	string
data_directory_mode		Preset Options	internal		0	511
data_sync_retry		Error Handling	postmaster	bool
db_user_namespace		Connections and Authentication / Authentication	sighup	bool
deadlock_timeout	ms	Lock Management	superuser		1	2147483647
debug_assertions		Preset Options	internal	bool
debug_discard_caches		Developer Options	superuser		0	0
debug_pretty_print		Reporting and Logging / What to Log		bool
debug_print_parse		Reporting and Logging / What to Log		bool
debug_print_plan		Reporting and Logging / What to Log		bool
debug_print_rewritten		Reporting and Logging / What to Log		bool
default_statistics_target		Query Tuning / Other Planner Options			1	10000
default_table_access_method				string
default_tablespace				string
default_text_search_config		Client Connection Defaults / Locale and Formatting		string
default_toast_compression				enum			{pglz,lz4}
default_transaction_deferrable				bool
default_transaction_isolation				enum			{serializable,"repeatable read","read committed","read uncommitted"}
default_transaction_read_only				bool
dynamic_library_path		Client Connection Defaults / Other Defaults	superuser	string
dynamic_shared_memory_type		Resource Usage / Memory	postmaster	enum			{posix,sysv,mmap}
effective_cache_size	8kB	Query Tuning / Planner Cost Constants			1	2147483647
effective_io_concurrency		Resource Usage / Asynchronous Behavior			0	1000
enable_async_append		Query Tuning / Planner Method Configuration		bool
enable_bitmapscan		Query Tuning / Planner Method Configuration		bool
enable_gathermerge		Query Tuning / Planner Method Configuration		bool
enable_hashagg		Query Tuning / Planner Method Configuration		bool
enable_hashjoin		Query Tuning / Planner Method Configuration		bool
enable_incremental_sort		Query Tuning / Planner Method Configuration		bool
enable_indexonlyscan		Query Tuning / Planner Method Configuration		bool
enable_indexscan		Query Tuning / Planner Method Configuration		bool
enable_material		Query Tuning / Planner Method Configuration		bool
enable_memoize		Query Tuning / Planner Method Configuration		bool
enable_mergejoin		Query Tuning / Planner Method Configuration		bool
enable_nestloop		Query Tuning / Planner Method Configuration		bool
enable_parallel_append		Query Tuning / Planner Method Configuration		bool
enable_parallel_hash		Query Tuning / Planner Method Configuration		bool
enable_partition_pruning		Query Tuning / Planner Method Configuration		bool
enable_partitionwise_aggregate		Query Tuning / Planner Method Configuration		bool
enable_partitionwise_join		Query Tuning / Planner Method Configuration		bool
enable_seqscan		Query Tuning / Planner Method Configuration		bool
enable_sort		Query Tuning / Planner Method Configuration		bool
enable_tidscan		Query Tuning / Planner Method Configuration		bool
escape_string_warning		Version and Platform Compatibility / Previous PostgreSQL Versions		bool
event_source		Reporting and Logging / Where to Log	postmaster	string
exit_on_error		Error Handling		bool
extension_destdir		File Locations	superuser	string
external_pid_file		File Locations	postmaster	string
extra_float_digits		Client Connection Defaults / Locale and Formatting			-15	3
force_parallel_mode		Developer Options		enum			{off,on,regress}
from_collapse_limit		Query Tuning / Other Planner Options			1	2147483647
fsync		Write-Ahead Log / Settings	sighup	bool
full_page_writes		Write-Ahead Log / Settings	sighup	bool
geqo		Query Tuning / Genetic Query Optimizer		bool
geqo_effort		Query Tuning / Genetic Query Optimizer			1	10
geqo_generations		Query Tuning / Genetic Query Optimizer			0	2147483647
geqo_pool_size		Query Tuning / Genetic Query Optimizer			0	2147483647
geqo_seed		Query Tuning / Genetic Query Optimizer		real	0	1
geqo_selection_bias		Query Tuning / Genetic Query Optimizer		real	1.5	2
geqo_threshold		Query Tuning / Genetic Query Optimizer			2	2147483647
gin_fuzzy_search_limit		Client Connection Defaults / Other Defaults			0	2147483647
gin_pending_list_limit	kB				64	2147483647
hash_mem_multiplier		Resource Usage / Memory		real	1	1000
hba_file		File Locations	postmaster	string
hot_standby		Replication / Standby Servers	postmaster	bool
hot_standby_feedback		Replication / Standby Servers	sighup	bool
huge_page_size	kB	Resource Usage / Memory	postmaster		0	2147483647
huge_pages		Resource Usage / Memory	postmaster	enum			{off,on,try}
ident_file		File Locations	postmaster	string
idle_in_transaction_session_timeout	ms				0	2147483647
idle_session_timeout	ms				0	2147483647
ignore_checksum_failure		Developer Options	superuser	bool
ignore_invalid_pages		Developer Options	postmaster	bool
ignore_system_indexes		Developer Options	backend	bool
in_hot_standby		Preset Options	internal	bool
integer_datetimes		Preset Options	internal	bool
jit		Query Tuning / Other Planner Options		bool
jit_above_cost		Query Tuning / Planner Cost Constants		real	-1	1.79769e+308
jit_debugging_support		Developer Options	superuser-backend	bool
jit_dump_bitcode		Developer Options	superuser	bool
jit_expressions		Developer Options		bool
jit_inline_above_cost		Query Tuning / Planner Cost Constants		real	-1	1.79769e+308
jit_optimize_above_cost		Query Tuning / Planner Cost Constants		real	-1	1.79769e+308
jit_profiling_support		Developer Options	superuser-backend	bool
jit_provider		Client Connection Defaults / Shared Library Preloading	postmaster	string
jit_tuple_deforming		Developer Options		bool
join_collapse_limit		Query Tuning / Other Planner Options			1	2147483647
krb_caseins_users		Connections and Authentication / Authentication	sighup	bool
krb_server_keyfile		Connections and Authentication / Authentication	sighup	string
lc_collate		Preset Options	internal	string
lc_ctype		Preset Options	internal	string
lc_messages		Client Connection Defaults / Locale and Formatting	superuser	string
lc_monetary		Client Connection Defaults / Locale and Formatting		string
lc_numeric		Client Connection Defaults / Locale and Formatting		string
lc_time		Client Connection Defaults / Locale and Formatting		string
listen_addresses		Connections and Authentication / Connection Settings	postmaster	string
lo_compat_privileges		Version and Platform Compatibility / Previous PostgreSQL Versions	superuser	bool
local_preload_libraries		Client Connection Defaults / Shared Library Preloading		string
lock_timeout	ms				0	2147483647
log_autovacuum_min_duration	ms	Reporting and Logging / What to Log	sighup		-1	2147483647
log_checkpoints		Reporting and Logging / What to Log	sighup	bool
log_connections		Reporting and Logging / What to Log	superuser-backend	bool
log_destination		Reporting and Logging / Where to Log	sighup	string
log_directory		Reporting and Logging / Where to Log	sighup	string
log_disconnections		Reporting and Logging / What to Log	superuser-backend	bool
log_duration		Reporting and Logging / What to Log	superuser	bool
log_error_verbosity		Reporting and Logging / What to Log	superuser	enum			{terse,default,verbose}
log_executor_stats		Statistics / Monitoring	superuser	bool
log_file_mode		Reporting and Logging / Where to Log	sighup		0	511
log_filename		Reporting and Logging / Where to Log	sighup	string
log_hostname		Reporting and Logging / What to Log	sighup	bool
log_line_prefix		Reporting and Logging / What to Log	sighup	string
log_lock_waits		Reporting and Logging / What to Log	superuser	bool
log_min_duration_sample	ms	Reporting and Logging / When to Log	superuser		-1	2147483647
log_min_duration_statement	ms	Reporting and Logging / When to Log	superuser		-1	2147483647
log_min_error_statement		Reporting and Logging / When to Log	superuser	enum			{debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic}
log_min_messages		Reporting and Logging / When to Log	superuser	enum			{debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic}
log_parameter_max_length	B	Reporting and Logging / What to Log	superuser		-1	1073741823
log_parameter_max_length_on_error	B	Reporting and Logging / What to Log			-1	1073741823
log_parser_stats		Statistics / Monitoring	superuser	bool
log_planner_stats		Statistics / Monitoring	superuser	bool
log_recovery_conflict_waits		Reporting and Logging / What to Log	sighup	bool
log_replication_commands		Reporting and Logging / What to Log	superuser	bool
log_rotation_age	min	Reporting and Logging / Where to Log	sighup		0	35791394
log_rotation_size	kB	Reporting and Logging / Where to Log	sighup		0	2097151
log_startup_progress_interval	ms	Reporting and Logging / When to Log	sighup		0	2147483647
log_statement		Reporting and Logging / What to Log	superuser	enum			{none,ddl,mod,all}
log_statement_sample_rate		Reporting and Logging / When to Log	superuser	real	0	1
log_statement_stats		Statistics / Monitoring	superuser	bool
log_temp_files	kB	Reporting and Logging / What to Log	superuser		-1	2147483647
log_timezone		Reporting and Logging / What to Log	sighup	string
log_transaction_sample_rate		Reporting and Logging / When to Log	superuser	real	0	1
log_truncate_on_rotation		Reporting and Logging / Where to Log	sighup	bool
logging_collector		Reporting and Logging / Where to Log	postmaster	bool
logical_decoding_work_mem	kB	Resource Usage / Memory			64	2147483647
maintenance_io_concurrency		Resource Usage / Asynchronous Behavior			0	1000
maintenance_work_mem	kB	Resource Usage / Memory			1024	2147483647
max_connections		Connections and Authentication / Connection Settings	postmaster		1	262143
max_files_per_process		Resource Usage / Kernel Resources	postmaster		64	2147483647
max_function_args		Preset Options	internal		100	100
max_identifier_length		Preset Options	internal		63	63
max_index_keys		Preset Options	internal		32	32
max_locks_per_transaction		Lock Management	postmaster		10	2147483647
max_logical_replication_workers		Replication / Subscribers	postmaster		0	262143
max_parallel_maintenance_workers		Resource Usage / Asynchronous Behavior			0	1024
max_parallel_workers		Resource Usage / Asynchronous Behavior			0	1024
max_parallel_workers_per_gather		Resource Usage / Asynchronous Behavior			0	1024
max_pred_locks_per_page		Lock Management	sighup		0	2147483647
max_pred_locks_per_relation		Lock Management	sighup		-2147483648	2147483647
max_pred_locks_per_transaction		Lock Management	postmaster		10	2147483647
max_prepared_transactions		Resource Usage / Memory	postmaster		0	262143
max_replication_slots		Replication / Sending Servers	postmaster		0	262143
max_slot_wal_keep_size	MB	Replication / Sending Servers	sighup		-1	2147483647
max_stack_depth	kB	Resource Usage / Memory	superuser		100	2147483647
max_standby_archive_delay	ms	Replication / Standby Servers	sighup		-1	2147483647
max_standby_streaming_delay	ms	Replication / Standby Servers	sighup		-1	2147483647
max_sync_workers_per_subscription		Replication / Subscribers	sighup		0	262143
max_wal_senders		Replication / Sending Servers	postmaster		0	262143
max_wal_size	MB	Write-Ahead Log / Checkpoints	sighup		2	2147483647
max_worker_processes		Resource Usage / Asynchronous Behavior	postmaster		0	262143
min_dynamic_shared_memory	MB	Resource Usage / Memory	postmaster		0	2147483647
min_parallel_index_scan_size	8kB	Query Tuning / Planner Cost Constants			0	715827882
min_parallel_table_scan_size	8kB	Query Tuning / Planner Cost Constants			0	715827882
min_wal_size	MB	Write-Ahead Log / Checkpoints	sighup		2	2147483647
old_snapshot_threshold	min	Resource Usage / Asynchronous Behavior	postmaster		-1	86400
parallel_leader_participation		Resource Usage / Asynchronous Behavior		bool
parallel_setup_cost		Query Tuning / Planner Cost Constants		real	0	1.79769e+308
parallel_tuple_cost		Query Tuning / Planner Cost Constants		real	0	1.79769e+308
password_encryption		Connections and Authentication / Authentication		enum			{md5,scram-sha-256}
plan_cache_mode		Query Tuning / Other Planner Options		enum			{auto,force_generic_plan,force_custom_plan}
port		Connections and Authentication / Connection Settings	postmaster		1	65535
post_auth_delay	s	Developer Options	backend		0	2147
pre_auth_delay	s	Developer Options	sighup		0	60
primary_conninfo		Replication / Standby Servers	sighup	string
primary_slot_name		Replication / Standby Servers	sighup	string
promote_trigger_file		Replication / Standby Servers	sighup	string
quote_all_identifiers		Version and Platform Compatibility / Previous PostgreSQL Versions		bool
random_page_cost		Query Tuning / Planner Cost Constants		real	0	1.79769e+308
recovery_end_command		Write-Ahead Log / Archive Recovery	sighup	string
recovery_init_sync_method		Error Handling	sighup	enum			{fsync,syncfs}
recovery_min_apply_delay	ms	Replication / Standby Servers	sighup		0	2147483647
recovery_prefetch		Write-Ahead Log / Recovery	sighup	enum			{off,on,try}
recovery_target		Write-Ahead Log / Recovery Target	postmaster	string
recovery_target_action		Write-Ahead Log / Recovery Target	postmaster	enum			{pause,promote,shutdown}
recovery_target_inclusive		Write-Ahead Log / Recovery Target	postmaster	bool
recovery_target_lsn		Write-Ahead Log / Recovery Target	postmaster	string
recovery_target_name		Write-Ahead Log / Recovery Target	postmaster	string
recovery_target_time		Write-Ahead Log / Recovery Target	postmaster	string
recovery_target_timeline		Write-Ahead Log / Recovery Target	postmaster	string
recovery_target_xid		Write-Ahead Log / Recovery Target	postmaster	string
recursive_worktable_factor		Query Tuning / Other Planner Options		real	0.001	1e+06
remove_temp_files_after_crash		Developer Options	sighup	bool
restart_after_crash		Error Handling	sighup	bool
restore_command		Write-Ahead Log / Archive Recovery	sighup	string
restrict_nonsystem_relation_kind				string
row_security				bool
search_path				string
segment_size	8kB	Preset Options	internal		131072	131072
seq_page_cost		Query Tuning / Planner Cost Constants		real	0	1.79769e+308
server_encoding		Preset Options	internal	string
server_version		Preset Options	internal	string
server_version_num		Preset Options	internal		150018	150018
session_preload_libraries		Client Connection Defaults / Shared Library Preloading	superuser	string
session_replication_role			superuser	enum			{origin,replica,local}
shared_buffers	8kB	Resource Usage / Memory	postmaster		16	1073741823
shared_memory_size	MB	Preset Options	internal		0	2147483647
shared_memory_size_in_huge_pages		Preset Options	internal		-1	2147483647
shared_memory_type		Resource Usage / Memory	postmaster	enum			{sysv,mmap}
shared_preload_libraries		Client Connection Defaults / Shared Library Preloading	postmaster	string
ssl		Connections and Authentication / SSL	sighup	bool
ssl_ca_file		Connections and Authentication / SSL	sighup	string
ssl_cert_file		Connections and Authentication / SSL	sighup	string
ssl_ciphers		Connections and Authentication / SSL	sighup	string
ssl_crl_dir		Connections and Authentication / SSL	sighup	string
ssl_crl_file		Connections and Authentication / SSL	sighup	string
ssl_dh_params_file		Connections and Authentication / SSL	sighup	string
ssl_ecdh_curve		Connections and Authentication / SSL	sighup	string
ssl_key_file		Connections and Authentication / SSL	sighup	string
ssl_library		Preset Options	internal	string
ssl_max_protocol_version		Connections and Authentication / SSL	sighup	enum			{"",TLSv1,TLSv1.1,TLSv1.2,TLSv1.3}
ssl_min_protocol_version		Connections and Authentication / SSL	sighup	enum			{TLSv1,TLSv1.1,TLSv1.2,TLSv1.3}
ssl_passphrase_command		Connections and Authentication / SSL	sighup	string
ssl_passphrase_command_supports_reload		Connections and Authentication / SSL	sighup	bool
ssl_prefer_server_ciphers		Connections and Authentication / SSL	sighup	bool
standard_conforming_strings		Version and Platform Compatibility / Previous PostgreSQL Versions		bool
statement_timeout	ms				0	2147483647
stats_fetch_consistency		Statistics / Cumulative Query and Index Statistics		enum			{none,cache,snapshot}
superuser_reserved_connections		Connections and Authentication / Connection Settings	postmaster		0	262143
synchronize_seqscans		Version and Platform Compatibility / Previous PostgreSQL Versions		bool
synchronous_commit		Write-Ahead Log / Settings		enum			{local,remote_write,remote_apply,on,off}
synchronous_standby_names		Replication / Primary Server	sighup	string
syslog_facility		Reporting and Logging / Where to Log	sighup	enum			{local0,local1,local2,local3,local4,local5,local6,local7}
syslog_ident		Reporting and Logging / Where to Log	sighup	string
syslog_sequence_numbers		Reporting and Logging / Where to Log	sighup	bool
syslog_split_messages		Reporting and Logging / Where to Log	sighup	bool
tcp_keepalives_count		Connections and Authentication / Connection Settings			0	2147483647
tcp_keepalives_idle	s	Connections and Authentication / Connection Settings			0	2147483647
tcp_keepalives_interval	s	Connections and Authentication / Connection Settings			0	2147483647
tcp_user_timeout	ms	Connections and Authentication / Connection Settings			0	2147483647
temp_buffers	8kB	Resource Usage / Memory			100	1073741823
temp_file_limit	kB	Resource Usage / Disk	superuser		-1	2147483647
temp_tablespaces				string
timezone_abbreviations		Client Connection Defaults / Locale and Formatting		string
trace_notify		Developer Options		bool
trace_recovery_messages		Developer Options	sighup	enum			{debug5,debug4,debug3,debug2,debug1,log,notice,warning,error}
trace_sort		Developer Options		bool
track_activities		Statistics / Cumulative Query and Index Statistics	superuser	bool
track_activity_query_size	B	Statistics / Cumulative Query and Index Statistics	postmaster		100	1048576
track_commit_timestamp		Replication / Sending Servers	postmaster	bool
track_counts		Statistics / Cumulative Query and Index Statistics	superuser	bool
track_functions		Statistics / Cumulative Query and Index Statistics	superuser	enum			{none,pl,all}
track_io_timing		Statistics / Cumulative Query and Index Statistics	superuser	bool
track_wal_io_timing		Statistics / Cumulative Query and Index Statistics	superuser	bool
transaction_deferrable				bool
transaction_isolation				enum			{serializable,"repeatable read","read committed","read uncommitted"}
transaction_read_only				bool
transform_null_equals		Version and Platform Compatibility / Other Platforms and Clients		bool
unix_socket_directories		Connections and Authentication / Connection Settings	postmaster	string
unix_socket_group		Connections and Authentication / Connection Settings	postmaster	string
unix_socket_permissions		Connections and Authentication / Connection Settings	postmaster		0	511
update_process_title		Reporting and Logging / Process Title	superuser	bool
vacuum_cost_delay	ms	Resource Usage / Cost-Based Vacuum Delay		real	0	100
vacuum_cost_limit		Resource Usage / Cost-Based Vacuum Delay			1	10000
vacuum_cost_page_dirty		Resource Usage / Cost-Based Vacuum Delay			0	10000
vacuum_cost_page_hit		Resource Usage / Cost-Based Vacuum Delay			0	10000
vacuum_cost_page_miss		Resource Usage / Cost-Based Vacuum Delay			0	10000
vacuum_defer_cleanup_age		Replication / Primary Server	sighup		0	1000000
vacuum_failsafe_age					0	2100000000
vacuum_freeze_min_age					0	1000000000
vacuum_freeze_table_age					0	2000000000
vacuum_multixact_failsafe_age					0	2100000000
vacuum_multixact_freeze_min_age					0	1000000000
vacuum_multixact_freeze_table_age					0	2000000000
wal_block_size		Preset Options	internal		8192	8192
wal_buffers	8kB	Write-Ahead Log / Settings	postmaster		-1	262143
wal_compression		Write-Ahead Log / Settings	superuser	enum			{pglz,lz4,zstd,on,off}
wal_consistency_checking		Developer Options	superuser	string
wal_decode_buffer_size	B	Write-Ahead Log / Recovery	postmaster		65536	1073741823
wal_init_zero		Write-Ahead Log / Settings	superuser	bool
wal_keep_size	MB	Replication / Sending Servers	sighup		0	2147483647
wal_level		Write-Ahead Log / Settings	postmaster	enum			{minimal,replica,logical}
wal_log_hints		Write-Ahead Log / Settings	postmaster	bool
wal_receiver_create_temp_slot		Replication / Standby Servers	sighup	bool
wal_receiver_status_interval	s	Replication / Standby Servers	sighup		0	2147483
wal_receiver_timeout	ms	Replication / Standby Servers	sighup		0	2147483647
wal_recycle		Write-Ahead Log / Settings	superuser	bool
wal_retrieve_retry_interval	ms	Replication / Standby Servers	sighup		1	2147483647
wal_segment_size	B	Preset Options	internal		1048576	1073741824
wal_sender_timeout	ms	Replication / Sending Servers			0	2147483647
wal_skip_threshold	kB	Write-Ahead Log / Settings			0	2147483647
wal_sync_method		Write-Ahead Log / Settings	sighup	enum			{fsync,fdatasync,open_sync,open_datasync}
wal_writer_delay	ms	Write-Ahead Log / Settings	sighup		1	10000
wal_writer_flush_after	8kB	Write-Ahead Log / Settings	sighup		0	2147483647
work_mem	kB	Resource Usage / Memory			64	2147483647
xmlbinary				enum			{base64,hex}
xmloption				enum			{content,document}
zero_damaged_pages		Developer Options	superuser	bool
`;
