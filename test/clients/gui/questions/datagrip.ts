import type { Tool } from '../question.ts';

/** Whose state is newer than the one that the tool knows. */
const CHANGED = (xmin: string, known: string): string =>
  `pg_catalog.age(${xmin}) <= coalesce(nullif(greatest(pg_catalog.age(${known}::varchar::xid), -1), -1), 2147483647)`;

/** DataGrip and the other IDEs of JetBrains: how they look through a database, level by level. */
export const datagrip: Tool = {
  name: 'DataGrip',
  questions: [
    {
      name: 'when the server was started',
      sql: "SELECT round(extract(epoch FROM pg_postmaster_start_time() AT TIME ZONE 'UTC')) > 0 AS started",
    },
    {
      name: 'the number of the current transaction',
      sql: `SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL
                        ELSE (pg_catalog.txid_current() % (2 ^ 32)::bigint)::varchar::bigint END > 0 AS current_txid`,
    },
    {
      name: 'the oldest transaction that holds a lock',
      sql: `SELECT l.transactionid::varchar::bigint AS transaction_id FROM pg_catalog.pg_locks l
             WHERE l.transactionid IS NOT NULL AND l.pid <> pg_backend_pid()
             ORDER BY pg_catalog.age(l.transactionid) DESC LIMIT 1`,
    },
    { name: 'how dates are written', sql: 'show DateStyle' },
    {
      name: 'names of time zones',
      sql: `SELECT z.name, z.is_dst FROM pg_catalog.pg_timezone_names z WHERE z.name IN ($1, 'UTC')
             UNION DISTINCT
            SELECT a.abbrev, a.is_dst FROM pg_catalog.pg_timezone_abbrevs a WHERE a.abbrev = $2 ORDER BY 1`,
      values: ['Asia/Tokyo', 'CET'],
    },
    {
      name: 'databases',
      sql: `SELECT d.oid::bigint AS id, d.datname AS name, d.datistemplate AS is_template, d.datallowconn AS allow_connections,
                   pg_catalog.pg_get_userbyid(d.datdba) AS owner, s.description, d.datacl::varchar[] AS acl
              FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_shdescription s ON d.oid = s.objoid
             WHERE d.datname = current_database() ORDER BY CASE WHEN d.datname = pg_catalog.current_database() THEN -1::bigint
                                                               ELSE d.oid::bigint END`,
    },
    {
      name: 'schemas',
      sql: `SELECT n.oid::bigint AS id, n.xmin::text::bigint > 0 AS has_state, n.nspname AS name, d.description,
                   pg_catalog.pg_get_userbyid(n.nspowner) AS "owner"
              FROM pg_catalog.pg_namespace n
              LEFT JOIN pg_catalog.pg_description d ON n.oid = d.objoid AND d.classoid = 'pg_catalog.pg_namespace'::regclass
             WHERE n.nspname = ANY ($1::varchar[]) ORDER BY CASE WHEN n.nspname = pg_catalog.current_schema() THEN -1 ELSE 0 END, name`,
      values: ['{public,lab,information_schema}'],
    },
    {
      name: 'roles and what is set for them',
      sql: `SELECT r.rolname AS name, r.rolsuper AS is_super, r.rolinherit AS is_inherit, r.rolcreaterole AS can_createrole,
                   r.rolcreatedb AS can_createdb, r.rolcanlogin AS can_login, r.rolreplication AS is_replication,
                   r.rolconnlimit AS conn_limit, r.rolvaliduntil AS valid_until, r.rolbypassrls AS bypass_rls, r.rolconfig AS config,
                   d.description
              FROM pg_catalog.pg_roles r LEFT JOIN pg_catalog.pg_shdescription d ON d.objoid = r.oid
             WHERE r.rolname = $1`,
      values: ['postgres'],
    },
    {
      name: 'who is a member of what',
      sql: `SELECT m.member AS id, m.roleid AS role_id, m.admin_option FROM pg_catalog.pg_auth_members m
             WHERE m.member >= 16384 ORDER BY id, m.roleid::text`,
    },
    {
      name: 'tablespaces',
      sql: `SELECT t.oid::bigint AS id, t.spcname AS name, t.xmin::text::bigint > 0 AS has_state,
                   pg_catalog.pg_get_userbyid(t.spcowner) AS owner, pg_catalog.pg_tablespace_location(t.oid) AS location,
                   t.spcoptions AS options, d.description AS comment
              FROM pg_catalog.pg_tablespace t LEFT JOIN pg_catalog.pg_shdescription d ON d.objoid = t.oid ORDER BY id`,
    },
    {
      name: 'access methods',
      sql: `SELECT a.oid AS access_method_id, a.xmin::text::bigint > 0 AS has_state, a.amname, a.amhandler::oid AS handler_id,
                   pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname) AS handler_name, a.amtype
              FROM pg_catalog.pg_am a JOIN pg_catalog.pg_proc p ON a.amhandler::oid = p.oid
              JOIN pg_catalog.pg_namespace n ON p.pronamespace = n.oid
             WHERE a.amname IN ('heap', 'btree', 'hash') ORDER BY a.amname`,
    },
    {
      name: 'casts of the user',
      sql: `SELECT c.oid, c.xmin AS state_number, c.castsource AS source_id, c.casttarget AS target_id, c.castfunc AS function_id,
                   c.castcontext, c.castmethod
              FROM pg_catalog.pg_cast c WHERE c.oid > $1 AND ${CHANGED('c.xmin', '$2')}`,
      values: ['16384', '3'],
    },
    {
      name: 'casts of a type',
      sql: `SELECT pg_catalog.format_type(c.castsource, NULL) AS source, pg_catalog.format_type(c.casttarget, NULL) AS target,
                   c.castcontext, c.castmethod
              FROM pg_catalog.pg_cast c WHERE c.castsource = 'int4'::regtype AND c.casttarget IN (20, 21, 701, 1700) ORDER BY 2`,
    },
    {
      name: 'languages',
      sql: `SELECT l.oid AS id, l.lanname AS name, l.lanpltrusted AS trusted, h.proname AS handler, v.proname AS validator
              FROM pg_catalog.pg_language l LEFT JOIN pg_catalog.pg_proc h ON h.oid = l.lanplcallfoid
              LEFT JOIN pg_catalog.pg_proc v ON v.oid = l.lanvalidator
             WHERE l.lanname IN ('internal', 'c', 'sql') ORDER BY lanname`,
    },
    {
      name: 'extensions, and what else there is of them',
      sql: `SELECT e.oid AS id, e.extname AS name, e.extversion AS version, e.extnamespace AS schema_id, n.nspname AS schema_name,
                   array(SELECT x.version FROM pg_catalog.pg_available_extension_versions() x(name, version)
                          WHERE x.name = e.extname AND x.version > e.extversion) AS available_updates
              FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON e.extnamespace = n.oid
             WHERE e.extname = $1`,
      values: ['hstore'],
    },
    {
      name: 'collations',
      sql: `SELECT c.oid AS id, c.collname AS name, c.collcollate AS lc_collate, c.collctype AS lc_ctype, c.collprovider
              FROM pg_catalog.pg_collation c WHERE c.collname IN ('C', 'POSIX', 'default') ORDER BY c.collname`,
    },
    {
      name: 'event triggers',
      sql: `SELECT t.oid AS id, t.xmin AS state_number, t.evtname AS name, t.evtevent AS event, t.evtfoid AS routine_id,
                   pg_catalog.pg_get_userbyid(t.evtowner) AS owner, t.evttags AS tags, t.evtenabled
              FROM pg_catalog.pg_event_trigger t WHERE ${CHANGED('t.xmin', '$1')}`,
      values: ['0'],
    },
    {
      name: 'foreign-data wrappers, servers and their users',
      sql: `SELECT f.oid AS id, f.fdwname AS name, f.fdwoptions AS options FROM pg_catalog.pg_foreign_data_wrapper f
             UNION ALL SELECT s.oid, s.srvname, s.srvoptions FROM pg_catalog.pg_foreign_server s
             UNION ALL SELECT u.oid, r.rolname, u.umoptions FROM pg_catalog.pg_user_mapping u
                         LEFT JOIN pg_catalog.pg_roles r ON u.umuser = r.oid`,
    },
    {
      name: 'types of a schema',
      sql: `SELECT t.oid AS type_id, t.xmin::text::bigint > 0 AS has_state, t.typname AS type_name, t.typtype AS type_sub_kind,
                   t.typcategory AS type_category, t.typrelid AS class_id, t.typbasetype AS base_type_id,
                   CASE WHEN t.typtype IN ('c', 'e') THEN NULL ELSE pg_catalog.format_type(t.typbasetype, t.typtypmod) END AS type_def,
                   t.typndims AS dimensions_number, t.typdefault AS default_expression, t.typnotnull AS mandatory,
                   pg_catalog.pg_get_userbyid(t.typowner) AS owner
              FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_class c ON t.typrelid = c.oid
             WHERE t.typnamespace = $1::oid AND ${CHANGED('t.xmin', '$2')}
               AND (t.typtype IN ('d', 'e') OR c.relkind = 'c'::"char"
                    OR (t.typtype = 'b' AND (t.typelem = 0 OR t.typcategory <> 'A')) OR t.typtype = 'p' AND NOT t.typisdefined)
             ORDER BY 1`,
      values: ['@schema public', '0'],
    },
    {
      name: 'types that are arrays by what reads them',
      sql: `SELECT t.typname, e.typname AS element FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type e ON t.typelem = e.oid
             WHERE t.typinput = 'array_in'::regproc AND e.typname IN ('int4', 'text', $1) ORDER BY 1`,
      values: ['pay'],
    },
    {
      name: 'labels of enums',
      sql: `SELECT t.oid AS enum_id, pg_catalog.array_agg(e.enumlabel::varchar ORDER BY e.enumsortorder)::varchar AS enum_labels
              FROM pg_catalog.pg_type t JOIN pg_catalog.pg_enum e ON t.oid = e.enumtypid
             WHERE t.typnamespace = $1::oid GROUP BY t.oid`,
      values: ['@schema public'],
    },
    {
      name: 'tables and views of a schema',
      sql: `SELECT t.relkind AS table_kind, t.relname AS table_name, t.oid AS table_id, t.xmin::text::bigint > 0 AS has_state,
                   t.reltablespace AS tablespace_id, t.reloptions AS options, t.relpersistence AS persistence,
                   (SELECT pg_catalog.array_agg(i.inhparent::bigint ORDER BY i.inhseqno)::varchar FROM pg_catalog.pg_inherits i
                     WHERE t.oid = i.inhrelid) AS ancestors,
                   (SELECT pg_catalog.array_agg(i.inhrelid::bigint ORDER BY i.inhrelid)::varchar FROM pg_catalog.pg_inherits i
                     WHERE t.oid = i.inhparent) AS successors,
                   t.relispartition AS is_partition, pg_catalog.pg_get_partkeydef(t.oid) AS partition_key,
                   pg_catalog.pg_get_expr(t.relpartbound, t.oid) AS partition_expression, t.relam AS am_id,
                   pg_catalog.pg_get_userbyid(t.relowner) AS owner
              FROM pg_catalog.pg_class t
             WHERE t.relnamespace = $1::oid AND t.relkind IN ('r', 'm', 'v', 'f', 'p') AND ${CHANGED('t.xmin', '$2')}
             ORDER BY table_kind, table_name`,
      values: ['@schema public', '0'],
    },
    {
      name: 'what is there of each kind',
      sql: `SELECT translate(c.relkind, 'rmvpfS', 'rmvrfS')::"char" AS kind, c.relname AS name, pg_catalog.pg_get_userbyid(c.relowner) AS owner
              FROM pg_catalog.pg_class c WHERE c.relnamespace = $1::oid AND c.relkind IN ('r', 'm', 'v', 'p', 'f', 'S')
             UNION ALL
            SELECT 'T'::"char", t.typname, pg_catalog.pg_get_userbyid(t.typowner) FROM pg_catalog.pg_type t
              LEFT OUTER JOIN pg_catalog.pg_class c ON t.typrelid = c.oid
             WHERE t.typnamespace = $2::oid AND (t.typtype IN ('d', 'e') OR c.relkind = 'c')
             UNION ALL
            SELECT 'C'::"char", l.collname, pg_catalog.pg_get_userbyid(l.collowner) FROM pg_catalog.pg_collation l WHERE l.collnamespace = $3::oid
             UNION ALL
            SELECT 'O'::"char", o.oprname, pg_catalog.pg_get_userbyid(o.oprowner) FROM pg_catalog.pg_operator o WHERE o.oprnamespace = $4::oid
             UNION ALL
            SELECT 'F'::"char", p.proname, pg_catalog.pg_get_userbyid(p.proowner) FROM pg_catalog.pg_proc p WHERE p.pronamespace = $5::oid
             ORDER BY 1, 2`,
      values: ['@schema lab', '@schema lab', '@schema lab', '@schema lab', '@schema lab'],
    },
    {
      name: 'sequences of a schema',
      sql: `SELECT c.relname AS sequence_name, c.oid AS sequence_id, q.seqstart AS start_value, q.seqincrement AS inc_value,
                   q.seqmin AS min_value, q.seqmax AS max_value, q.seqcache AS cache_size, q.seqcycle AS cycle_option,
                   pg_catalog.format_type(q.seqtypid, NULL) AS data_type, d.refobjid AS table_id, d.refobjsubid AS column_position, d.deptype
              FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON q.seqrelid = c.oid
              LEFT JOIN pg_catalog.pg_depend d ON d.objid = c.oid AND d.deptype IN ('a', 'i')
                AND d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
             WHERE c.relnamespace IN ($1::oid, $2::oid) ORDER BY sequence_name`,
      values: ['@schema public', '@schema lab'],
    },
    {
      name: 'columns of a schema',
      sql: `WITH t AS (SELECT c.oid AS table_id, c.relname AS table_name FROM pg_catalog.pg_class c
                        WHERE c.relkind IN ('r', 'm', 'v', 'f', 'p') AND c.relnamespace = $1::oid)
            SELECT t.table_id, a.attnum AS column_position, a.attname AS column_name, a.xmin::text::bigint > 0 AS has_state,
                   a.atttypmod AS type_mod, a.attndims AS dimensions_number, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type_spec,
                   a.atttypid AS type_id, a.attnotnull AS mandatory, pg_catalog.pg_get_expr(d.adbin, t.table_id) AS column_default_expression,
                   NOT a.attislocal AS column_is_inherited, a.attfdwoptions AS options, a.attisdropped AS column_is_dropped,
                   a.attidentity AS identity_kind, a.attgenerated AS generated
              FROM t JOIN pg_catalog.pg_attribute a ON t.table_id = a.attrelid
              LEFT JOIN pg_catalog.pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
             WHERE a.attnum > 0 AND ${CHANGED('a.xmin', '$2')} ORDER BY table_name, attnum`,
      values: ['@schema public', '0'],
    },
    {
      name: 'indexes of a schema',
      sql: `SELECT tab.oid AS table_id, tab.relkind AS table_kind, ind.relname AS index_name, ind.oid AS index_id,
                   i.indisunique AS is_unique, i.indisprimary AS is_primary, i.indnullsnotdistinct AS nulls_not_distinct,
                   pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS condition, opcmethod AS access_method_id,
                   (SELECT pg_catalog.array_agg(h.inhparent::bigint ORDER BY h.inhseqno)::varchar FROM pg_catalog.pg_inherits h
                     WHERE i.indexrelid = h.inhrelid) AS ancestors
              FROM pg_catalog.pg_class tab JOIN pg_catalog.pg_index i ON tab.oid = i.indrelid
              JOIN LATERAL unnest(i.indclass) o(opc) ON true JOIN pg_catalog.pg_opclass oc ON oc.oid = o.opc
              JOIN pg_catalog.pg_class ind ON i.indexrelid = ind.oid
             WHERE tab.relnamespace = $1::oid AND tab.relkind IN ('r', 'm', 'v', 'p')
             GROUP BY tab.oid, tab.relkind, ind.relname, ind.oid, i.indisunique, i.indisprimary, i.indnullsnotdistinct, i.indpred,
                      i.indrelid, opcmethod, i.indexrelid
             ORDER BY index_name`,
      values: ['@schema public'],
    },
    {
      name: 'columns of indexes',
      sql: `SELECT ic.relname, k AS col_idx, k <= i.indnkeyatts AS in_key, i.indkey[k - 1] AS attnum,
                   CASE WHEN i.indkey[k - 1] <> 0 THEN NULL ELSE pg_catalog.pg_get_indexdef(i.indexrelid, k, true) END AS expression,
                   pg_catalog.pg_get_indexdef(i.indexrelid, k, true) AS text,
                   CASE WHEN pg_catalog.pg_indexam_has_property(am.oid, 'can_order') THEN i.indoption[k - 1]::int END AS options,
                   CASE WHEN l.collname = 'default' THEN NULL ELSE l.collname END AS collation, oc.opcname,
                   oc.opcdefault AS is_default_class
              FROM (SELECT x.*, pg_catalog.generate_subscripts(x.indkey, 1) + 1 AS k FROM pg_catalog.pg_index x) i
              JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
              JOIN pg_catalog.pg_am am ON ic.relam = am.oid
              LEFT JOIN pg_catalog.pg_collation l ON l.oid = i.indcollation[k - 1]
              LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[k - 1]
             WHERE c.relnamespace = $1::oid ORDER BY 1, 2`,
      values: ['@schema public'],
    },
    {
      name: 'columns of indexes by unnest',
      sql: `SELECT i.indexrelid, u.k, u.u AS attnum, pg_catalog.pg_index_column_has_property(i.indexrelid, u.k::int, 'desc') AS is_desc
              FROM pg_catalog.pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY u(u, k)
             WHERE i.indrelid = $1::oid ORDER BY i.indexrelid::regclass::text, 2`,
      values: ['@cpu'],
    },
    {
      name: 'constraints of a schema',
      sql: `SELECT t.oid AS table_id, t.relkind AS table_kind, c.oid::bigint AS con_id, c.xmin::text::bigint > 0 AS has_state,
                   c.conname AS con_name, c.contype AS con_kind, c.conkey AS con_columns, c.conindid AS index_id, c.confrelid AS ref_table_id,
                   c.condeferrable AS is_deferrable, c.condeferred AS is_init_deferred, c.confupdtype AS on_update, c.confdeltype AS on_delete,
                   c.connoinherit AS no_inherit, pg_catalog.pg_get_expr(c.conbin, t.oid) AS con_expression, c.confkey AS ref_columns,
                   c.conexclop::int[] AS excl_operators, array(SELECT unnest(c.conexclop)::regoper::varchar) AS excl_operators_str
              FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON c.conrelid = t.oid
             WHERE t.relkind IN ('r', 'v', 'f', 'p') AND t.relnamespace = $1::oid AND c.contype IN ('p', 'u', 'f', 'c', 'x')
               AND c.connamespace = $2::oid AND ${CHANGED('c.xmin', '$3')} ORDER BY con_name`,
      values: ['@schema public', '@schema public', '0'],
    },
    {
      name: 'functions of a schema',
      sql: `WITH languages AS (SELECT oid AS lang_oid, lanname AS lang FROM pg_catalog.pg_language),
                 routines AS (SELECT p.proname AS r_name, p.prolang AS lang_oid, p.oid AS r_id, p.proargnames AS arg_names,
                                     p.proargmodes AS arg_modes, p.proargtypes::int[] AS in_arg_types, p.proallargtypes::int[] AS all_arg_types,
                                     pg_catalog.pg_get_expr(p.proargdefaults, 0) AS arg_defaults, p.provariadic AS arg_variadic_id,
                                     p.prorettype AS ret_type_id, p.proretset AS ret_set, p.prokind AS kind, p.provolatile AS volatile_kind,
                                     p.proisstrict AS is_strict, p.prosecdef AS is_security_definer, p.proconfig AS configuration_parameters,
                                     p.procost AS cost, p.prorows AS rows, p.proleakproof AS is_leakproof, p.proparallel AS concurrency_kind
                                FROM pg_catalog.pg_proc p
                               WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY ($1::name[]))
            SELECT * FROM routines NATURAL JOIN languages ORDER BY r_name, in_arg_types::text`,
      values: ['{abs,bool_and,generate_subscripts}'],
    },
    {
      name: 'functions of the user',
      sql: `SELECT p.oid, p.proname, pg_catalog.pg_get_function_sqlbody(p.oid) AS body FROM pg_catalog.pg_proc p
             WHERE p.pronamespace = $1::oid AND p.prokind <> 'a'`,
      values: ['@schema public'],
    },
    {
      name: 'operators',
      sql: `SELECT o.oid AS op_id, o.oprname AS op_name, o.oprkind AS op_kind, o.oprleft AS arg_left_type_id, o.oprright AS arg_right_type_id,
                   o.oprresult AS arg_result_type_id, o.oprcode::oid AS main_id, o.oprcode::varchar AS main_name,
                   o.oprrest::varchar AS restrict_name, o.oprjoin::varchar AS join_name, o.oprcom::regoper::varchar AS com_name,
                   o.oprnegate::regoper::varchar AS neg_name, o.oprcanmerge AS merges, o.oprcanhash AS hashes
              FROM pg_catalog.pg_operator o WHERE o.oid IN ($1::oid, $2::oid) ORDER BY 1`,
      values: ['96', '551'],
    },
    {
      name: 'aggregates',
      sql: `SELECT p.proname, a.aggtransfn::varchar AS transition_function, a.aggtranstype AS transition_type, a.aggfinalfn::varchar AS final_function,
                   CASE WHEN a.aggfinalfn = 0 THEN false ELSE a.aggfinalmodify <> 'r' END AS modifies, a.agginitval AS initial_value,
                   a.aggsortop AS sort_operator_id, a.aggkind
              FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc p ON a.aggfnoid = p.oid
             WHERE p.oid = ANY ($1::oid[]) ORDER BY p.oid`,
      values: ['{2100,2116,2147}'],
    },
    {
      name: 'operator classes and families',
      sql: `SELECT c.opcname, f.opfname, m.amname, pg_catalog.format_type(c.opcintype, NULL) AS in_type, c.opckeytype, c.opcdefault
              FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod
             WHERE c.opcname IN ('int4_ops', 'text_ops', 'timestamptz_ops') AND m.amname IN ('btree', 'hash') ORDER BY 3, 1`,
    },
    {
      name: 'operators of an index class',
      sql: `SELECT o.amopstrategy AS strategy, o.amopopr AS op_id, o.amopopr::regoperator::varchar AS op_sig
              FROM pg_catalog.pg_amop o JOIN pg_catalog.pg_opclass c ON c.opcfamily = o.amopfamily AND o.amoplefttype = c.opcintype
               AND o.amoprighttype = c.opcintype
             WHERE c.opcname = $1 ORDER BY o.amopstrategy`,
      values: ['int4_ops'],
      varies: true,
    },
    {
      name: 'rules',
      sql: `SELECT r.ev_class AS table_id, r.oid AS rule_id, r.rulename AS rule_name, pg_catalog.translate(r.ev_type, '1234', 'SUID') AS rule_event_code,
                   r.ev_enabled AS rule_fire_mode, r.is_instead AS rule_is_instead
              FROM pg_catalog.pg_rewrite r WHERE r.ev_class IN (SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = $1::oid)
             ORDER BY r.ev_class::regclass::text`,
      values: ['@schema public'],
    },
    {
      name: 'triggers of the user',
      sql: `SELECT t.tgrelid AS table_id, t.oid AS trigger_id, t.tgname AS trigger_name, t.tgfoid AS function_id,
                   pg_catalog.encode(t.tgargs, 'escape') AS function_args, t.tgtype AS bits, t.tgdeferrable AS is_deferrable,
                   t.tgenabled AS trigger_fire_mode, pg_catalog.pg_get_expr(t.tgqual, t.tgrelid) AS trigger_condition,
                   t.tgattr::int2[]::varchar AS columns, t.tgoldtable, t.tgnewtable
              FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class tab ON tab.oid = t.tgrelid AND tab.relnamespace = $1::oid
             WHERE NOT t.tgisinternal`,
      values: ['@schema public'],
    },
    {
      name: 'policies',
      sql: `SELECT p.polrelid AS table_id, p.polname AS policy_name, p.polpermissive, p.polcmd, array(SELECT rolname FROM pg_catalog.pg_roles
                    WHERE oid = ANY (p.polroles)) AS roles, pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS using_expression
              FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = $1::oid`,
      values: ['@schema public'],
    },
    {
      name: 'texts of views',
      sql: `SELECT t.relkind AS view_kind, t.oid AS view_id, pg_catalog.pg_get_viewdef(t.oid, true) AS source_text
              FROM pg_catalog.pg_class t WHERE t.relnamespace = $1::oid AND t.relkind IN ('v', 'm') ORDER BY t.relname`,
      values: ['@schema public'],
    },
    {
      name: 'comments in a schema',
      sql: `SELECT d.objoid AS id, CASE WHEN 'pg_catalog.pg_class'::regclass = d.classoid THEN CASE WHEN d.objsubid = 0 THEN c.relkind ELSE 'C'::"char" END
                          WHEN 'pg_catalog.pg_type'::regclass = d.classoid THEN 'T'::"char" END AS kind, d.objsubid AS sub_id, d.description
              FROM pg_catalog.pg_description d LEFT JOIN pg_catalog.pg_class c ON d.objoid = c.oid
               AND 'pg_catalog.pg_class'::regclass = d.classoid AND c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S')
             WHERE c.relnamespace = $1::oid ORDER BY 2, 3`,
      values: ['@schema public'],
    },
    {
      name: 'access lists of a schema',
      sql: `SELECT t.oid AS object_id, t.relacl AS acl FROM pg_catalog.pg_class t
             WHERE t.relnamespace = $1::oid AND t.relkind IN ('r', 'm', 'v', 'f', 'p', 'S') AND t.relacl IS NOT NULL
             UNION ALL SELECT t.oid, t.typacl FROM pg_catalog.pg_type t WHERE t.typnamespace = $2::oid AND t.typacl IS NOT NULL
             UNION ALL SELECT p.oid, p.proacl FROM pg_catalog.pg_proc p WHERE p.pronamespace = $3::oid AND p.proacl IS NOT NULL`,
      values: ['@schema public', '@schema public', '@schema public'],
    },
    {
      name: 'access lists of columns',
      sql: `SELECT a.attrelid AS object_id, a.attname, a.attacl FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class t ON t.oid = a.attrelid
             WHERE t.relnamespace = $1::oid AND a.attnum > 0 AND a.attacl IS NOT NULL`,
      values: ['@schema public'],
    },
    {
      name: 'what every row of a catalog has without declaring it',
      sql: `SELECT n.tableoid::regclass::text AS relation, n.ctid IS NOT NULL AS has_place, n.xmin::text::bigint > 0 AS has_state, n.xmax::text AS deleted_by,
                   n.cmin::text = n.cmin::text AS has_command, n.nspname
              FROM pg_catalog.pg_namespace n WHERE n.nspname = $1
             UNION ALL
            SELECT a.tableoid::regclass::text, a.ctid IS NOT NULL, a.xmin::text::bigint > 0, a.xmax::text, a.cmax IS NOT NULL, a.attname
              FROM pg_catalog.pg_attribute a WHERE a.attrelid = $2::oid AND a.attnum = 1`,
      values: ['lab', '@vendors'],
    },
    {
      name: 'access lists of schemas, languages and databases',
      sql: `SELECT n.nspname AS name, n.nspacl::varchar[] AS acl FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('lab', 'pg_catalog')
             UNION ALL SELECT l.lanname, l.lanacl::varchar[] FROM pg_catalog.pg_language l WHERE l.lanname = 'sql'
             UNION ALL SELECT d.datname, d.datacl::varchar[] FROM pg_catalog.pg_database d WHERE d.datname = current_database() ORDER BY 1`,
    },
    {
      name: 'schemas that are searched',
      sql: "SELECT current_schemas(true) AS searched, current_schemas(false) AS own, 'public' = ANY (current_schemas(true)) AS has_public",
    },
    {
      name: 'kinds of objects of which there are none',
      sql: `SELECT 'publication' AS kind, p.oid, p.pubname AS name, p.puballtables AS flag FROM pg_catalog.pg_publication p
             UNION ALL SELECT 'subscription', s.oid, s.subname, s.subenabled FROM pg_catalog.pg_subscription s
             UNION ALL SELECT 'foreign table', f.ftrelid, f.ftserver::text, f.ftoptions IS NULL FROM pg_catalog.pg_foreign_table f
             UNION ALL SELECT 'statistics', x.oid, x.stxname, x.stxkeys IS NULL FROM pg_catalog.pg_statistic_ext x
             UNION ALL SELECT 'transform', t.oid, t.trftype::regtype::text, false FROM pg_catalog.pg_transform t
             UNION ALL SELECT 'default rights', d.oid, d.defaclobjtype::text, d.defaclacl IS NULL FROM pg_catalog.pg_default_acl d
             UNION ALL SELECT 'partition', p.partrelid, p.partstrat::text, p.partdefid = 0 FROM pg_catalog.pg_partitioned_table p
             UNION ALL SELECT 'large object', l.oid, l.lomacl::text, false FROM pg_catalog.pg_largeobject_metadata l
             UNION ALL SELECT 'prepared transaction', x.transaction::text::oid, x.gid, false FROM pg_catalog.pg_prepared_xacts x`,
    },
    {
      name: 'what depends on the columns of tables',
      sql: `SELECT d.objid AS dependent_id, d.refobjid AS owner_id, d.refobjsubid AS owner_subobject_id, d.deptype
              FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relnamespace = $1::oid
             WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid <> 0 AND c.relkind = 'S'
             ORDER BY d.objid::regclass::text`,
      values: ['@schema public'],
    },
    {
      name: 'what views read',
      sql: `SELECT DISTINCT d.refobjid AS table_id, r.ev_class AS view_id, a.attname
              FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
              JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND r.ev_class = $1::oid
               AND d.refobjid <> r.ev_class ORDER BY 3`,
      values: ['@cpu_hourly'],
    },
    {
      name: 'rows of a table for its grid',
      sql: 'SELECT t.*, t.tableoid AS relation FROM public.vendors t LIMIT 501',
    },
    {
      name: 'how many rows a grid has',
      sql: 'SELECT count(*) FROM (SELECT t.* FROM public.trips t WHERE t.payment = $1) AS counted',
      values: ['card'],
    },
  ],
};
