const OWNED = "pg_catalog.pg_has_role(c.relowner, 'USAGE')";
const NOT_TEMPORARY = 'NOT pg_catalog.pg_is_other_temp_schema(n.oid)';
const DATABASE = 'pg_catalog.current_database()';
const RELATIONS = 'pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace';
const yes = (condition: string): string => `CASE WHEN ${condition} THEN 'YES' ELSE 'NO' END`;
/** Who may not do anything with a table does not see it. */
const VISIBLE_TABLE = `(${OWNED} OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
  OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))`;
const WRITER_OF_TABLE = `(${OWNED} OR pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
  OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))`;
const ENABLED =
  "(pg_catalog.pg_has_role(x.grantee, 'USAGE') OR pg_catalog.pg_has_role(x.grantor, 'USAGE') OR x.grantee = 0)";
const GRANTEE = "CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END";
const GRANTOR = 'pg_catalog.pg_get_userbyid(x.grantor)';

const tablePrivileges = (condition: string): string => `
  SELECT ${GRANTOR}, ${GRANTEE}, ${DATABASE}, n.nspname, c.relname, x.privilege_type,
         ${yes("pg_catalog.pg_has_role(x.grantee, c.relowner, 'USAGE') OR x.is_grantable")},
         ${yes("x.privilege_type = 'SELECT'")}
    FROM ${RELATIONS},
         LATERAL pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS x
   WHERE c.relkind IN ('r', 'v', 'f', 'p')
     AND x.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER') AND ${condition}`;

/** A right to the whole is one to each column. */
const columnPrivileges = (condition: string): string => `
  SELECT DISTINCT ${GRANTOR}, ${GRANTEE}, ${DATABASE}, n.nspname, c.relname, a.attname, x.privilege_type,
         ${yes("pg_catalog.pg_has_role(x.grantee, c.relowner, 'USAGE') OR x.is_grantable")}
    FROM ${RELATIONS} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped,
         LATERAL (SELECT * FROM pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner)))
                   UNION ALL SELECT * FROM pg_catalog.aclexplode(a.attacl)) AS x
   WHERE c.relkind IN ('r', 'v', 'f', 'p')
     AND x.privilege_type IN ('INSERT', 'SELECT', 'UPDATE', 'REFERENCES') AND ${condition}`;

const SPECIFIC_NAME = "p.proname || '_' || p.oid";
const routinePrivileges = (condition: string): string => `
  SELECT ${GRANTOR}, ${GRANTEE}, ${DATABASE}, n.nspname, ${SPECIFIC_NAME}, ${DATABASE}, n.nspname, p.proname, 'EXECUTE',
         ${yes("pg_catalog.pg_has_role(x.grantee, p.proowner, 'USAGE') OR x.is_grantable")}
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace,
         LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS x
   WHERE ${condition}`;

const usagePrivileges = (condition: string): string => `
  SELECT ${GRANTOR}, ${GRANTEE}, ${DATABASE}, n.nspname, c.relname, 'SEQUENCE', 'USAGE',
         ${yes("pg_catalog.pg_has_role(x.grantee, c.relowner, 'USAGE') OR x.is_grantable")}
    FROM ${RELATIONS},
         LATERAL pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))) AS x
   WHERE c.relkind = 'S' AND x.privilege_type = 'USAGE' AND ${condition}`;

/** Constraints and the tables that they are of. NOT NULL counts as a CHECK, with a name made of numbers. */
const CONSTRAINTS = `
  pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_namespace kn ON kn.oid = k.connamespace`;
const NOT_NULL_NAME = "n.oid || '_' || c.oid || '_' || a.attnum || '_not_null'";

/** Views of information_schema, of which those that clients read most are made row by row elsewhere. */
export const INFORMATION_VIEWS: Readonly<Record<string, string>> = {
  'information_schema.information_schema_catalog_name': `SELECT ${DATABASE}`,
  'information_schema.schemata': `
    SELECT ${DATABASE}, n.nspname, r.rolname, NULL::name, NULL::name, NULL::name, NULL::varchar
      FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_authid r ON r.oid = n.nspowner
     WHERE pg_catalog.pg_has_role(n.nspowner, 'USAGE') OR pg_catalog.has_schema_privilege(n.oid, 'CREATE, USAGE')`,
  'information_schema.views': `
    SELECT ${DATABASE}, n.nspname, c.relname, CASE WHEN ${OWNED} THEN pg_catalog.pg_get_viewdef(c.oid) END,
           CASE WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'
                WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL' ELSE 'NONE' END,
           ${yes('pg_catalog.pg_relation_is_updatable(c.oid::regclass, false) & 20 = 20')},
           ${yes('pg_catalog.pg_relation_is_updatable(c.oid::regclass, false) & 8 = 8')}, 'NO', 'NO', 'NO'
      FROM ${RELATIONS} WHERE c.relkind = 'v' AND ${NOT_TEMPORARY} AND ${VISIBLE_TABLE}`,
  'information_schema.sequences': `
    SELECT ${DATABASE}, n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL),
           information_schema._pg_numeric_precision(s.seqtypid, -1), 2, 0, s.seqstart::text, s.seqmin::text, s.seqmax::text,
           s.seqincrement::text, ${yes('s.seqcycle')}
      FROM ${RELATIONS} JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.classid = 1259 AND d.objid = c.oid AND d.deptype = 'i')
       AND ${NOT_TEMPORARY} AND (${OWNED} OR pg_catalog.has_sequence_privilege(c.oid, 'SELECT, UPDATE, USAGE'))`,
  'information_schema.table_constraints': `
    SELECT ${DATABASE}, kn.nspname, k.conname, ${DATABASE}, n.nspname, c.relname,
           CASE k.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END,
           ${yes('k.condeferrable')}, ${yes('k.condeferred')}, 'YES',
           CASE WHEN k.contype = 'u' THEN (SELECT ${yes('NOT i.indnullsnotdistinct')} FROM pg_catalog.pg_index i
                                           WHERE i.indexrelid = k.conindid) END
      FROM ${CONSTRAINTS}
     WHERE k.contype IN ('c', 'f', 'p', 'u') AND c.relkind IN ('r', 'p') AND ${NOT_TEMPORARY} AND ${WRITER_OF_TABLE}
     UNION ALL
    SELECT ${DATABASE}, n.nspname, ${NOT_NULL_NAME}, ${DATABASE}, n.nspname, c.relname, 'CHECK', 'NO', 'NO', 'YES', NULL
      FROM ${RELATIONS} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
     WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND ${NOT_TEMPORARY}
       AND ${WRITER_OF_TABLE}`,
  'information_schema.key_column_usage': `
    SELECT ${DATABASE}, kn.nspname, k.conname, ${DATABASE}, n.nspname, c.relname, a.attname, u.place,
           CASE WHEN k.contype = 'f' THEN information_schema._pg_index_position(k.conindid, k.confkey[u.place]) END
      FROM ${CONSTRAINTS}, LATERAL unnest(k.conkey) WITH ORDINALITY AS u(number, place), pg_catalog.pg_attribute a
     WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p') AND a.attrelid = c.oid AND a.attnum = u.number
       AND ${NOT_TEMPORARY} AND (${OWNED} OR pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES'))`,
  'information_schema.referential_constraints': `
    SELECT ${DATABASE}, kn.nspname, k.conname, ${DATABASE}, rn.nspname, r.conname,
           CASE k.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' WHEN 's' THEN 'NONE' END,
           CASE k.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
                              WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END,
           CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
                              WHEN 'r' THEN 'RESTRICT' WHEN 'a' THEN 'NO ACTION' END
      FROM ${CONSTRAINTS} LEFT JOIN pg_catalog.pg_constraint r ON r.conindid = k.conindid AND r.contype IN ('p', 'u')
      LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.connamespace
     WHERE k.contype = 'f' AND ${WRITER_OF_TABLE}`,
  'information_schema.check_constraints': `
    SELECT ${DATABASE}, kn.nspname, k.conname, substring(pg_catalog.pg_get_constraintdef(k.oid) FROM 7)
      FROM ${CONSTRAINTS} WHERE k.contype = 'c' AND ${OWNED}
     UNION ALL
    SELECT ${DATABASE}, n.nspname, ${NOT_NULL_NAME}, a.attname || ' IS NOT NULL'
      FROM ${RELATIONS} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
     WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND ${OWNED}`,
  'information_schema.constraint_column_usage': `
    SELECT ${DATABASE}, un.nspname, c.relname, a.attname, ${DATABASE}, kn.nspname, k.conname
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace kn ON kn.oid = k.connamespace
      JOIN pg_catalog.pg_class c ON c.oid = CASE k.contype WHEN 'f' THEN k.confrelid ELSE k.conrelid END
      JOIN pg_catalog.pg_namespace un ON un.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
       AND a.attnum = ANY (CASE k.contype WHEN 'f' THEN k.confkey ELSE k.conkey END)
     WHERE k.contype IN ('c', 'p', 'u', 'f') AND c.relkind IN ('r', 'p') AND ${OWNED}`,
  'information_schema.constraint_table_usage': `
    SELECT ${DATABASE}, un.nspname, c.relname, ${DATABASE}, kn.nspname, k.conname
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace kn ON kn.oid = k.connamespace
      JOIN pg_catalog.pg_class c ON c.oid = CASE k.contype WHEN 'f' THEN k.confrelid ELSE k.conrelid END
      JOIN pg_catalog.pg_namespace un ON un.oid = c.relnamespace
     WHERE k.contype IN ('p', 'u', 'f') AND c.relkind IN ('r', 'p') AND ${OWNED}`,
  'information_schema.table_privileges': tablePrivileges(ENABLED),
  'information_schema.role_table_grants': tablePrivileges(`x.grantee <> 0 AND ${ENABLED}`),
  'information_schema.column_privileges': columnPrivileges(ENABLED),
  'information_schema.role_column_grants': columnPrivileges(`x.grantee <> 0 AND ${ENABLED}`),
  'information_schema.routine_privileges': routinePrivileges(ENABLED),
  'information_schema.role_routine_grants': routinePrivileges(`x.grantee <> 0 AND ${ENABLED}`),
  'information_schema.usage_privileges': usagePrivileges(ENABLED),
  'information_schema.role_usage_grants': usagePrivileges(`x.grantee <> 0 AND ${ENABLED}`),
  'information_schema.udt_privileges': `
    SELECT ${GRANTOR}, ${GRANTEE}, ${DATABASE}, n.nspname, t.typname, 'TYPE USAGE',
           ${yes("pg_catalog.pg_has_role(x.grantee, t.typowner, 'USAGE') OR x.is_grantable")}
      FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace,
           LATERAL pg_catalog.aclexplode(coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner))) AS x
     WHERE t.typtype = 'c' AND ${ENABLED}`,
  'information_schema.enabled_roles':
    "SELECT rolname FROM pg_catalog.pg_authid WHERE pg_catalog.pg_has_role(oid, 'USAGE')",
  'information_schema.applicable_roles': `
    SELECT m.rolname, r.rolname, ${yes('a.admin_option')}
      FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_authid m ON m.oid = a.member
      JOIN pg_catalog.pg_authid r ON r.oid = a.roleid WHERE pg_catalog.pg_has_role(m.oid, 'USAGE')`,
  'information_schema.administrable_role_authorizations':
    "SELECT grantee, role_name, is_grantable FROM information_schema.applicable_roles WHERE is_grantable = 'YES'",
  'information_schema.character_sets': `
    SELECT NULL::name, NULL::name, 'UTF8', 'UCS', 'UTF8', NULL::name, NULL::name, NULL::name`,
  'information_schema.collations': `
    SELECT ${DATABASE}, n.nspname, l.collname, 'NO PAD'
      FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace`,
  'information_schema.collation_character_set_applicability': `
    SELECT ${DATABASE}, n.nspname, l.collname, NULL::name, NULL::name, 'UTF8'
      FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace`,
  'information_schema.column_udt_usage': `
    SELECT ${DATABASE}, tn.nspname, t.typname, ${DATABASE}, n.nspname, c.relname, a.attname
      FROM ${RELATIONS} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'f', 'p')
       AND pg_catalog.pg_has_role(t.typowner, 'USAGE')`,
  'information_schema.element_types': `
    SELECT ${DATABASE}, n.nspname, c.relname, CASE WHEN c.relkind = 'v' THEN 'VIEW' ELSE 'TABLE' END, a.attnum::text,
           CASE WHEN en.nspname = 'pg_catalog' THEN pg_catalog.format_type(e.oid, NULL) ELSE 'USER-DEFINED' END,
           NULL::int, NULL::int, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::name, NULL::int, NULL::int,
           NULL::int, NULL::int, NULL::varchar, NULL::int, NULL::varchar, ${DATABASE}, en.nspname, e.typname,
           NULL::name, NULL::name, NULL::name, NULL::int, 'a' || a.attnum
      FROM ${RELATIONS} JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_type e ON e.oid = t.typelem
      JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
     WHERE t.typlen = -1 AND t.typcategory = 'A' AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')
       AND ${VISIBLE_TABLE}`,
  'information_schema.view_table_usage': `
    SELECT DISTINCT ${DATABASE}, vn.nspname, v.relname, ${DATABASE}, n.nspname, c.relname
      FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
      JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
      JOIN pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = r.oid AND d.refclassid = 1259 AND d.refobjid <> v.oid
      JOIN pg_catalog.pg_class c ON c.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'v', 'f', 'p') AND ${OWNED}`,
  'information_schema.view_column_usage': `
    SELECT DISTINCT ${DATABASE}, vn.nspname, v.relname, ${DATABASE}, n.nspname, c.relname, a.attname
      FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
      JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
      JOIN pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = r.oid AND d.refclassid = 1259 AND d.refobjid <> v.oid
      JOIN pg_catalog.pg_class c ON c.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
     WHERE c.relkind IN ('r', 'v', 'f', 'p') AND ${OWNED}`,
  'information_schema.column_column_usage': `
    SELECT DISTINCT ${DATABASE}, n.nspname, c.relname, s.attname, g.attname
      FROM ${RELATIONS} JOIN pg_catalog.pg_attribute g ON g.attrelid = c.oid AND g.attgenerated <> ''
      JOIN pg_catalog.pg_depend d ON d.classid = 1259 AND d.objid = c.oid AND d.objsubid = g.attnum
       AND d.refclassid = 1259 AND d.refobjid = c.oid
      JOIN pg_catalog.pg_attribute s ON s.attrelid = c.oid AND s.attnum = d.refobjsubid
     WHERE ${OWNED}`,
};
