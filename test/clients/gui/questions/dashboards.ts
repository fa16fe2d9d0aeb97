import type { Tool } from '../question.ts';

export const grafana: Tool = {
  name: 'Grafana',
  questions: [
    { name: 'the version', sql: "SELECT current_setting('server_version_num')::int / 100 >= 1500 AS version" },
    {
      name: 'whether there is TimescaleDB',
      sql: "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'",
      own: {
        rows: ['["2.11.0"]'],
        reason: 'the functions of TimescaleDB that Grafana uses are here without an extension',
      },
    },
    {
      name: 'tables on the search path',
      sql: `SELECT CASE WHEN quote_ident(table_schema) IN (
                          SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
                            FROM generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1),
                                                 array_upper(string_to_array(current_setting('search_path'), ','), 1)) AS i,
                                 string_to_array(current_setting('search_path'), ',') s)
                        THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table"
              FROM information_schema.tables
             WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache', '_timescaledb_catalog',
                   '_timescaledb_internal', '_timescaledb_config', 'timescaledb_information', 'timescaledb_experimental', 'tidewire')
             ORDER BY CASE WHEN quote_ident(table_schema) IN (SELECT trim(unnest(string_to_array(current_setting('search_path'), ',')))) THEN 0 ELSE 1 END, 1`,
    },
    {
      name: 'columns of a table by its written name',
      sql: `SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns
             WHERE CASE WHEN array_length(parse_ident($1), 1) = 2
                        THEN quote_ident(table_schema) = (parse_ident($1))[1] AND quote_ident(table_name) = (parse_ident($1))[2]
                        ELSE quote_ident(table_name) = (parse_ident($1))[1] AND quote_ident(table_schema) IN (
                             SELECT trim(s) FROM unnest(string_to_array(current_setting('search_path'), ',')) s) END
             ORDER BY ordinal_position`,
      values: ['lab.notes'],
    },
    {
      name: 'a column to group by',
      sql: `SELECT quote_ident(column_name) AS "column" FROM information_schema.columns
             WHERE quote_ident(table_name) = $1 AND data_type IN ('text', 'character', 'character varying') ORDER BY 1`,
      values: ['cpu'],
    },
    {
      name: 'a time series with $__timeGroup',
      sql: `SELECT floor(extract(epoch FROM "time") / 300) * 300 AS "time", host AS metric, avg(usage_user) AS usage FROM cpu
             WHERE "time" BETWEEN '2024-02-29T11:00:00Z' AND '2024-02-29T13:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2`,
    },
    {
      name: 'a time series with whole seconds',
      sql: `SELECT (extract(epoch FROM "time") / 300)::bigint * 300 AS "time", count(*) AS n FROM cpu
             WHERE extract(epoch FROM "time") >= 1709204400 AND extract(epoch FROM "time") <= 1709211600 GROUP BY 1 ORDER BY 1`,
    },
    {
      name: 'a time series with time_bucket',
      sql: `SELECT time_bucket('300.000s', "time") AS "time", host AS metric, max(count) AS n FROM cpu
             WHERE "time" BETWEEN '2024-02-29T11:00:00Z' AND '2024-02-29T13:00:00Z' GROUP BY 1, 2 ORDER BY 1, 2`,
      own: { rows: ['["2024-02-29 12:00:00+00","host_1","500"]'], reason: 'PostgreSQL has no time_bucket' },
    },
    {
      name: 'values of a variable',
      sql: 'SELECT DISTINCT host AS __text, host AS __value FROM cpu WHERE region = $1 ORDER BY 1',
      values: ['eu'],
    },
    { name: 'whether the server is there', sql: 'SELECT 1' },
  ],
};

export const metabase: Tool = {
  name: 'Metabase',
  questions: [
    {
      name: 'tables that may be read',
      sql: `WITH table_privileges AS (
              SELECT NULL AS role, t.schemaname AS schema, t.objectname AS table,
                     pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '".' || '"' || replace(t.objectname, '"', '""') || '"', 'update') AS update,
                     pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '".' || '"' || replace(t.objectname, '"', '""') || '"', 'select') AS select,
                     pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '".' || '"' || replace(t.objectname, '"', '""') || '"', 'insert') AS insert,
                     pg_catalog.has_table_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '".' || '"' || replace(t.objectname, '"', '""') || '"', 'delete') AS delete
                FROM (SELECT schemaname, tablename AS objectname FROM pg_catalog.pg_tables
                       UNION SELECT schemaname, viewname FROM pg_catalog.pg_views
                       UNION SELECT schemaname, matviewname FROM pg_catalog.pg_matviews) t
               WHERE t.schemaname !~ '^pg_' AND t.schemaname NOT IN ('information_schema', 'tidewire', 'timescaledb_information')
                 AND pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage'))
            SELECT t.* FROM table_privileges t ORDER BY t.schema, t.table`,
    },
    {
      name: 'tables with an estimate of their rows',
      sql: `SELECT n.nspname AS schema, c.relname AS name, CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW'
                   WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' END AS type, d.description,
                   nullif(stat.n_live_tup, 0) IS NULL OR stat.n_live_tup > 0 AS estimated_row_count
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON c.relnamespace = n.oid
              LEFT JOIN pg_catalog.pg_description d ON c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass
              LEFT JOIN pg_stat_user_tables stat ON n.nspname = stat.schemaname AND c.relname = stat.relname
             WHERE c.relnamespace = n.oid AND n.nspname !~ '^information_schema|catalog_history|pg_' AND c.relkind = ANY ($1) AND n.nspname = ANY ($2)
             ORDER BY type, schema, name`,
      values: ['{r,p,v,f,m}', '{public,lab}'],
    },
    {
      name: 'fields of tables',
      sql: `SELECT c.column_name AS name, CASE WHEN c.udt_schema IN ('public', 'pg_catalog') THEN format('%s', c.udt_name) ELSE format('"%s"."%s"', c.udt_schema, c.udt_name) END AS "database-type",
                   c.ordinal_position - 1 AS "database-position", c.table_schema AS "table-schema", c.table_name AS "table-name", pk.column_name IS NOT NULL AS "pk?",
                   col_description(cast(cast(format('%I.%I', cast(c.table_schema AS text), cast(c.table_name AS text)) AS regclass) AS oid), c.ordinal_position) AS "field-comment",
                   ((column_default IS NULL) OR (lower(column_default) = 'null')) AND (is_nullable = 'NO') AND NOT (column_default IS NOT NULL AND column_default LIKE '%nextval(%')
                     AND is_identity = 'NO' AND is_generated = 'NEVER' AS "database-required",
                   (column_default IS NOT NULL AND column_default LIKE '%nextval(%') OR is_identity <> 'NO' AS "database-is-auto-increment"
              FROM information_schema.columns c
              LEFT JOIN (SELECT tc.table_schema, tc.table_name, kc.column_name FROM information_schema.table_constraints tc
                           JOIN information_schema.key_column_usage kc ON tc.constraint_name = kc.constraint_name AND tc.table_schema = kc.table_schema AND tc.table_name = kc.table_name
                          WHERE tc.constraint_type = 'PRIMARY KEY') pk
                ON c.table_schema = pk.table_schema AND c.table_name = pk.table_name AND c.column_name = pk.column_name
             WHERE c.table_schema !~ '^information_schema|catalog_history|pg_' AND c.table_schema IN ($1, $2)
             ORDER BY "table-schema", "table-name", "database-position"`,
      values: ['public', 'lab'],
    },
    {
      name: 'foreign keys',
      sql: `SELECT fk_ns.nspname AS "fk-table-schema", fk_table.relname AS "fk-table-name", fk_column.attname AS "fk-column-name",
                   pk_ns.nspname AS "pk-table-schema", pk_table.relname AS "pk-table-name", pk_column.attname AS "pk-column-name"
              FROM pg_constraint c JOIN pg_class fk_table ON c.conrelid = fk_table.oid JOIN pg_namespace fk_ns ON c.connamespace = fk_ns.oid
              JOIN pg_attribute fk_column ON c.conrelid = fk_column.attrelid JOIN pg_class pk_table ON c.confrelid = pk_table.oid
              JOIN pg_namespace pk_ns ON pk_table.relnamespace = pk_ns.oid JOIN pg_attribute pk_column ON c.confrelid = pk_column.attrelid
             WHERE fk_ns.nspname !~ '^information_schema|catalog_history|pg_' AND c.contype = 'f'::char AND fk_column.attnum = ANY (c.conkey) AND pk_column.attnum = ANY (c.confkey)
               AND fk_ns.nspname IN ($1) ORDER BY fk_ns.nspname, fk_table.relname`,
      values: ['public'],
    },
    {
      name: 'indexed fields',
      sql: `SELECT tmp.table_schema, tmp.table_name, trim(BOTH '"' FROM pg_catalog.pg_get_indexdef(tmp.ci_oid, tmp.pos, false)) AS field_name
              FROM (SELECT n.nspname AS table_schema, ct.relname AS table_name, ci.oid AS ci_oid,
                           (information_schema._pg_expandarray(i.indkey)).n AS pos
                      FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON (ct.oid = i.indrelid)
                      JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid)
                     WHERE pg_catalog.pg_get_expr(i.indpred, i.indrelid) IS NULL AND n.nspname !~ '^information_schema|catalog_history|pg_') tmp
             WHERE tmp.pos = 1 AND tmp.table_schema = $1 ORDER BY 1, 2, 3`,
      values: ['public'],
    },
    { name: 'the zone of the session', sql: 'show timezone', varies: true },
    {
      name: 'enums',
      sql: 'SELECT nspname, typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid IN (SELECT DISTINCT e.enumtypid FROM pg_catalog.pg_enum e) AND n.nspname = $1',
      values: ['public'],
    },
    {
      name: 'a question by month with bound parameters',
      sql: `SELECT date_trunc('month', "public"."trips"."pickup") AS "pickup", count(*) AS "count", sum("public"."trips"."fare") AS "sum" FROM "public"."trips"
             WHERE ("public"."trips"."pickup" >= $1 AND "public"."trips"."pickup" < $2) GROUP BY date_trunc('month', "public"."trips"."pickup")
             ORDER BY date_trunc('month', "public"."trips"."pickup") ASC`,
      values: ['2024-02-01 00:00:00Z', '2024-03-01 00:00:00Z'],
    },
    {
      name: 'a fingerprint of a field',
      sql: 'SELECT substring("public"."vendors"."name", 1, 1234) AS "substring", "public"."vendors"."id" FROM "public"."vendors" ORDER BY 2 LIMIT 10000',
    },
  ],
};

export const superset: Tool = {
  name: 'Superset',
  questions: [
    { name: 'the version that SQLAlchemy reads', sql: 'select pg_catalog.version()', varies: true },
    { name: 'the schema', sql: 'select current_schema()' },
    {
      name: 'schemas',
      sql: "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' AND nspname = ANY ($1) ORDER BY nspname",
      values: ['{public,lab,information_schema}'],
    },
    {
      name: 'tables of a schema',
      sql: `SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
             WHERE pg_catalog.pg_class.relkind = ANY (ARRAY[$1::varchar, $2::varchar]) AND pg_catalog.pg_class.relpersistence != $3::char AND pg_catalog.pg_namespace.nspname = $4::varchar
             ORDER BY 1`,
      values: ['r', 'p', 't', 'public'],
    },
    {
      name: 'columns as one answer for each table',
      sql: `SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS format_type,
                   (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS pg_get_expr_1 FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS "default",
                   a.attnotnull AS not_null, c.relname AS table_name, pd.description AS comment, a.attgenerated AS generated,
                   (SELECT json_build_object('always', a.attidentity = 'a', 'start', s.seqstart, 'increment', s.seqincrement, 'minvalue', s.seqmin, 'maxvalue', s.seqmax,
                                             'cache', s.seqcache, 'cycle', s.seqcycle) FROM pg_catalog.pg_sequence s
                     WHERE a.attidentity != '' AND s.seqrelid = pg_catalog.pg_get_serial_sequence(c.oid::regclass::text, a.attname)::regclass::oid) AS identity_options
              FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
              LEFT OUTER JOIN pg_catalog.pg_description pd ON pd.objoid = a.attrelid AND pd.objsubid = a.attnum JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = ANY (ARRAY[$1::varchar, $2, $3, $4, $5]) AND n.nspname = $6::varchar AND c.relname IN ($7) ORDER BY c.relname, a.attnum`,
      values: ['r', 'p', 'f', 'v', 'm', 'lab', 'notes'],
    },
    { name: 'how much a query will cost', sql: 'EXPLAIN SELECT host, count(*) FROM cpu GROUP BY host', varies: true },
    {
      name: 'a chart by the hour',
      sql: `SELECT DATE_TRUNC('hour', time) AS __timestamp, host AS host, AVG(usage_system) AS "AVG(usage_system)" FROM public.cpu
             WHERE time >= TO_TIMESTAMP('2024-02-29 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND time < TO_TIMESTAMP('2024-03-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')
             GROUP BY DATE_TRUNC('hour', time), host ORDER BY "AVG(usage_system)" DESC LIMIT 10000`,
    },
    {
      name: 'columns of a query',
      sql: 'SELECT * FROM (SELECT time, host, usage_user * 2 AS doubled FROM cpu) AS virtual_table LIMIT 0',
    },
  ],
};

/** Tableau and Power BI, over ODBC and Npgsql. */
export const tableau: Tool = {
  name: 'Tableau and Power BI',
  questions: [
    {
      name: 'types as Npgsql loads them',
      sql: `SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
              FROM (SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind, elemtyp.oid AS elemtypoid,
                           elemtyp.typname AS elemtypname, elemcls.relkind AS elemrelkind,
                           CASE WHEN elemproc.proname = 'array_recv' THEN 'a' ELSE elemtyp.typtype END AS elemtyptype
                      FROM (SELECT typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid,
                                   CASE WHEN proc.proname = 'array_recv' THEN 'a' ELSE typ.typtype END AS typtype,
                                   CASE WHEN proc.proname = 'array_recv' THEN typ.typelem WHEN typ.typtype = 'r' THEN rngsubtype
                                        WHEN typ.typtype = 'm' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = typ.oid)
                                        WHEN typ.typtype = 'd' THEN typ.typbasetype END AS elemtypoid
                              FROM pg_type AS typ LEFT JOIN pg_class AS cls ON (cls.oid = typ.typrelid) LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive
                              LEFT JOIN pg_range ON (pg_range.rngtypid = typ.oid)) AS typ
                      LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = elemtypoid LEFT JOIN pg_class AS elemcls ON (elemcls.oid = elemtyp.typrelid)
                      LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive) AS t
              JOIN pg_namespace AS ns ON (ns.oid = typnamespace)
             WHERE (typtype IN ('b', 'r', 'm', 'e', 'd') OR (typtype = 'c' AND relkind = 'c') OR (typtype = 'p' AND typname IN ('record', 'void', 'unknown'))
                    OR (typtype = 'a' AND (elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR (elemtyptype = 'p' AND elemtypname IN ('record', 'void')) OR (elemtyptype = 'c' AND elemrelkind = 'c'))))
               AND (ns.nspname = 'public' OR t.typname IN ('int4', '_int4', 'text', '_text', 'timestamptz', 'jsonb', 'uuid', 'void', 'record'))
             ORDER BY CASE WHEN typtype IN ('b', 'e', 'p') THEN 0 WHEN typtype = 'r' THEN 1 WHEN typtype = 'm' THEN 2 WHEN typtype = 'c' THEN 3 WHEN typtype = 'd' AND elemtyptype <> 'a' THEN 4
                           WHEN typtype = 'a' THEN 5 WHEN typtype = 'd' AND elemtyptype = 'a' THEN 6 END, t.typname`,
    },
    {
      name: 'fields of composite types',
      sql: `SELECT typ.oid, att.attname, att.atttypid FROM pg_type AS typ JOIN pg_namespace AS ns ON (ns.oid = typ.typnamespace) JOIN pg_class AS cls ON (cls.oid = typ.typrelid)
              JOIN pg_attribute AS att ON (att.attrelid = typ.typrelid)
             WHERE (typ.typtype = 'c' AND cls.relkind = 'c') AND attnum > 0 AND NOT attisdropped ORDER BY typ.oid, att.attnum`,
    },
    {
      name: 'labels of enums',
      sql: 'SELECT pg_type.oid, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid ORDER BY oid, enumsortorder',
    },
    {
      name: 'tables to choose from',
      sql: `select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE from INFORMATION_SCHEMA.tables
             where TABLE_SCHEMA not in ('information_schema', 'pg_catalog', 'tidewire', 'timescaledb_information') order by TABLE_SCHEMA, TABLE_NAME`,
    },
    {
      name: 'columns of a table',
      sql: `select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, case when (data_type like '%unsigned%') then DATA_TYPE || ' unsigned' else DATA_TYPE end as DATA_TYPE
              from INFORMATION_SCHEMA.columns where TABLE_SCHEMA = $1 and TABLE_NAME = $2 order by TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
      values: ['public', 'trips'],
    },
    {
      name: 'keys of a table',
      sql: `select i.CONSTRAINT_SCHEMA || '_' || i.CONSTRAINT_NAME as INDEX_NAME, ii.COLUMN_NAME, ii.ORDINAL_POSITION, case when i.CONSTRAINT_TYPE = 'PRIMARY KEY' then 'Y' else 'N' end as PRIMARY_KEY
              from INFORMATION_SCHEMA.table_constraints i inner join INFORMATION_SCHEMA.key_column_usage ii
                on i.CONSTRAINT_SCHEMA = ii.CONSTRAINT_SCHEMA and i.CONSTRAINT_NAME = ii.CONSTRAINT_NAME and i.TABLE_SCHEMA = ii.TABLE_SCHEMA and i.TABLE_NAME = ii.TABLE_NAME
             where i.TABLE_SCHEMA = $1 and i.TABLE_NAME = $2 and i.CONSTRAINT_TYPE in ('PRIMARY KEY', 'UNIQUE') order by 1, i.TABLE_SCHEMA, i.TABLE_NAME, ii.ORDINAL_POSITION`,
      values: ['public', 'vendors'],
    },
    {
      name: 'relationships of a table',
      sql: `select pkcol.COLUMN_NAME as PK_COLUMN_NAME, fkcol.TABLE_SCHEMA as FK_TABLE_SCHEMA, fkcol.TABLE_NAME as FK_TABLE_NAME, fkcol.COLUMN_NAME as FK_COLUMN_NAME,
                   fkcol.ORDINAL_POSITION as ORDINAL, fkcon.CONSTRAINT_SCHEMA || '_' || fkcol.TABLE_NAME || '_' || pkcol.TABLE_NAME || '_' || fkcon.CONSTRAINT_NAME as FK_NAME
              from (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name
                      from INFORMATION_SCHEMA.referential_constraints) fkcon
             inner join INFORMATION_SCHEMA.key_column_usage fkcol on fkcon.CONSTRAINT_SCHEMA = fkcol.CONSTRAINT_SCHEMA and fkcon.CONSTRAINT_NAME = fkcol.CONSTRAINT_NAME
             inner join INFORMATION_SCHEMA.key_column_usage pkcol on fkcon.UNIQUE_CONSTRAINT_SCHEMA = pkcol.CONSTRAINT_SCHEMA and fkcon.UNIQUE_CONSTRAINT_NAME = pkcol.CONSTRAINT_NAME
             where pkcol.TABLE_SCHEMA = $1 and pkcol.TABLE_NAME = $2 and pkcol.ORDINAL_POSITION = fkcol.ORDINAL_POSITION order by FK_NAME, fkcol.ORDINAL_POSITION`,
      values: ['public', 'vendors'],
    },
    { name: 'character sets', sql: 'select character_set_name from INFORMATION_SCHEMA.character_sets' },
    {
      name: 'the primary key, as the ODBC driver asks',
      sql: `select ta.attname, ia.attnum, ic.relname, n.nspname, tc.relname from pg_catalog.pg_attribute ta, pg_catalog.pg_attribute ia, pg_catalog.pg_class tc, pg_catalog.pg_index i,
                   pg_catalog.pg_namespace n, pg_catalog.pg_class ic
             where tc.relname = $1 AND n.nspname = $2 AND tc.oid = i.indrelid AND n.oid = tc.relnamespace AND i.indisprimary = 't' AND ia.attrelid = i.indexrelid AND ta.attrelid = i.indrelid
               AND ta.attnum = i.indkey[ia.attnum - 1] AND (NOT ta.attisdropped) AND (NOT ia.attisdropped) AND ic.oid = i.indexrelid order by ia.attnum`,
      values: ['vendors', 'public'],
    },
    {
      name: 'columns of a query',
      sql: 'SELECT * FROM (SELECT * FROM "public"."trips") AS "SubQuery" WHERE 1 = 0 LIMIT 1',
    },
    {
      name: 'a sheet',
      sql: `SELECT CAST("trips"."payment" AS TEXT) AS "payment", SUM("trips"."fare") AS "sum:fare:ok", DATE_TRUNC('MONTH', CAST("trips"."pickup" AS TIMESTAMP WITHOUT TIME ZONE)) AS "tmn:pickup:ok"
              FROM "public"."trips" "trips" GROUP BY 1, 3 HAVING (COUNT(1) > 0) ORDER BY 1`,
    },
    { name: 'how large the room for names is', sql: 'SHOW max_identifier_length' },
  ],
};
