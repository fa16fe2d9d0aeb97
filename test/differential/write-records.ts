import { withAnswer } from '../support/judge-sql-test.ts';
import { type Directives, formatRecord, type SqlTestRecord } from '../support/sql-test-file.ts';
import type { Answer } from '../support/statement-client.ts';
import { usedValues } from './engine.ts';
import type { GeneratedTable } from './generator/schema.ts';
import type { GeneratedCase } from './generator/statements.ts';
import { OWN_TYPES } from './generator/values.ts';
import { render } from './sql-tree.ts';

/** What a session of the SQL tests begins with. */
const USUAL: ReadonlySet<string> = new Set([
  "SET TimeZone TO 'UTC'",
  "SET DateStyle TO 'ISO, MDY'",
  "SET IntervalStyle TO 'postgres'",
  "SET extra_float_digits TO '1'",
  "SET bytea_output TO 'hex'",
]);

/** A case as records of sql-tests/, with the tables that it needs and PostgreSQL's answers. */
export function writeRecords(
  one: GeneratedCase,
  theirs: readonly Answer[],
  settings: readonly string[],
  tables: readonly GeneratedTable[],
  removed: ReadonlyMap<string, ReadonlySet<number>>,
): string {
  const statement = render(one.tree);
  const used = tablesIn(`${statement} ${one.look ?? ''}`, tables);
  const makesTables = used.flatMap((table) => makeTable(table, removed.get(table.name)));
  const types = OWN_TYPES.filter(({ name }) => [statement, ...makesTables.flat()].join('\n').includes(name));
  const sets = settings.filter((text) => !USUAL.has(text));
  const blocks: (readonly string[])[] = [
    ...sets.map((text) => ['statement ok', text]),
    ...types.map(({ create }) => ['statement ok', create]),
    ...makesTables,
  ];
  const texts = [statement, ...(one.look === undefined ? [] : [one.look])];
  for (const [index, text] of texts.entries()) {
    const answer = theirs[index];
    const asked: SqlTestRecord = {
      ...base(text),
      isExtended: one.protocol === 'extended' && one.values === undefined,
      bindings: index === 0 ? usedValues(statement, one.values ?? []) : [],
      kind: 'query',
      types: '',
      sort: one.isOrdered && index === 0 ? 'nosort' : 'rowsort',
      hasColumns: true,
      isHashed: false,
      columns: undefined,
      rows: [],
    };
    const isRows = answer.error !== undefined || answer.results.at(-1)?.columns !== undefined;
    blocks.push(formatRecord(withAnswer(isRows ? asked : { ...base(text), kind: 'tag', tag: '' }, answer)));
  }
  for (const { name } of used.toReversed()) blocks.push(['statement ok', `DROP TABLE ${name}`]);
  for (const { name } of types) blocks.push(['statement ok', `DROP TYPE ${name}`]);
  for (const text of sets) blocks.push(['statement ok', text.replace(/^SET (\w+) .*$/, 'RESET $1')]);
  return blocks.map((lines) => lines.join('\n')).join('\n\n');
}

/** The tables that a text mentions, and those that these refer to, which come first. */
function tablesIn(text: string, tables: readonly GeneratedTable[]): readonly GeneratedTable[] {
  const mentions = (where: string, { name }: GeneratedTable) => new RegExp(`\\b${name}\\b`).test(where);
  let used = tables.filter((table) => mentions(text, table));
  for (;;) {
    const all = tables.filter(
      (table) =>
        used.includes(table) ||
        used.some((user) => user.create.postgresql.some((create) => create.includes(`REFERENCES ${table.name}`))),
    );
    if (all.length === used.length) return used;
    used = all;
  }
}

function makeTable(table: GeneratedTable, removed: ReadonlySet<number> | undefined): (readonly string[])[] {
  const { tidewire, postgresql } = table.create;
  const rows = table.rows.filter((_, index) => removed?.has(index + 1) !== true);
  const isSame = tidewire.join() === postgresql.join();
  const create = isSame
    ? postgresql.map((text) => ['statement ok', text])
    : [
        ...tidewire.map((text) => ['onlyif tidewire', 'statement ok', text]),
        ...postgresql.map((text) => ['skipif tidewire', 'statement ok', text]),
      ];
  return [...create, ...rows.map((text) => ['statement ok', text])];
}

function base(sql: string): Directives {
  return {
    line: 0,
    condition: undefined,
    connection: undefined,
    isBackground: false,
    isExtended: false,
    isBinary: false,
    bindings: [],
    notices: undefined,
    sql,
  };
}
