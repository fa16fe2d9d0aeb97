import { millis } from '../lib/query-report.mjs';
import { report } from '../lib/results.mjs';

const TABLES = 1000;
const COLUMNS = 50;
/** Tables made by one message. */
const BATCH = 50;
const TYPES = ['double precision', 'text', 'integer', 'varchar(20)', 'numeric(10,2)'];

const visible = "c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname = 'many'";

/** What clients ask while they connect or show a table. `of`: one table of the many, or all. */
const QUESTIONS = [
  {
    id: "information_schema.columns, one table's",
    sql: "SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'many' AND table_name = 't7' ORDER BY ordinal_position",
  },
  {
    id: 'information_schema.columns, all',
    sql: "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'many'",
  },
  { id: 'information_schema.columns, counted', sql: 'SELECT count(*) FROM information_schema.columns' },
  {
    id: 'information_schema.tables, all',
    sql: "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'many'",
  },
  {
    id: 'information_schema keys of one table',
    sql: "SELECT k.column_name FROM information_schema.table_constraints t JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name) WHERE t.table_schema = 'many' AND t.table_name = 't7' AND t.constraint_type = 'PRIMARY KEY'",
  },
  {
    id: 'information_schema, columns of the keys of one table',
    sql: "SELECT c.column_name, c.data_type, constraint_type, constraint_name FROM information_schema.table_constraints tc JOIN information_schema.constraint_column_usage AS ccu USING (constraint_schema, constraint_name) JOIN information_schema.columns AS c ON c.table_schema = tc.constraint_schema AND tc.table_name = c.table_name AND ccu.column_name = c.column_name WHERE tc.table_name = 't7' AND constraint_schema = 'many'",
  },
  {
    id: 'information_schema.columns, of some tables by name',
    sql: `SELECT table_name, column_name FROM information_schema.columns WHERE ${[7, 70, 700].map((at) => `(table_schema = 'many' AND table_name = 't${at}')`).join(' OR ')}`,
  },
  {
    id: 'pg_class and pg_attribute, one table',
    sql: "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 't7' AND n.nspname = 'many' AND a.attnum > 0 ORDER BY a.attnum",
  },
  {
    id: 'pg_class and pg_attribute, all',
    sql: "SELECT c.relname, a.attname, a.atttypid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'many' AND a.attnum > 0",
  },
  {
    id: '\\d of a table: its relation',
    sql: "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(t7)$' COLLATE pg_catalog.default AND n.nspname = 'many'",
  },
  {
    id: '\\d of a table: its columns',
    sql: "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef), a.attnotnull FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'many.t7'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
  },
  {
    id: '\\d of a table: its indexes',
    sql: "SELECT c2.relname, i.indisprimary, pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), pg_catalog.pg_get_constraintdef(con.oid, true) FROM pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_index i LEFT JOIN pg_catalog.pg_constraint con ON (conrelid = i.indrelid AND conindid = i.indexrelid AND contype IN ('p', 'u', 'x')) WHERE c.oid = 'many.t7'::regclass AND c.oid = i.indrelid AND i.indexrelid = c2.oid ORDER BY i.indisprimary DESC, c2.relname",
  },
  {
    id: '\\dt',
    sql: `SELECT n.nspname, c.relname, c.relkind, pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ${visible} ORDER BY 1, 2`,
  },
  {
    id: '\\dT',
    sql: "SELECT n.nspname, pg_catalog.format_type(t.oid, NULL), pg_catalog.obj_description(t.oid, 'pg_type') FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid)) AND NOT EXISTS(SELECT 1 FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid) AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND pg_catalog.pg_type_is_visible(t.oid) ORDER BY 1, 2",
  },
  {
    id: "a driver's columns of one table (getColumns)",
    sql: "SELECT * FROM (SELECT n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull, a.atttypmod, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, dsc.description, t.typtype FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid JOIN pg_catalog.pg_type t ON a.atttypid = t.oid LEFT JOIN pg_catalog.pg_attrdef def ON a.attrelid = def.adrelid AND a.attnum = def.adnum LEFT JOIN pg_catalog.pg_description dsc ON c.oid = dsc.objoid AND a.attnum = dsc.objsubid WHERE c.relkind IN ('r', 'p', 'v', 'f', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = 'many' AND c.relname = 't7') c ORDER BY nspname, relname, attnum",
  },
  {
    id: 'reflection of one table: columns, as SQLAlchemy',
    sql: "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef), a.attnotnull, c.relname, pd.description FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_catalog.pg_description pd ON pd.objoid = a.attrelid AND pd.objsubid = a.attnum JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND n.nspname = 'many' AND c.relname IN ('t7') ORDER BY c.relname, a.attnum",
  },
  { id: 'a name as regclass', sql: "SELECT 'many.t9'::regclass::oid" },
];

/** How long questions to the catalogs take in a database with many tables, right after something changed and then. */
export async function catalog(context) {
  const { peers, timing } = context;
  const servers = peers.filter(({ drain }) => drain !== undefined);
  for (const server of servers) await makeTables(server);
  const figures = [];
  const rows = [];
  const runs = Math.max(timing.runs, 1);
  try {
    for (const { id, sql } of QUESTIONS) {
      const times = [];
      for (const server of servers) times.push(await askedAfterChanges(server, sql, runs));
      const [{ first, then }, theirs] = times;
      rows.push([
        id,
        millis(first),
        millis(then),
        ...(theirs === undefined ? ['', ''] : [millis(theirs.first), millis(theirs.then)]),
      ]);
      figures.push(
        { id: `${id}, after a change`, value: first, unit: 'ms' },
        { id: `${id}, then`, value: then, unit: 'ms' },
      );
    }
  } finally {
    for (const server of servers) await dropTables(server);
  }
  report(
    {
      name: 'catalog',
      title: 'Questions to the catalogs',
      intro: `A database with ${TABLES.toLocaleString('en')} tables of ${COLUMNS} columns: the median of what clients ask right after a CREATE TABLE, and when they ask again.`,
      sections: [
        {
          title: 'Milliseconds',
          header: ['question', 'after a change', 'then', 'PostgreSQL after a change', 'PostgreSQL then'],
          rows,
        },
      ],
    },
    context,
  );
  return figures;
}

async function makeTables(server) {
  const columns = Array.from({ length: COLUMNS }, (_, at) => {
    if (at === 0) return 'id integer PRIMARY KEY';
    const value = TYPES[at % TYPES.length] === 'text' ? "'a'" : '1';
    return `c${at} ${TYPES[at % TYPES.length]}${at % 7 === 0 ? ` DEFAULT ${value}` : ''}`;
  });
  await server.run('CREATE SCHEMA many');
  for (let from = 0; from < TABLES; from += BATCH) {
    const statements = Array.from(
      { length: BATCH },
      (_, at) => `CREATE TABLE many.t${from + at} (${columns.join(', ')})`,
    );
    await server.run(`BEGIN; ${statements.join('; ')}; COMMIT`);
  }
}

/** Batch by batch: PostgreSQL locks each of them. */
async function dropTables(server) {
  for (let from = 0; from < TABLES; from += BATCH) {
    await server.run(`DROP TABLE ${Array.from({ length: BATCH }, (_, at) => `many.t${from + at}`).join(', ')}`);
  }
  await server.run('DROP SCHEMA many CASCADE');
}

/** Medians. */
async function askedAfterChanges(server, sql, runs) {
  const first = [];
  const then = [];
  for (let run = 0; run < runs; run++) {
    await server.run(`CREATE TABLE many.x${run} (a integer)`);
    first.push(await timed(server, sql));
    for (let again = 0; again < 3; again++) then.push(await timed(server, sql));
    await server.run(`DROP TABLE many.x${run}`);
  }
  return { first: median(first), then: median(then) };
}

async function timed(server, sql) {
  const start = performance.now();
  await server.drain(sql);
  return performance.now() - start;
}

function median(values) {
  return values.sort((left, right) => left - right)[values.length >> 1];
}
