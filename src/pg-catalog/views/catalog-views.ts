const OF_SYSTEM = "n.nspname IN ('pg_catalog', 'information_schema')";
const FROM_TABLES = `
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')`;
const FROM_INDEXES = `
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace WHERE true`;
const FROM_SEQUENCES = `
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S'`;

/** Views of pg_catalog as queries over its tables. */
export const CATALOG_VIEWS: Readonly<Record<string, string>> = {
  'pg_catalog.pg_roles': `
    SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolconnlimit,
           '********', rolvaliduntil, rolbypassrls, s.setconfig, oid
      FROM pg_catalog.pg_authid LEFT JOIN pg_catalog.pg_db_role_setting s ON oid = s.setrole AND s.setdatabase = 0`,
  'pg_catalog.pg_user': `
    SELECT rolname, oid, rolcreatedb, rolsuper, rolreplication, rolbypassrls, '********', rolvaliduntil, s.setconfig
      FROM pg_catalog.pg_authid LEFT JOIN pg_catalog.pg_db_role_setting s ON oid = s.setrole AND s.setdatabase = 0
     WHERE rolcanlogin`,
  'pg_catalog.pg_shadow': `
    SELECT rolname, oid, rolcreatedb, rolsuper, rolreplication, rolbypassrls, rolpassword, rolvaliduntil, s.setconfig
      FROM pg_catalog.pg_authid LEFT JOIN pg_catalog.pg_db_role_setting s ON oid = s.setrole AND s.setdatabase = 0
     WHERE rolcanlogin`,
  'pg_catalog.pg_group': `
    SELECT rolname, oid, ARRAY(SELECT member FROM pg_catalog.pg_auth_members m WHERE m.roleid = a.oid)
      FROM pg_catalog.pg_authid a WHERE NOT rolcanlogin`,
  'pg_catalog.pg_tables': `
    SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), NULL::name, c.relhasindex, c.relhasrules,
           c.relhastriggers, c.relrowsecurity
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p')`,
  'pg_catalog.pg_views': `
    SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.pg_get_viewdef(c.oid)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'v'`,
  'pg_catalog.pg_matviews': `
    SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), NULL::name, c.relhasindex, c.relispopulated,
           pg_catalog.pg_get_viewdef(c.oid)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'm'`,
  'pg_catalog.pg_indexes': `
    SELECT n.nspname, t.relname, c.relname, NULL::name, pg_catalog.pg_get_indexdef(c.oid)
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace`,
  'pg_catalog.pg_sequences': `
    SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner), s.seqtypid, s.seqstart, s.seqmin, s.seqmax,
           s.seqincrement, s.seqcycle, s.seqcache, pg_catalog.pg_sequence_last_value(c.oid::regclass)
      FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
  'pg_catalog.pg_rules': `
    SELECT n.nspname, c.relname, r.rulename, pg_catalog.pg_get_ruledef(r.oid)
      FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE r.rulename <> '_RETURN'`,
  'pg_catalog.pg_timezone_names': 'SELECT * FROM pg_catalog.pg_timezone_names()',
  'pg_catalog.pg_timezone_abbrevs': 'SELECT * FROM pg_catalog.pg_timezone_abbrevs()',
  'pg_catalog.pg_available_extensions': `
    SELECT e.name, e.default_version, x.extversion, e.comment
      FROM pg_catalog.pg_available_extensions() e LEFT JOIN pg_catalog.pg_extension x ON x.extname = e.name`,
  'pg_catalog.pg_available_extension_versions': `
    SELECT e.name, e.version, x.extname IS NOT NULL, e.superuser, e.trusted, e.relocatable, e.schema, e.requires, e.comment
      FROM pg_catalog.pg_available_extension_versions() e
      LEFT JOIN pg_catalog.pg_extension x ON x.extname = e.name AND x.extversion = e.version`,
  'pg_catalog.pg_stat_database': `
    SELECT d.oid, d.datname, pg_catalog.pg_stat_get_db_numbackends(d.oid), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL::bigint,
           NULL::timestamptz, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL::timestamptz
      FROM pg_catalog.pg_database d`,
  'pg_catalog.pg_stat_database_conflicts': 'SELECT oid, datname, 0, 0, 0, 0, 0 FROM pg_catalog.pg_database',
  'pg_catalog.pg_stat_bgwriter': 'SELECT 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, pg_catalog.pg_postmaster_start_time()',
  'pg_catalog.pg_stat_archiver': `
    SELECT 0, NULL::text, NULL::timestamptz, 0, NULL::text, NULL::timestamptz, pg_catalog.pg_postmaster_start_time()`,
  ...tableViews(),
};

/** What PostgreSQL counts of tables and indexes, each of all of them, of the system's and of the users'. */
function tableViews(): Record<string, string> {
  const table = 'c.oid, n.nspname, c.relname';
  const index = 't.oid, c.oid, n.nspname, t.relname, c.relname';
  const count = (name: string, of = 'c'): string => `pg_catalog.pg_stat_get_${name}(${of}.oid)`;
  const instants = ['last_vacuum_time', 'last_autovacuum_time', 'last_analyze_time', 'last_autoanalyze_time'];
  const runs = ['vacuum_count', 'autovacuum_count', 'analyze_count', 'autoanalyze_count'];
  const changes = ['inserted', 'updated', 'deleted', 'hot_updated'];
  const rows = ['live_tuples', 'dead_tuples', 'mod_since_analyze', 'ins_since_vacuum'];
  const queries: Record<string, readonly [string, string]> = {
    'stat_{}_tables': [
      [
        table,
        count('numscans'),
        count('tuples_returned'),
        '0, 0',
        ...changes.map((name) => count(`tuples_${name}`)),
        ...[...rows, ...instants, ...runs].map((name) => count(name)),
      ].join(', '),
      FROM_TABLES,
    ],
    'stat_xact_{}_tables': [
      [table, count('xact_numscans'), count('xact_tuples_returned'), '0, 0']
        .concat(changes.map((name) => count(`xact_tuples_${name}`)))
        .join(', '),
      FROM_TABLES,
    ],
    'statio_{}_tables': [`${table}, 0, 0, 0, 0, 0, 0, 0, 0`, FROM_TABLES],
    'stat_{}_indexes': [
      [index, count('numscans'), count('tuples_returned'), count('tuples_fetched')].join(', '),
      FROM_INDEXES,
    ],
    'statio_{}_indexes': [`${index}, 0, 0`, FROM_INDEXES],
    'statio_{}_sequences': [`${table}, 0, 0`, FROM_SEQUENCES],
  };
  const views: Record<string, string> = {};
  for (const [name, [columns, from]] of Object.entries(queries)) {
    const viewName = (which: string): string => `pg_catalog.pg_${name.replace('{}', which)}`;
    views[viewName('all')] = `SELECT ${columns} ${from}`;
    views[viewName('sys')] = `SELECT ${columns} ${from} AND ${OF_SYSTEM}`;
    views[viewName('user')] = `SELECT ${columns} ${from} AND NOT ${OF_SYSTEM}`;
  }
  return views;
}
