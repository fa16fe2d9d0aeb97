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

export type SqlTestRecord = OkRecord | CountRecord | ErrorRecord | QueryRecord | DescribeRecord;

interface RecordBase {
  /** 1-based line of the record's first line. */
  readonly line: number;
  readonly condition: { readonly kind: 'onlyif' | 'skipif'; readonly engine: Engine } | undefined;
  /** Texts of $1, $2, …; null is NULL. With any, the statement goes through the extended protocol. */
  readonly bindings: readonly (string | null)[];
  readonly sql: string;
}

/** `statement ok` */
export interface OkRecord extends RecordBase {
  readonly kind: 'ok';
}

/** `statement count 3`: the number in the command tag. */
export interface CountRecord extends RecordBase {
  readonly kind: 'count';
  readonly count: number;
}

/** `statement error 42703 @8 column "x" does not exist`: position and message may be left out. */
export interface ErrorRecord extends RecordBase {
  readonly kind: 'error';
  readonly code: string;
  readonly position: number | undefined;
  readonly message: string | undefined;
}

/** `query ITR rowsort`, the statement, `----`, the rows. */
export interface QueryRecord extends RecordBase {
  readonly kind: 'query';
  /** One of I N R B T a column. */
  readonly types: string;
  readonly sort: 'nosort' | 'rowsort';
  readonly rows: readonly string[];
}

/** `describe`, the statement, `----`, a line `name  type` for each column of the result. */
export interface DescribeRecord extends RecordBase {
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
  let condition: RecordBase['condition'];
  const bindings: (string | null)[] = [];
  let head = 0;
  for (; head < lines.length; head++) {
    const [word] = lines[head].split(' ', 1);
    const rest = lines[head].slice(word.length + 1);
    if (word === 'onlyif' || word === 'skipif') condition = { kind: word, engine: engineOf(rest) ?? fail(lines[head]) };
    else if (word === 'bind') bindings.push(readValue(rest));
    else break;
  }
  if (head === lines.length) fail('a record needs a statement');
  const mark = lines.indexOf(RESULT_MARK);
  const sql = lines.slice(head + 1, mark < 0 ? undefined : mark).join('\n');
  if (sql === '') fail('a record needs a statement');
  const results = mark < 0 ? [] : lines.slice(mark + 1);
  const base: RecordBase = { line, condition, bindings, sql };

  const header = lines[head];
  const [word, kind = '', ...rest] = header.split(' ');
  if (word === 'describe') return { ...base, kind: 'describe', columns: results };
  if (word === 'query') {
    const sort = rest[0] ?? 'nosort';
    if (!/^[INRBT]*$/.test(kind) || (sort !== 'nosort' && sort !== 'rowsort')) return fail(`unknown: ${header}`);
    return { ...base, kind: 'query', types: kind, sort, rows: results };
  }
  if (word !== 'statement') return fail(`unknown: ${header}`);
  if (kind === 'ok') return { ...base, kind: 'ok' };
  if (kind === 'count') return { ...base, kind: 'count', count: Number(rest[0]) };
  if (kind === 'error') return { ...base, kind: 'error', ...parseExpectedError(rest.join(' ')) };
  return fail(`unknown: ${header}`);
}

function engineOf(word: string): Engine | undefined {
  return word === 'tidewire' || word === 'postgresql' ? word : undefined;
}

function parseExpectedError(text: string): Pick<ErrorRecord, 'code' | 'position' | 'message'> {
  const [, code = '', position, message = ''] = /^(\S*)(?: @(\d+))? ?(.*)$/.exec(text) ?? [];
  return {
    code,
    position: position === undefined ? undefined : Number(position),
    message: message === '' ? undefined : message,
  };
}

/** The text of a whole file again; parsing it gives equal records. */
export function formatSqlTestFile(parts: SqlTestFile['parts']): string {
  return `${parts.flatMap((part) => (part.kind === 'passage' ? part.lines : formatRecord(part))).join('\n')}\n`;
}

function formatRecord(record: SqlTestRecord): readonly string[] {
  const { condition } = record;
  return [
    ...(condition === undefined ? [] : [`${condition.kind} ${condition.engine}`]),
    ...record.bindings.map((value) => `bind ${writeValue(value)}`),
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
    case 'error': {
      const position = record.position === undefined ? '' : ` @${record.position}`;
      const message = record.message === undefined ? '' : ` ${record.message}`;
      return `statement error ${record.code}${position}${message}`;
    }
    case 'query':
      return `query ${record.types}${record.sort === 'nosort' ? '' : ` ${record.sort}`}`;
    case 'describe':
      return 'describe';
  }
}

function results(record: SqlTestRecord): readonly string[] {
  if (record.kind === 'query') return [RESULT_MARK, ...record.rows];
  if (record.kind === 'describe') return [RESULT_MARK, ...record.columns];
  return [];
}

/** Two blanks stand between the values of a row. */
export function formatRow(values: readonly (string | null)[]): string {
  // A row of no columns is still a row, and a blank line would end the record.
  return values.length === 0 ? '(no columns)' : values.map(writeValue).join('  ');
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
