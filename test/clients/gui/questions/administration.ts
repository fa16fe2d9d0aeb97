import type { Tool } from '../question.ts';

export const dbeaver: Tool = {
  name: 'DBeaver',
  questions: [
    {
      name: 'databases to connect to',
      sql: `SELECT db.oid, db.datname, db.datistemplate, db.datallowconn, db.encoding, db.dattablespace FROM pg_catalog.pg_database db
             WHERE db.datallowconn AND NOT db.datistemplate AND db.datname = $1 ORDER BY db.datname`,
      values: ['postgres'],
      varies: true,
    },
    {
      name: 'words of the language',
      sql: "SELECT string_agg(word, ',' ORDER BY word) FROM pg_catalog.pg_get_keywords() WHERE word LIKE 'sel%' OR catcode = 'T' AND word < 'be'",
    },
    {
      name: 'settings',
      sql: 'SELECT s.name, s.setting, s.vartype, s.context FROM pg_catalog.pg_settings s WHERE s.name = $1',
      values: ['standard_conforming_strings'],
    },
    {
      name: 'schemas with their comments',
      sql: `SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d
                ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass
             WHERE n.nspname IN ('lab', $1) ORDER BY nspname`,
      values: ['nothing'],
    },
    {
      name: 'types with their elements',
      sql: `SELECT t.oid, t.typname, t.typtype, t.typcategory, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_type_name, d.description
              FROM pg_catalog.pg_type t LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid = t.typelem
              LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
              LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid
             WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C')
               AND t.typnamespace = $1 ORDER BY t.oid`,
      values: ['@schema public'],
    },
    {
      name: 'tables with their comments and partitions',
      sql: `SELECT c.oid, c.relname, c.relkind, c.relhasindex, c.relpersistence, d.description,
                   pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr, pg_catalog.pg_get_partkeydef(c.oid) AS partition_key
              FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d
                ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
             WHERE c.relnamespace = $1 AND c.relkind NOT IN ('i', 'I', 'c') ORDER BY c.relname`,
      values: ['@schema public'],
    },
    {
      name: 'columns of a table',
      sql: `SELECT c.relname, a.attname, a.attnum, a.attnotnull, a.atthasdef, a.attidentity, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value,
                   dsc.description, dep.objid
              FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid)
              LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum)
              LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
              LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid
             WHERE NOT a.attisdropped AND a.attnum > 0 AND c.oid = $1 ORDER BY a.attnum`,
      values: ['@cpu'],
    },
    {
      name: 'constraints of a table',
      sql: `SELECT c.oid, c.conname, c.contype, c.conkey, c.confrelid, c.confkey, t.relname AS tabrelname, rt.relnamespace AS refnamespace,
                   pg_catalog.pg_get_expr(c.conbin, c.conrelid) AS consrc_copy, d.description, pg_catalog.pg_get_constraintdef(c.oid) AS definition
              FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
              LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid = c.confrelid
              LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_constraint'::regclass
             WHERE c.conrelid = $1 ORDER BY c.conname`,
      values: ['@trips'],
    },
    {
      name: 'indexes of a table',
      sql: `SELECT i.indexrelid, c.relname, c.relnamespace, c.relam, i.indisunique, i.indkey, i.indoption, tc.relname AS tabrelname, dsc.description,
                   pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) AS expr,
                   pg_catalog.pg_relation_size(i.indexrelid) >= 0 AS has_size, pg_catalog.pg_stat_get_numscans(i.indexrelid) >= 0 AS has_scans
              FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
              LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid = dsc.objoid
             WHERE i.indrelid = $1 ORDER BY tabrelname, c.relname`,
      values: ['@trips'],
    },
    {
      name: 'how much room tables take',
      sql: `SELECT c.oid, pg_catalog.pg_total_relation_size(c.oid) >= pg_catalog.pg_relation_size(c.oid) AS is_total
              FROM pg_class c WHERE c.relnamespace = $1 AND c.relkind = 'r' ORDER BY c.relname`,
      values: ['@schema public'],
    },
    {
      name: 'labels of an enum',
      sql: 'SELECT e.enumlabel, e.enumsortorder FROM pg_catalog.pg_enum e WHERE e.enumtypid = $1 ORDER BY e.enumsortorder',
      values: ['@type pay'],
    },
    {
      name: 'sessions',
      sql: 'SELECT sa.pid, sa.usename, sa.datname, sa.state, sa.query FROM pg_catalog.pg_stat_activity sa WHERE sa.pid = pg_backend_pid() AND sa.datname = current_database()',
      varies: true,
    },
    {
      name: 'who may do what with a table',
      sql: 'SELECT grantee, privilege_type, is_grantable FROM information_schema.table_privileges WHERE table_schema = $1 AND table_name = $2 ORDER BY 1, 2',
      values: ['public', 'vendors'],
    },
  ],
};

export const pgadmin: Tool = {
  name: 'pgAdmin',
  questions: [
    {
      name: 'what the server and its user are',
      sql: `SELECT db.oid AS did, db.datname, db.datallowconn, pg_catalog.pg_encoding_to_char(db.encoding) AS serverencoding,
                   pg_catalog.has_database_privilege(db.oid, 'CREATE') AS cancreate, db.datistemplate
              FROM pg_catalog.pg_database db WHERE db.datname = pg_catalog.current_database()`,
    },
    {
      name: 'what the user may do',
      sql: `SELECT roles.rolname AS name, roles.rolsuper AS is_superuser, CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreaterole END AS can_create_role,
                   CASE WHEN roles.rolsuper THEN true ELSE roles.rolcreatedb END AS can_create_db,
                   CASE WHEN 'pg_signal_backend' = ANY (ARRAY(WITH RECURSIVE cte AS (
                          SELECT pg_roles.oid, pg_roles.rolname FROM pg_roles WHERE pg_roles.oid = roles.oid
                           UNION ALL
                          SELECT m.roleid, pgr.rolname FROM cte cte_1 JOIN pg_auth_members m ON m.member = cte_1.oid JOIN pg_roles pgr ON pgr.oid = m.roleid)
                        SELECT rolname FROM cte)) THEN true ELSE false END AS can_signal_backend
              FROM pg_catalog.pg_roles AS roles WHERE rolname = current_user`,
    },
    {
      name: 'settings of the session',
      sql: `SELECT set_config('bytea_output', 'hex', false), set_config('client_encoding', 'UNICODE', false) IS NOT NULL FROM pg_show_all_settings()
             WHERE name = 'bytea_output'`,
    },
    {
      name: 'nodes of schemas',
      sql: `SELECT nsp.oid, nsp.nspname AS name, pg_catalog.has_schema_privilege(nsp.oid, 'CREATE') AS can_create,
                   pg_catalog.has_schema_privilege(nsp.oid, 'USAGE') AS has_usage, des.description
              FROM pg_catalog.pg_namespace nsp LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid = nsp.oid AND des.classoid = 'pg_namespace'::regclass)
             WHERE nspname NOT LIKE 'pg\\_%' AND NOT (nsp.nspname = 'information_schema' AND EXISTS (SELECT 1 FROM pg_catalog.pg_class
                    WHERE relname = 'tables' AND relnamespace = nsp.oid LIMIT 1)) AND nsp.nspname NOT IN ('tidewire', 'timescaledb_information')
             ORDER BY nspname`,
    },
    {
      name: 'nodes of tables',
      sql: `SELECT rel.oid, rel.relname AS name,
                   (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid = rel.oid AND tgisinternal = false) AS triggercount,
                   (SELECT count(*) FROM pg_catalog.pg_trigger WHERE tgrelid = rel.oid AND tgisinternal = false AND tgenabled = 'O') AS has_enable_triggers,
                   (CASE WHEN rel.relkind = 'p' THEN true ELSE false END) AS is_partitioned,
                   (SELECT count(1) FROM pg_catalog.pg_inherits WHERE inhrelid = rel.oid LIMIT 1) AS is_inherits, des.description
              FROM pg_catalog.pg_class rel
              LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid = rel.oid AND des.objsubid = 0 AND des.classoid = 'pg_class'::regclass)
             WHERE rel.relkind IN ('r', 's', 't', 'p') AND rel.relnamespace = $1::oid AND NOT rel.relispartition ORDER BY rel.relname`,
      values: ['@schema public'],
    },
    {
      name: 'properties of a table',
      sql: `SELECT rel.oid, rel.relname AS name, rel.reltablespace AS spcoid, rel.relacl AS relacl_str,
                   (CASE WHEN length(spc.spcname) > 0 THEN spc.spcname ELSE (SELECT sp.spcname FROM pg_catalog.pg_database dtb
                      JOIN pg_catalog.pg_tablespace sp ON dtb.dattablespace = sp.oid WHERE dtb.datname = current_database()) END) AS spcname,
                   pg_catalog.pg_get_userbyid(rel.relowner) AS relowner, con.conname, con.conkey,
                   substring(array_to_string(rel.reloptions, ',') FROM 'fillfactor=([0-9]*)') AS fillfactor,
                   (SELECT st.setting FROM pg_catalog.pg_show_all_settings() st WHERE st.name = 'track_counts') AS tracks
              FROM pg_catalog.pg_class rel LEFT OUTER JOIN pg_catalog.pg_tablespace spc ON spc.oid = rel.reltablespace
              LEFT OUTER JOIN pg_catalog.pg_constraint con ON con.conrelid = rel.oid AND con.contype = 'p'
             WHERE rel.oid = $1::oid`,
      values: ['@vendors'],
    },
    {
      name: 'properties of columns',
      sql: `SELECT DISTINCT ON (att.attnum) att.attname AS name, att.attnum, att.atttypid, att.atttypmod, att.attcacheoff, att.attacl,
                   pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS defval, pg_catalog.format_type(ty.oid, NULL) AS typname,
                   pg_catalog.format_type(ty.oid, att.atttypmod) AS displaytypname,
                   CASE WHEN ty.typelem > 0 THEN ty.typelem ELSE ty.oid END AS elemoid, tn.nspname AS typnspname,
                   ty.typstorage AS defaultstorage, description, pi.indkey, coll.collname, seq.seqincrement
              FROM pg_catalog.pg_attribute att JOIN pg_catalog.pg_type ty ON ty.oid = atttypid
              JOIN pg_catalog.pg_namespace tn ON tn.oid = ty.typnamespace JOIN pg_catalog.pg_class cl ON cl.oid = att.attrelid
              LEFT OUTER JOIN pg_catalog.pg_attrdef def ON adrelid = att.attrelid AND adnum = att.attnum
              LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid = att.attrelid AND des.objsubid = att.attnum AND des.classoid = 'pg_class'::regclass)
              LEFT OUTER JOIN (pg_catalog.pg_depend JOIN pg_catalog.pg_class cs ON classid = 'pg_class'::regclass AND objid = cs.oid AND cs.relkind = 'S')
                ON refobjid = att.attrelid AND refobjsubid = att.attnum
              LEFT OUTER JOIN pg_catalog.pg_index pi ON pi.indrelid = att.attrelid AND indisprimary
              LEFT OUTER JOIN pg_catalog.pg_collation coll ON att.attcollation = coll.oid
              LEFT OUTER JOIN pg_catalog.pg_sequence seq ON cs.oid = seq.seqrelid
             WHERE att.attrelid = $1::oid AND att.attnum > 0 AND att.attisdropped IS FALSE ORDER BY att.attnum`,
      values: ['@lab.notes'],
    },
    {
      name: 'the script of a primary key',
      sql: `SELECT cls.oid, cls.relname AS name, indnatts AS col_count, CASE contype WHEN 'p' THEN desp.description WHEN 'u' THEN desp.description ELSE des.description END AS comment,
                   condeferrable, condeferred, conislocal, substring(array_to_string(cls.reloptions, ',') FROM 'fillfactor=([0-9]*)') AS fillfactor
              FROM pg_catalog.pg_index idx JOIN pg_catalog.pg_class cls ON cls.oid = indexrelid
              LEFT JOIN pg_catalog.pg_depend dep ON (dep.classid = cls.tableoid AND dep.objid = cls.oid AND dep.refobjsubid = '0'
                    AND dep.refclassid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = 'pg_constraint') AND dep.deptype = 'i')
              LEFT OUTER JOIN pg_catalog.pg_constraint con ON (con.tableoid = dep.refclassid AND con.oid = dep.refobjid)
              LEFT OUTER JOIN pg_catalog.pg_description des ON (des.objoid = cls.oid AND des.classoid = 'pg_class'::regclass)
              LEFT OUTER JOIN pg_catalog.pg_description desp ON (desp.objoid = con.oid AND desp.objsubid = 0 AND desp.classoid = 'pg_constraint'::regclass)
             WHERE indrelid = $1::oid AND contype = 'p' ORDER BY cls.relname`,
      values: ['@trips'],
    },
    {
      name: 'the dashboard',
      sql: `SELECT 'session_stats' AS chart_name, pg_catalog.row_to_json(t) IS NOT NULL AS chart_data
              FROM (SELECT (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()) AS "Total",
                           (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'active') AS "Active") t
             UNION ALL
            SELECT 'tps_stats', pg_catalog.row_to_json(t) IS NOT NULL
              FROM (SELECT (SELECT sum(xact_commit) + sum(xact_rollback) FROM pg_catalog.pg_stat_database) AS "Transactions",
                           (SELECT sum(tup_inserted) FROM pg_catalog.pg_stat_database) AS "Inserts") t`,
    },
    {
      name: 'locks',
      sql: `SELECT pid, locktype, datname, relation::regclass, page, tuple, mode, granted FROM pg_catalog.pg_locks l
              LEFT OUTER JOIN pg_catalog.pg_database d ON (l.database = d.oid) WHERE pid = $1 ORDER BY pid, locktype`,
      values: ['0'],
    },
    {
      name: 'statistics of a table',
      sql: `SELECT seq_scan >= 0 AS "Sequential scans", n_live_tup >= 0 AS "Live tuples", last_vacuum IS NULL AS "Never vacuumed",
                   pg_catalog.pg_size_pretty(0::bigint) AS "Nothing"
              FROM pg_catalog.pg_stat_all_tables stat JOIN pg_catalog.pg_class cl ON cl.oid = stat.relid WHERE stat.relid = $1::oid`,
      values: ['@cpu'],
    },
  ],
};

export const retool: Tool = {
  name: 'Retool',
  questions: [
    {
      name: 'tables, columns and keys in one',
      sql: `SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.column_default, c.is_nullable, c.udt_name, k.constraint_type
              FROM information_schema.columns c
              LEFT JOIN (SELECT kcu.table_schema, kcu.table_name, kcu.column_name, string_agg(tc.constraint_type, ',' ORDER BY tc.constraint_type) AS constraint_type
                           FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu
                             ON tc.constraint_name = kcu.constraint_name AND tc.table_schema = kcu.table_schema
                          GROUP BY 1, 2, 3) k USING (table_schema, table_name, column_name)
             WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema', 'tidewire', 'timescaledb_information') AND c.table_schema = ANY ($1)
             ORDER BY c.table_schema, c.table_name, c.ordinal_position`,
      values: ['{public,lab}'],
    },
    {
      name: 'labels of all enums',
      sql: `SELECT t.typname, array_agg(e.enumlabel ORDER BY e.enumsortorder) AS labels FROM pg_type t JOIN pg_enum e ON t.oid = e.enumtypid
              JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 GROUP BY t.typname`,
      values: ['public'],
    },
    {
      name: 'a row by its key',
      sql: 'UPDATE vendors SET name = $1 WHERE id = $2 RETURNING id, name',
      values: ['two', '2'],
    },
  ],
};
