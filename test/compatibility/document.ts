import { readFileSync } from 'node:fs';
import { allFunctions } from '../../src/functions/function-registry.ts';
import { loadParser, parseSql } from '../../src/sql/syntax/parse-sql.ts';
import { allTypes } from '../../src/types/type-registry.ts';
import { FEATURES, type Feature } from './features.ts';
import { firstShown, type ShownStatement, shownStatements } from './shown.ts';

/** Of PostgreSQL 15, `kind name(argument types)` a line: a = aggregate, f = function, w = window function. */
const SIGNATURES = new URL('postgres-15-functions.txt', import.meta.url);

export interface CompatibilityDocument {
  readonly text: string;
  /** What we have and no test shows. */
  readonly unshown: readonly string[];
}

interface Row {
  readonly cells: readonly string[];
}

/** docs/postgres-compatibility.md: from the registries, what the parser refuses, and the tests. */
export async function compatibilityDocument(): Promise<CompatibilityDocument> {
  await loadParser();
  const shown = await shownStatements();
  const unshown: string[] = [];
  const sections: string[] = [];
  for (const { title, features } of FEATURES) {
    const rows = features.map((item) => featureRow(item, shown, unshown));
    sections.push(section(title, ['What', 'State', 'Shown by'], rows));
  }
  sections.push(section('Types', ['Type', 'State', 'Shown by'], typeRows(shown, unshown)));
  const functions = functionRows(shown, unshown);
  sections.push(section('Functions', ['Function', 'Kind', 'State', 'Shown by'], functions));
  const text = `${PREFACE}\n${sections.join('\n')}`;
  return { text, unshown };
}

const PREFACE = `# What of PostgreSQL 15 Tidewire has

Made by \`npm run docs:compatibility\` from the function and type registries, from what the parser refuses, and from the
records of sql-tests/, which hold on PostgreSQL 15 and on Tidewire. A row says *yes* when such a record shows it, and the
last column names the first file that does. Everything else is refused with SQLSTATE 0A000, 42883 or 42704.
`;

function featureRow(
  { name, shown: pattern, probe }: Feature,
  shown: readonly ShownStatement[],
  unshown: string[],
): Row {
  const file = firstShown(shown, pattern);
  if (file !== undefined) return { cells: [name, 'yes', link(file)] };
  if (!isRefused(probe)) unshown.push(name);
  return { cells: [name, 'no', ''] };
}

/** By the parser's part alone: what goes further needs a test, or a refusal there. */
function isRefused(probe: string): boolean {
  try {
    parseSql(probe);
    return false;
  } catch {
    return true;
  }
}

/** Types that only columns of system tables have, and literals before their type is known. */
const OF_THE_CATALOG = new Set(['unknown', 'pg_node_tree', 'aclitem', 'int2vector', 'oidvector']);

/** Types that stand in no table: pseudo-types, and the arrays of each type. */
function typeRows(shown: readonly ShownStatement[], unshown: string[]): Row[] {
  const rows: Row[] = [];
  for (const { category, elementOid, sqlName, name } of allTypes()) {
    if (category === 'P' || (category === 'A' && elementOid !== 0) || OF_THE_CATALOG.has(name)) continue;
    const names = [sqlName, name].map((word) => word.replaceAll(/["\\]/g, '.'));
    const file = firstShown(shown, new RegExp(`(::|\\bas |[a-z_0-9"] +|\\()"?(${names.join('|')})"?\\b`, 'i'));
    if (file === undefined) unshown.push(`type ${sqlName}`);
    rows.push({
      cells: [`\`${sqlName}\``, file === undefined ? 'untested' : 'yes', file === undefined ? '' : link(file)],
    });
  }
  return rows.sort((a, b) => (a.cells[0]! < b.cells[0]! ? -1 : 1));
}

const KINDS: Readonly<Record<string, string>> = { a: 'aggregate', f: 'function', w: 'window' };

function functionRows(shown: readonly ShownStatement[], unshown: string[]): Row[] {
  const theirs = new Map<string, { readonly kind: string; readonly signatures: string[] }>();
  for (const line of readFileSync(SIGNATURES, 'utf8').trimEnd().split('\n')) {
    const [, kind, name, types] = /^(\w) ([^(]+)\((.*)\)$/.exec(line) ?? [];
    if (kind === undefined || name === undefined || types === undefined) continue;
    const known = theirs.get(name);
    if (known === undefined) theirs.set(name, { kind, signatures: [types] });
    else known.signatures.push(types);
  }
  const ours = new Map<string, Set<string>>();
  for (const definition of allFunctions()) {
    const types = definition.argumentTypes.map((type, at, list) =>
      definition.isVariadic === true && at === list.length - 1 ? `VARIADIC ${type.sqlName}` : type.sqlName,
    );
    ours.set(definition.name, (ours.get(definition.name) ?? new Set()).add(types.join(', ')));
  }
  const rows: Row[] = [];
  for (const name of [...new Set([...theirs.keys(), ...ours.keys()])].sort()) {
    const own = ours.get(name);
    const peer = theirs.get(name);
    // What stands behind operators and casts is told by them.
    if (INSIDES.has(name) || (peer === undefined && isInternal(name))) continue;
    const kind = KINDS[peer?.kind ?? 'f'] ?? '';
    if (own === undefined) {
      rows.push({ cells: [`\`${name}\``, kind, 'no', ''] });
      continue;
    }
    const file =
      firstShown(
        shown,
        new RegExp(
          `(?:(?<![\\w.])|(?<=\\binformation_schema\\.))"?${name.replaceAll(/[^\w]/g, '.')}"?\\s*(\\(|$)`,
          'i',
        ),
      ) ?? keywordForm(name, shown);
    if (file === undefined) unshown.push(`${name}()`);
    const missing = peer?.signatures.filter((types) => !own.has(types)) ?? [];
    const state = missing.length === 0 ? 'yes' : `without (${missing.join('), (')})`;
    rows.push({
      cells: [`\`${name}\``, kind, file === undefined ? 'untested' : state, file === undefined ? '' : link(file)],
    });
  }
  return rows;
}

/** What stands behind operators under names that nobody calls. */
const INSIDES = new Set(['dcbrt', 'dpow', 'dsqrt', 'mul_d_interval', 'anytextcat', 'textanycat']);

/** Functions of ours that PostgreSQL does not have, or has as the inside of an operator: named like those. */
function isInternal(name: string): boolean {
  return /^(int|float|numeric|text|bpchar|char|name|bool|bytea|date|time|interval|timestamp|timetz|uuid|oid|enum|array|json|jsonb|record|xid|varchar|reg)[a-z0-9_]*$/.test(
    name,
  );
}

/** Functions that the grammar has words for. */
const KEYWORDS: Readonly<Record<string, RegExp>> = {
  extract: /\bextract\s*\(/i,
  date_part: /\bdate_part\s*\(/i,
  timezone: /\bat time zone\b/i,
  overlaps: /\boverlaps\b/i,
  like_escape: /\bescape\b/i,
  similar_to_escape: /\bsimilar to\b/i,
  btrim: /\btrim\s*\(/i,
  ltrim: /\btrim\s*\(\s*leading/i,
  rtrim: /\btrim\s*\(\s*trailing/i,
  position: /\bposition\s*\(/i,
  pg_collation_for: /collation for/i,
  current_date: /\bcurrent_date\b/i,
  current_user: /\bcurrent_user\b/i,
  current_role: /\bcurrent_role\b/i,
  current_catalog: /\bcurrent_catalog\b/i,
  localtime: /\blocaltime\b/i,
  localtimestamp: /\blocaltimestamp\b/i,
  user: /\bselect user\b|, user\b/i,
  is_normalized: /is (not )?(nf\w+ )?normalized/i,
  session_user: /\bsession_user\b/i,
};

function keywordForm(name: string, shown: readonly ShownStatement[]): string | undefined {
  const pattern = KEYWORDS[name];
  return pattern === undefined ? undefined : firstShown(shown, pattern);
}

function link(file: string): string {
  return `[${file.replace('sql-tests/', '')}](../${file})`;
}

function section(title: string, head: readonly string[], rows: readonly Row[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map(({ cells }) => cells)].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  return `## ${title}\n\n${lines.join('\n')}\n`;
}
