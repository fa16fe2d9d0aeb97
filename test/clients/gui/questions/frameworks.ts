import type { Tool } from '../question.ts';

export const hasura: Tool = {
  name: 'Hasura',
  questions: [
    {
      name: 'metadata of tables as JSON',
      sql: `SELECT schema.nspname AS table_schema, "table".relname AS table_name,
                   coalesce(columns.info, '[]') AS columns, primary_key.info AS primary_key, coalesce(foreign_keys.info, '[]') AS foreign_keys
              FROM pg_catalog.pg_class "table" JOIN pg_catalog.pg_namespace schema ON schema.oid = "table".relnamespace
              LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('name', "column".attname, 'position', "column".attnum, 'type', coalesce(base_type.typname, "type".typname),
                                                    'is_nullable', NOT "column".attnotnull, 'is_identity', "column".attidentity <> '',
                                                    'description', pg_catalog.col_description("table".oid, "column".attnum)) ORDER BY "column".attnum) AS info
                  FROM pg_catalog.pg_attribute "column" LEFT JOIN pg_catalog.pg_type "type" ON "type".oid = "column".atttypid
                  LEFT JOIN pg_catalog.pg_type base_type ON "type".typtype = 'd' AND base_type.oid = "type".typbasetype
                 WHERE "column".attrelid = "table".oid AND "column".attnum > 0 AND NOT "column".attisdropped) columns ON true
              LEFT JOIN LATERAL (
                SELECT jsonb_build_object('constraint', jsonb_build_object('name', k.conname),
                                          'columns', (SELECT jsonb_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))) AS info
                  FROM pg_constraint k WHERE k.conrelid = "table".oid AND k.contype = 'p') primary_key ON true
              LEFT JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('name', f.conname, 'foreign_table', r.relname, 'on_delete', f.confdeltype)) AS info
                  FROM pg_constraint f JOIN pg_class r ON r.oid = f.confrelid WHERE f.conrelid = "table".oid AND f.contype = 'f') foreign_keys ON true
             WHERE "table".relkind IN ('r', 't', 'v', 'm', 'f', 'p') AND schema.nspname = ANY ($1) ORDER BY 1, 2`,
      values: ['{public,lab}'],
    },
    {
      name: 'tables to track, as JSON',
      sql: `SELECT coalesce(json_agg(row_to_json(tables)), '[]') AS tables
              FROM (SELECT t.table_schema, t.table_name, t.table_type FROM information_schema.tables t WHERE t.table_schema = $1 ORDER BY t.table_name) AS tables`,
      values: ['public'],
    },
    {
      name: 'a query of GraphQL',
      sql: `SELECT coalesce(json_agg("root" ORDER BY "root.pg.id" ASC), '[]') AS "root"
              FROM (SELECT "_0_root.base"."id" AS "root.pg.id",
                           row_to_json((SELECT "_4_e" FROM (SELECT "_0_root.base"."id" AS "id", "_0_root.base"."name" AS "name", "_3_root.ar.root.trips"."trips" AS "trips") AS "_4_e")) AS "root"
                      FROM (SELECT * FROM "public"."vendors" WHERE (("public"."vendors"."id") <= (($1)::integer)) ORDER BY "id" ASC) AS "_0_root.base"
                      LEFT OUTER JOIN LATERAL (SELECT coalesce(json_agg("trips"), '[]') AS "trips"
                             FROM (SELECT row_to_json((SELECT "_2_e" FROM (SELECT "_1_trips"."fare" AS "fare") AS "_2_e")) AS "trips"
                                     FROM (SELECT * FROM "public"."trips" WHERE (("_0_root.base"."id") = ("vendor_id"))) AS "_1_trips") AS "inner") AS "_3_root.ar.root.trips" ON ('true')) AS "_5_root"`,
      values: ['2'],
    },
    {
      name: 'a mutation of GraphQL',
      sql: `WITH "vendors__mutation_result_alias" AS (UPDATE "public"."vendors" SET "name" = $1 WHERE ("public"."vendors"."id" = $2) RETURNING *),
                 "vendors__all_columns_alias" AS (SELECT "id", "name" FROM "vendors__mutation_result_alias")
            SELECT json_build_object('affected_rows', (SELECT count(*) FROM "vendors__all_columns_alias"),
                                     'returning', (SELECT coalesce(json_agg("root"), '[]') FROM (SELECT row_to_json((SELECT e FROM (SELECT a.id AS "id") e)) AS "root"
                                        FROM "vendors__all_columns_alias" a) r)) AS result`,
      values: ['one', '1'],
    },
  ],
};

export const postgrest: Tool = {
  name: 'PostgREST',
  questions: [
    {
      name: 'the request in settings of the transaction',
      sql: `SELECT set_config('search_path', $1, true), set_config('request.jwt.claims', $2, true), set_config('request.method', $3, true), set_config('request.path', $4, true)`,
      values: ['"public"', '{"role":"postgres"}', 'GET', '/vendors'],
    },
    {
      name: 'tables with what may be done with them',
      sql: `SELECT n.nspname AS table_schema, c.relname AS table_name, d.description AS table_description, c.relkind IN ('v', 'm') AS is_view,
                   (c.relkind IN ('r', 'p') OR (pg_relation_is_updatable(c.oid::regclass, TRUE) & 8) = 8) AS insertable,
                   (c.relkind IN ('r', 'p') OR (pg_relation_is_updatable(c.oid::regclass, TRUE) & 4) = 4) AS updatable,
                   coalesce(tpks.pk_cols, '{}') AS pk_cols
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
              LEFT JOIN (SELECT i.indrelid, array_agg(a.attname::text ORDER BY a.attname) AS pk_cols FROM pg_index i
                           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indisprimary GROUP BY i.indrelid) tpks ON tpks.indrelid = c.oid
             WHERE c.relkind IN ('v', 'r', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'tidewire', 'timescaledb_information') AND n.nspname !~ '^pg_' AND NOT c.relispartition
             ORDER BY table_schema, table_name`,
      own: {
        rows: [
          '["lab","notes",null,"f","t","t","{id}"]',
          '["public","cpu","load of hosts","f","t","t","{}"]',
          '["public","cpu_daily",null,"t","f","f","{}"]',
          '["public","cpu_hourly",null,"t","f","f","{}"]',
          '["public","trips",null,"f","t","t","{id}"]',
          '["public","vendors",null,"f","t","t","{id}"]',
        ],
        reason: 'rows are not written by way of a view',
      },
    },
    {
      name: 'columns with the types below their domains',
      sql: `WITH RECURSIVE recurse AS (
              SELECT oid, typbasetype, typnamespace AS base_namespace, coalesce(nullif(typbasetype, 0), oid) AS base_type FROM pg_type
               UNION
              SELECT t.oid, b.typbasetype, b.typnamespace, coalesce(nullif(b.typbasetype, 0), b.oid) FROM recurse t JOIN pg_type b ON t.typbasetype = b.oid),
            base_types AS (SELECT oid, base_type FROM recurse WHERE typbasetype = 0)
            SELECT c.relname, a.attname, NOT a.attnotnull AS is_nullable, format_type(bt.base_type, a.atttypmod) AS nominal_data_type,
                   CASE WHEN t.typbasetype <> 0 THEN pg_get_expr(ad.adbin, 0) WHEN a.attidentity = 'd' THEN format('nextval(%L)', seq.objid::regclass) WHEN a.attgenerated = 's' THEN NULL
                        ELSE pg_get_expr(ad.adbin, ad.adrelid)::text END AS column_default,
                   max(information_schema._pg_char_max_length(information_schema._pg_truetypid(a.*, t.*), information_schema._pg_truetypmod(a.*, t.*))) AS character_maximum_length,
                   coalesce(array_agg(e.enumlabel ORDER BY e.enumsortorder) FILTER (WHERE e.enumlabel IS NOT NULL), '{}') AS labels
              FROM pg_attribute a LEFT JOIN pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
              LEFT JOIN base_types bt ON t.oid = bt.oid LEFT JOIN pg_enum e ON e.enumtypid = bt.base_type
              LEFT JOIN pg_depend seq ON seq.refobjid = a.attrelid AND seq.refobjsubid = a.attnum AND seq.deptype = 'i'
             WHERE NOT pg_is_other_temp_schema(c.relnamespace) AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'm', 'p') AND c.relnamespace = ANY ($1::regnamespace[])
             GROUP BY c.relname, a.attname, a.attnum, a.attnotnull, bt.base_type, a.atttypmod, t.typbasetype, a.attidentity, a.attgenerated, seq.objid, ad.adbin, ad.adrelid
             ORDER BY c.relname, a.attnum`,
      values: ['{public,lab}'],
    },
    {
      name: 'relationships between tables',
      sql: `WITH pks_uniques_cols AS (
              SELECT conrelid, array_agg(key ORDER BY key) AS cols FROM pg_constraint, LATERAL unnest(conkey) AS _(key)
               WHERE contype IN ('p', 'u') AND connamespace::regnamespace::text <> 'pg_catalog' GROUP BY oid, conrelid)
            SELECT ns1.nspname AS table_schema, tab.relname AS table_name, ns2.nspname AS foreign_table_schema, other.relname AS foreign_table_name,
                   (ns1.nspname, tab.relname) = (ns2.nspname, other.relname) AS is_self, traint.conname AS constraint_name, column_info.cols_and_fcols,
                   (column_info.cols IN (SELECT cols FROM pks_uniques_cols WHERE conrelid = traint.conrelid)) AS one_to_one
              FROM pg_constraint traint
              JOIN LATERAL (SELECT array_agg(row(cols.attname, refs.attname) ORDER BY cols.attnum)::text AS cols_and_fcols, array_agg(cols.attnum ORDER BY cols.attnum) AS cols
                              FROM unnest(traint.conkey, traint.confkey) AS _(col, ref) JOIN pg_attribute cols ON cols.attrelid = traint.conrelid AND cols.attnum = col
                              JOIN pg_attribute refs ON refs.attrelid = traint.confrelid AND refs.attnum = ref) AS column_info ON true
              JOIN pg_namespace ns1 ON ns1.oid = traint.connamespace JOIN pg_class tab ON tab.oid = traint.conrelid
              JOIN pg_class other ON other.oid = traint.confrelid JOIN pg_namespace ns2 ON ns2.oid = other.relnamespace
             WHERE traint.contype = 'f' AND traint.conparentid = 0 ORDER BY traint.conrelid, traint.conname`,
    },
    {
      name: 'functions with their arguments',
      sql: `SELECT pn.nspname AS proc_schema, p.proname AS proc_name,
                   (SELECT array_agg(coalesce(arg.name, '') || ' ' || arg.type::regtype::text || ' ' || arg.mode::text ORDER BY arg.idx)
                      FROM unnest(p.proargnames, p.proargtypes::oid[], p.proargmodes) WITH ORDINALITY AS arg(name, type, mode, idx) WHERE arg.type IS NOT NULL) AS args,
                   tn.nspname AS schema, coalesce(comp.relname, t.typname) AS name, p.proretset AS rettype_is_setof, p.provolatile
              FROM pg_proc p JOIN pg_namespace pn ON pn.oid = p.pronamespace JOIN pg_type t ON t.oid = p.prorettype JOIN pg_namespace tn ON tn.oid = t.typnamespace
              LEFT JOIN pg_class comp ON comp.oid = t.typrelid WHERE t.oid <> 'trigger'::regtype AND p.prokind = 'f' AND pn.nspname = ANY ($1)`,
      values: ['{public}'],
    },
    {
      name: 'an answer as JSON',
      sql: `WITH pgrst_source AS (SELECT "public"."vendors".* FROM "public"."vendors" WHERE "public"."vendors"."id" >= $1 ORDER BY "public"."vendors"."id" LIMIT $2 OFFSET $3)
            SELECT null::bigint AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, coalesce(json_agg(_postgrest_t), '[]') AS body,
                   nullif(current_setting('response.headers', true), '') AS response_headers, nullif(current_setting('response.status', true), '') AS response_status
              FROM (SELECT * FROM pgrst_source) _postgrest_t`,
      values: ['1', '10', '0'],
    },
    {
      name: 'an answer with what it refers to',
      sql: `SELECT coalesce(json_agg(t ORDER BY t.id), '[]')::text AS body FROM (
              SELECT "public"."trips"."id", row_to_json("trips_vendors_1".*)::jsonb AS "vendors" FROM "public"."trips"
                LEFT JOIN LATERAL (SELECT "vendors_1"."name" FROM "public"."vendors" AS "vendors_1" WHERE "vendors_1"."id" = "public"."trips"."vendor_id") AS "trips_vendors_1" ON TRUE
               WHERE "public"."trips"."tags" @> $1 OR "public"."trips"."extra"->>'a' IS NULL) t`,
      values: ['{a}'],
    },
  ],
};

export const prisma: Tool = {
  name: 'Prisma',
  questions: [
    {
      name: 'what the server is',
      sql: "SELECT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = $1), version() LIKE 'PostgreSQL %' AS is_postgres, current_setting('server_version_num')::integer >= 150000 AS numeric_version",
      values: ['public'],
    },
    {
      name: 'schemas',
      sql: 'SELECT namespace.nspname AS namespace_name FROM pg_namespace AS namespace WHERE namespace.nspname = ANY ($1) ORDER BY namespace_name',
      values: ['{public,lab}'],
    },
    {
      name: 'tables',
      sql: `SELECT tbl.relname AS table_name, namespace.nspname AS namespace, (tbl.relhassubclass AND tbl.relkind = 'p') AS is_partition, (tbl.relhassubclass AND tbl.relkind = 'r') AS has_subclass,
                   tbl.relrowsecurity AS has_row_level_security, reloptions, obj_description(tbl.oid, 'pg_class') AS description
              FROM pg_class AS tbl INNER JOIN pg_namespace AS namespace ON namespace.oid = tbl.relnamespace
             WHERE ((tbl.relkind = 'r' AND tbl.relispartition = 'f') OR tbl.relkind = 'p') AND namespace.nspname = ANY ($1) ORDER BY namespace, table_name`,
      values: ['{public,lab}'],
    },
    {
      name: 'columns',
      sql: `SELECT oid.namespace, info.table_name, info.column_name, format_type(att.atttypid, att.atttypmod) AS formatted_type, info.numeric_precision, info.numeric_scale, info.numeric_precision_radix,
                   info.datetime_precision, info.data_type, info.udt_schema AS type_schema_name, info.udt_name AS full_data_type, pg_get_expr(attdef.adbin, attdef.adrelid) AS column_default,
                   info.is_nullable, info.is_identity, info.character_maximum_length, col_description(att.attrelid, ordinal_position) AS description
              FROM information_schema.columns info
              JOIN pg_attribute att ON att.attname = info.column_name
              JOIN (SELECT pg_class.oid, relname, pg_namespace.nspname AS namespace FROM pg_class JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace AND pg_namespace.nspname = ANY ($1)
                     WHERE reltype > 0) AS oid ON oid.oid = att.attrelid AND relname = info.table_name AND namespace = info.table_schema
              LEFT OUTER JOIN pg_attrdef attdef ON attdef.adrelid = att.attrelid AND attdef.adnum = att.attnum AND table_schema = namespace
             WHERE table_schema = ANY ($1) ORDER BY namespace, table_name, ordinal_position`,
      values: ['{public,lab}'],
    },
    {
      name: 'foreign keys',
      sql: `SELECT con.oid AS con_id, att2.attname AS child_column, cl.relname AS parent_table, att.attname AS parent_column, con.confdeltype, con.confupdtype, rel_ns.nspname AS referenced_schema_name,
                   conname AS constraint_name, child, parent, table_name, namespace, condeferrable, condeferred
              FROM (SELECT ns.nspname AS "namespace", unnest(con1.conkey) AS "parent", unnest(con1.confkey) AS "child", cl.relname AS table_name, ns.nspname AS schema_name, generate_subscripts(con1.conkey, 1) AS colidx,
                           con1.oid, con1.confrelid, con1.conrelid, con1.conname, con1.confdeltype, con1.confupdtype, con1.condeferrable, con1.condeferred
                      FROM pg_class cl JOIN pg_constraint con1 ON con1.conrelid = cl.oid JOIN pg_namespace ns ON cl.relnamespace = ns.oid
                     WHERE ns.nspname = ANY ($1) AND con1.contype = 'f' ORDER BY colidx) con
              JOIN pg_attribute att ON att.attrelid = con.confrelid AND att.attnum = con.child JOIN pg_class cl ON cl.oid = con.confrelid
              JOIN pg_attribute att2 ON att2.attrelid = con.conrelid AND att2.attnum = con.parent JOIN pg_class rel_cl ON con.confrelid = rel_cl.oid
              JOIN pg_namespace rel_ns ON rel_cl.relnamespace = rel_ns.oid ORDER BY namespace, table_name, constraint_name, con_id, con.colidx`,
      values: ['{public,lab}'],
    },
    {
      name: 'indexes',
      sql: `WITH rawindex AS (
              SELECT indrelid, indexrelid, indisunique, indisprimary, unnest(indkey) AS indkeyid, generate_subscripts(indkey, 1) AS indkeyidx, unnest(indclass) AS indclass, unnest(indoption) AS indoption
                FROM pg_index WHERE indpred IS NULL AND NOT indisexclusion)
            SELECT schemainfo.nspname AS namespace, indexinfo.relname AS index_name, tableinfo.relname AS table_name, columninfo.attname AS column_name, rawindex.indisunique AS is_unique,
                   rawindex.indisprimary AS is_primary_key, rawindex.indkeyidx AS column_index, opclass.opcname AS opclass, opclass.opcdefault AS opcdefault, indexaccess.amname AS index_algo,
                   CASE rawindex.indoption & 1 WHEN 1 THEN 'DESC' ELSE 'ASC' END AS column_order, CASE rawindex.indoption & 2 WHEN 2 THEN true ELSE false END AS nulls_first,
                   pc.condeferrable AS condeferrable, pc.condeferred AS condeferred
              FROM rawindex INNER JOIN pg_class AS tableinfo ON tableinfo.oid = rawindex.indrelid INNER JOIN pg_class AS indexinfo ON indexinfo.oid = rawindex.indexrelid
             INNER JOIN pg_namespace AS schemainfo ON schemainfo.oid = tableinfo.relnamespace
              LEFT JOIN pg_attribute AS columninfo ON columninfo.attrelid = tableinfo.oid AND columninfo.attnum = rawindex.indkeyid
             INNER JOIN pg_am AS indexaccess ON indexaccess.oid = indexinfo.relam LEFT JOIN pg_opclass AS opclass ON opclass.oid = rawindex.indclass
              LEFT JOIN pg_constraint pc ON rawindex.indexrelid = pc.conindid AND pc.contype <> 'f'
             WHERE schemainfo.nspname = ANY ($1) ORDER BY namespace, table_name, index_name, column_index`,
      values: ['{public,lab}'],
    },
    {
      name: 'enums',
      sql: `SELECT t.typname AS name, e.enumlabel AS value, n.nspname AS namespace, obj_description(t.oid, 'pg_type') AS description FROM pg_type t JOIN pg_enum e ON t.oid = e.enumtypid
              JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = ANY ($1) ORDER BY e.enumsortorder`,
      values: ['{public,lab}'],
    },
    {
      name: 'sequences',
      sql: `SELECT sequencename AS sequence_name, schemaname AS namespace, start_value, min_value, max_value, increment_by, cycle, cache_size FROM pg_sequences WHERE schemaname = ANY ($1) ORDER BY sequence_name`,
      values: ['{public,lab}'],
    },
    {
      name: 'checks',
      sql: `SELECT schemainfo.nspname AS namespace, tableinfo.relname AS table_name, constr.conname AS constraint_name, constr.contype AS constraint_type, pg_get_constraintdef(constr.oid) AS constraint_definition,
                   constr.condeferrable AS is_deferrable FROM pg_constraint constr JOIN pg_class AS tableinfo ON tableinfo.oid = constr.conrelid
              JOIN pg_namespace AS schemainfo ON schemainfo.oid = tableinfo.relnamespace WHERE schemainfo.nspname = ANY ($1) AND contype NOT IN ('p', 'u', 'f') ORDER BY namespace, table_name, constraint_name`,
      values: ['{public,lab}'],
    },
    {
      name: 'views',
      sql: 'SELECT viewname AS view_name, definition AS view_sql, schemaname AS namespace FROM pg_catalog.pg_views WHERE schemaname = ANY ($1) ORDER BY 1',
      values: ['{public,lab}'],
    },
    {
      name: 'a lock for migrations',
      sql: 'SELECT pg_advisory_lock($1)::text, pg_advisory_unlock($1)',
      values: ['72707369'],
    },
  ],
};
