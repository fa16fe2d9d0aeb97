/**
 * The format of sql-tests/*.slt, described for writers in sql-tests/README.md. A file is a list of records, each some
 * lines followed by a blank line; everything else (comments, blank lines) is kept as it is, so that a file can be
 * rewritten with other answers.
 */
export interface SqlTestFile {
  readonly path: string;
  readonly parts: readonly (SqlTestRecord | Passage)[];
}

/** Comments and blank lines between records. */
export interface Passage {
  readonly kind: 'passage';
  readonly lines: readonly string[];
}

export type SqlTestRecord = OkRecord | CountRecord | TagRecord | ErrorRecord | QueryRecord | DescribeRecord;

/** What the lines above the header say. */
export interface Directives {
  /** 1-based line of the record's first line. */
  readonly line: number;
  readonly condition: { readonly kind: 'onlyif' | 'skipif'; readonly engine: Engine } | undefined;
  /** `connection NAME`: which session; undefined is the first one. */
  readonly connection: string | undefined;
  /** `background`: the next records do not wait for the answer; the next one of the same session does. */
  readonly isBackground: boolean;
  /** `extended`: the extended protocol also without parameters. */
  readonly isExtended: boolean;
  /** `binary`: results are asked for in their binary form and written as `0x…`. */
  readonly isBinary: boolean;
  /** Texts of $1, $2, …; null is NULL. With any, the statement goes through the extended protocol. */
  readonly bindings: readonly (string | null)[];
  /** `notice …` lines; undefined where nothing is said of notices, empty for `notice none`. */
  readonly notices: readonly string[] | undefined;
  readonly sql: string;
}

/** `statement ok` */
export interface OkRecord extends Directives {
  readonly kind: 'ok';
}

/** `statement count 3`: the number in the command tag. */
export interface CountRecord extends Directives {
  readonly kind: 'count';
  readonly count: number;
}

/** `statement tag INSERT 0 3`: the whole command tag; `?` asks for it. */
export interface TagRecord extends Directives {
  readonly kind: 'tag';
  readonly tag: string;
}

/** `statement error 42703 @8 column "x" does not exist`: position and message may be left out. */
export interface ErrorRecord extends Directives {
  readonly kind: 'error';
  /** Empty in a new record, which asks for everything. */
  readonly code: string;
  /** `@-` says that there is none. */
  readonly position: number | 'none' | undefined;
  readonly message: string | undefined;
  /** `DETAIL: …` and such below `----`; undefined where nothing is said of them. */
  readonly fields: readonly string[] | undefined;
}

export type SortMode = 'nosort' | 'rowsort' | 'valuesort';

/** `query ITR rowsort columns hash`, the statement, `----`, the names of the columns if asked for, the rows. */
export interface QueryRecord extends Directives {
  readonly kind: 'query';
  /** One of I N R B T a column. */
  readonly types: string;
  readonly sort: SortMode;
  /** `columns`: the first line of the result has `name type` of each column. */
  readonly hasColumns: boolean;
  /** `hash`: in place of the rows stands one line with their number and a hash over them. */
  readonly isHashed: boolean;
  readonly columns: string | undefined;
  readonly rows: readonly string[];
}

/** `describe`, the statement, `----`, a line `name  type` for each column of the result. */
export interface DescribeRecord extends Directives {
  readonly kind: 'describe';
  readonly columns: readonly string[];
}

export type Engine = 'tidewire' | 'postgresql';

const RESULT_MARK = '----';

export function parseSqlTestFile(path: string, text: string): SqlTestFile {
  const lines = text.replace(/\n$/, '').split('\n');
  const parts: (SqlTestRecord | Passage)[] = [];
  let next = 0;
  while (next < lines.length) {
    const start = next;
    while (next < lines.length && (lines[next].trim() === '' || lines[next].startsWith('#'))) next++;
    if (next > start) parts.push({ kind: 'passage', lines: lines.slice(start, next) });
    if (next === lines.length) break;
    const first = next;
    while (next < lines.length && lines[next].trim() !== '') next++;
    parts.push(parseRecord(path, lines.slice(first, next), first + 1));
  }
  return { path, parts };
}

function parseRecord(path: string, lines: readonly string[], line: number): SqlTestRecord {
  const fail = (reason: string): never => {
    throw new Error(`${path}:${line}: ${reason}`);
  };
  let condition: Directives['condition'];
  let connection: string | undefined;
  let notices: string[] | undefined;
  const bindings: (string | null)[] = [];
  const flags = new Set<string>();
  let head = 0;
  for (; head < lines.length; head++) {
    const [word] = lines[head].split(' ', 1);
    const rest = lines[head].slice(word.length + 1);
    if (word === 'onlyif' || word === 'skipif') condition = { kind: word, engine: engineOf(rest) ?? fail(lines[head]) };
    else if (word === 'connection') connection = /^\w+$/.test(rest) ? rest : fail(`unknown: ${lines[head]}`);
    else if (word === 'bind') bindings.push(readValue(rest));
    else if (word === 'notice') notices = [...(notices ?? []), ...(rest === 'none' ? [] : [rest])];
    else if (FLAGS.includes(lines[head])) flags.add(word);
    else break;
  }
  if (head === lines.length) fail('a record needs a statement');
  const mark = lines.indexOf(RESULT_MARK);
  const sql = lines.slice(head + 1, mark < 0 ? undefined : mark).join('\n');
  if (sql === '') fail('a record needs a statement');
  const results = mark < 0 ? undefined : lines.slice(mark + 1);
  const base: Directives = {
    line,
    condition,
    connection,
    isBackground: flags.has('background'),
    isExtended: flags.has('extended'),
    isBinary: flags.has('binary'),
    bindings,
    notices,
    sql,
  };
  return parseHeader(base, lines[head], results) ?? fail(`unknown: ${lines[head]}`);
}

const FLAGS: readonly string[] = ['background', 'extended', 'binary'];

function parseHeader(
  base: Directives,
  header: string,
  results: readonly string[] | undefined,
): SqlTestRecord | undefined {
  const [word, kind = '', ...rest] = header.split(' ');
  if (word === 'describe') return { ...base, kind: 'describe', columns: results ?? [] };
  if (word === 'query') return parseQuery(base, kind, rest, results ?? []);
  if (word !== 'statement') return undefined;
  if (kind === 'ok') return { ...base, kind: 'ok' };
  if (kind === 'count') return { ...base, kind: 'count', count: Number(rest[0]) };
  if (kind === 'tag') return { ...base, kind: 'tag', tag: rest.join(' ') };
  if (kind === 'error') return { ...base, kind: 'error', ...parseExpectedError(rest.join(' ')), fields: results };
  return undefined;
}

function parseQuery(
  base: Directives,
  types: string,
  options: readonly string[],
  results: readonly string[],
): QueryRecord | undefined {
  if (!/^[INRBT]*$/.test(types)) return undefined;
  let sort: SortMode = 'nosort';
  for (const option of options) {
    if (option === 'nosort' || option === 'rowsort' || option === 'valuesort') sort = option;
    else if (option !== 'columns' && option !== 'hash') return undefined;
  }
  const hasColumns = options.includes('columns');
  return {
    ...base,
    kind: 'query',
    types,
    sort,
    hasColumns,
    isHashed: options.includes('hash'),
    columns: hasColumns ? results[0] : undefined,
    rows: hasColumns ? results.slice(1) : results,
  };
}

function engineOf(word: string): Engine | undefined {
  return word === 'tidewire' || word === 'postgresql' ? word : undefined;
}

function parseExpectedError(text: string): Pick<ErrorRecord, 'code' | 'position' | 'message'> {
  const [, code = '', position, message = ''] = /^(\S*)(?: @(\d+|-))? ?(.*)$/.exec(text) ?? [];
  return {
    code: code === 'X' ? '' : code,
    position: position === undefined ? undefined : position === '-' ? 'none' : Number(position),
    message: message === '' ? undefined : message,
  };
}

/** The text of a whole file again; parsing it gives equal records. */
export function formatSqlTestFile(parts: SqlTestFile['parts']): string {
  return `${parts.flatMap((part) => (part.kind === 'passage' ? part.lines : formatRecord(part))).join('\n')}\n`;
}

export function formatRecord(record: SqlTestRecord): readonly string[] {
  const { condition, connection, notices } = record;
  return [
    ...(condition === undefined ? [] : [`${condition.kind} ${condition.engine}`]),
    ...(connection === undefined ? [] : [`connection ${connection}`]),
    ...(record.isBackground ? ['background'] : []),
    ...(record.isExtended ? ['extended'] : []),
    ...(record.isBinary ? ['binary'] : []),
    ...record.bindings.map((value) => `bind ${writeValue(value)}`),
    ...(notices === undefined ? [] : notices.length === 0 ? ['notice none'] : notices.map((text) => `notice ${text}`)),
    header(record),
    record.sql,
    ...results(record),
  ];
}

function header(record: SqlTestRecord): string {
  switch (record.kind) {
    case 'ok':
      return 'statement ok';
    case 'count':
      return `statement count ${record.count}`;
    case 'tag':
      return `statement tag ${record.tag}`;
    case 'error': {
      const { position } = record;
      const at = position === undefined ? '' : ` @${position === 'none' ? '-' : position}`;
      const message = record.message === undefined ? '' : ` ${record.message}`;
      return `statement error ${record.code === '' ? 'X' : record.code}${at}${message}`;
    }
    case 'query': {
      const sort = record.sort === 'nosort' ? '' : ` ${record.sort}`;
      return `query ${record.types}${sort}${record.hasColumns ? ' columns' : ''}${record.isHashed ? ' hash' : ''}`;
    }
    case 'describe':
      return 'describe';
  }
}

function results(record: SqlTestRecord): readonly string[] {
  if (record.kind === 'query') {
    return [RESULT_MARK, ...(record.columns === undefined ? [] : [record.columns]), ...record.rows];
  }
  if (record.kind === 'describe') return [RESULT_MARK, ...record.columns];
  return record.kind === 'error' && record.fields !== undefined ? [RESULT_MARK, ...record.fields] : [];
}

/** Two blanks stand between the values of a row. */
export function formatRow(values: readonly (string | null)[]): string {
  // A row of no columns is still a row, and a blank line would end the record.
  if (values.length === 0) return '(no columns)';
  const row = values.map(writeValue).join('  ');
  return row.trim() === '' ? `(blank ${row.length})` : row;
}

/** NULL and '' are written so that they can be seen; line breaks so that they do not end the line. */
export function writeValue(value: string | null): string {
  if (value === null) return 'NULL';
  if (value === '') return '(empty)';
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
}

function readValue(written: string): string | null {
  if (written === 'NULL') return null;
  if (written === '(empty)') return '';
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
  return written.replace(/\\(.)/g, (whole, letter: string) => escapes[letter] ?? whole);
}
