import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';

const FACTS = new URL('../../src/pg-catalog/facts/', import.meta.url);
const SYSTEM_SCHEMAS = `('pg_catalog', 'information_schema')`;

const USAGE = `npm run catalog-facts -- --url postgres://…

Writes src/pg-catalog/facts/ anew: what a PostgreSQL 15 that nobody has changed says of its own relations, types,
functions, operators, casts and aggregates: names, numbers, flags.`;

/** The command line that reads a PostgreSQL 15; resolves to the exit code. */
export async function writeFacts(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { url: { type: 'string' } } });
  if (values.url === undefined) {
    console.log(USAGE);
    return 2;
  }
  const client = new pg.Client({ connectionString: values.url });
  await client.connect();
  try {
    await client.query('SET search_path TO pg_catalog');
    await write('relation-facts', 'RELATION_FACTS', RELATION_NOTE, await relations(client));
    await write('index-facts', 'INDEX_FACTS', INDEX_NOTE, await indexes(client));
    for (const { file, name, note, sql, keepsNumbers } of TABLES) {
      await write(file, name, note, await rowsOf(client, sql, keepsNumbers === true));
    }
  } finally {
    await client.end();
  }
  return 0;
}

const RELATION_NOTE =
  'A relation a line: schema, name, kind, OIDs of the relation, its row type and the array over that; its columns as name:type, ! where NOT NULL.';
const INDEX_NOTE =
  'An index of a catalog a line: OID, name, OID of the table, numbers of the columns, u or p for unique and primary, name and OID of its constraint.';
const ROW_NOTE =
  'Tab-separated. First the names of the columns, then what most rows have there, then the rows, where nothing stands for that; \\N is NULL, \\e is empty.';

async function relations(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    SELECT concat_ws(' ', n.nspname, c.relname, c.relkind, c.oid, c.reltype, t.typarray) || '|' ||
           string_agg(a.attname || ':' || ty.typname || CASE WHEN a.attnotnull THEN '!' ELSE '' END, ' ' ORDER BY a.attnum) AS line
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_type t ON t.oid = c.reltype
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type ty ON ty.oid = a.atttypid
     WHERE n.nspname IN ${SYSTEM_SCHEMAS} AND c.relkind IN ('r', 'v')
     GROUP BY n.nspname, c.relname, c.relkind, c.oid, c.reltype, t.typarray ORDER BY n.nspname DESC, c.relname`);
  return rows.map(({ line }) => line);
}

async function indexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    SELECT concat_ws(' ', c.oid, c.relname, i.indrelid, replace(i.indkey::text, ' ', ','),
             CASE WHEN i.indisprimary THEN 'p' WHEN i.indisunique THEN 'u' ELSE '-' END, k.conname, k.oid) AS line
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid
      LEFT JOIN pg_constraint k ON k.conindid = c.oid
     WHERE r.relnamespace = 'pg_catalog'::regnamespace AND r.relkind = 'r' AND i.indexprs IS NULL ORDER BY c.oid`);
  return rows.map(({ line }) => line);
}

interface FactTable {
  readonly file: string;
  readonly name: string;
  readonly note: string;
  readonly sql: string;
  /** Its rows are written as they are, without a row of what is usual. */
  readonly keepsNumbers?: boolean;
}

const BASE_TYPE = `t.typtype IN ('b', 'p', 'd', 'r', 'm') AND t.typnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND NOT EXISTS (SELECT FROM pg_type e JOIN pg_class c ON c.reltype = e.oid WHERE e.typarray = t.oid)`;

const TABLES: readonly FactTable[] = [
  {
    file: 'type-facts',
    name: 'TYPE_FACTS',
    note: ROW_NOTE,
    sql: `SELECT t.oid, typname, n.nspname AS schema, typlen, typbyval, typtype, typcategory, typispreferred, typdelim,
        typsubscript::oid, typelem, typarray, typinput::oid, typoutput::oid, typreceive::oid, typsend::oid, typmodin::oid,
        typmodout::oid, typanalyze::oid, typalign, typstorage, typbasetype, typtypmod, typcollation
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${BASE_TYPE} ORDER BY t.oid`,
  },
  {
    file: 'range-facts',
    name: 'RANGE_FACTS',
    note: ROW_NOTE,
    sql: `SELECT rngtypid, rngsubtype, rngmultitypid, rngcollation, rngsubopc, rngcanonical::oid, rngsubdiff::oid
      FROM pg_range WHERE rngtypid < 16384 ORDER BY rngtypid`,
  },
  {
    file: 'function-facts',
    name: 'FUNCTION_FACTS',
    note: ROW_NOTE,
    sql: `SELECT oid, proname, prolang, procost, prorows, provariadic, prosupport::oid, prokind, proleakproof, proisstrict,
        proretset, provolatile, proparallel, pronargs, pronargdefaults, prorettype, proargtypes, proallargtypes, proargmodes,
        proargnames, CASE WHEN prosrc = proname THEN '=' WHEN prolang = 12 THEN prosrc ELSE '' END AS prosrc,
        pg_get_expr(proargdefaults, 0) AS defaults
      FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prolang IN (12, 14) ORDER BY oid`,
  },
  {
    file: 'operator-facts',
    name: 'OPERATOR_FACTS',
    note: ROW_NOTE,
    sql: `SELECT oid, oprname, oprcanmerge, oprcanhash, oprleft, oprright, oprresult, oprcom, oprnegate, oprcode::oid, oprrest::oid,
        oprjoin::oid FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace ORDER BY oid`,
  },
  {
    file: 'cast-facts',
    name: 'CAST_FACTS',
    note: ROW_NOTE,
    sql: `SELECT oid, castsource, casttarget, castfunc, castcontext, castmethod FROM pg_cast ORDER BY oid`,
  },
  {
    file: 'aggregate-facts',
    name: 'AGGREGATE_FACTS',
    note: ROW_NOTE,
    sql: `SELECT aggfnoid::oid, aggkind, aggnumdirectargs, aggtransfn::oid, aggfinalfn::oid, aggcombinefn::oid, aggserialfn::oid,
        aggdeserialfn::oid, aggmtransfn::oid, aggminvtransfn::oid, aggmfinalfn::oid, aggfinalextra, aggmfinalextra,
        aggfinalmodify, aggmfinalmodify, aggsortop, aggtranstype, aggtransspace, aggmtranstype, aggmtransspace, agginitval,
        aggminitval FROM pg_aggregate ORDER BY 1`,
  },
  {
    file: 'operator-family-facts',
    name: 'OPERATOR_FAMILY_FACTS',
    note: ROW_NOTE,
    sql: `SELECT oid, opfmethod, opfname, opfnamespace, opfowner FROM pg_opfamily WHERE opfmethod IN (403, 405) ORDER BY oid`,
  },
  {
    file: 'operator-class-facts',
    name: 'OPERATOR_CLASS_FACTS',
    note: ROW_NOTE,
    sql: `SELECT oid, opcmethod, opcname, opcnamespace, opcowner, opcfamily, opcintype, opcdefault, opckeytype
      FROM pg_opclass WHERE opcmethod IN (403, 405) ORDER BY oid`,
  },
  {
    file: 'access-operator-facts',
    name: 'ACCESS_OPERATOR_FACTS',
    note: ROW_NOTE,
    sql: `SELECT oid, amopfamily, amoplefttype, amoprighttype, amopstrategy, amoppurpose, amopopr, amopmethod, amopsortfamily
      FROM pg_amop WHERE amopmethod IN (403, 405) ORDER BY oid`,
  },
  {
    file: 'access-function-facts',
    name: 'ACCESS_FUNCTION_FACTS',
    note: ROW_NOTE,
    sql: `SELECT p.oid, amprocfamily, amproclefttype, amprocrighttype, amprocnum, amproc::oid
      FROM pg_amproc p JOIN pg_opfamily f ON f.oid = amprocfamily WHERE opfmethod IN (403, 405) ORDER BY p.oid`,
  },
  {
    file: 'keyword-facts',
    name: 'KEYWORD_FACTS',
    note: ROW_NOTE,
    sql: `SELECT word, catcode, barelabel FROM pg_get_keywords() ORDER BY word`,
  },
  {
    file: 'setting-facts',
    name: 'SETTING_FACTS',
    note: ROW_NOTE,
    sql: `SELECT name, unit, category, context, vartype, min_val, max_val, enumvals FROM pg_settings
      WHERE name !~ '\\.' ORDER BY name`,
  },
];

async function rowsOf(client: pg.Client, sql: string, keepsNumbers: boolean): Promise<string[]> {
  const { rows, fields } = await client.query<(string | null)[]>({
    text: sql,
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text },
  } as pg.QueryArrayConfig);
  const cells = rows.map((row) => row.map(cellOf));
  const names = fields.map(({ name }) => name).join('\t');
  if (keepsNumbers) return [names, ...cells.map((row) => row.join('\t'))];
  const usual = fields.map((_, column) => mostFrequent(cells.map((row) => row[column] ?? '')));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (cell === usual[column] ? '' : cell))
      .join('\t')
      .trimEnd(),
  );
  return [names, usual.join('\t'), ...lines];
}

function cellOf(value: string | null): string {
  if (value === null) return '\\N';
  return value === '' ? '\\e' : value;
}

function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ['\\N', 0])[0];
}

async function write(file: string, name: string, note: string, lines: readonly string[]): Promise<void> {
  const text = lines.join('\n').replace(/[\\`]|\$\{/g, '\\$&');
  const comment = `/** ${note} Written by \`npm run catalog-facts\` from a PostgreSQL 15. */`;
  await writeFile(new URL(`${file}.ts`, FACTS), `${comment}\nexport const ${name} = \`\n${text}\n\`;\n`);
}
