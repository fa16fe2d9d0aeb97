import { postgresTypeName } from '../support/postgres-type-names.ts';
import type { Answer, MessageFields, StatementResult } from '../support/statement-client.ts';

/** What is not the same, and what each said. */
export interface Difference {
  /** `refused`: ours does not do this (yet), and says so. */
  readonly aspect:
    | 'refused'
    /** The connection broke. */
    | 'crash'
    /** XX000: a mistake that even the server sees as one. */
    | 'internal'
    | 'error'
    | 'SQLSTATE'
    | 'message'
    | 'position'
    | 'detail'
    | 'hint'
    | 'severity'
    | 'notice'
    | 'tag'
    | 'columns'
    | 'parameters'
    | 'rows'
    | 'binary'
    | 'state';
  readonly ours: string;
  readonly theirs: string;
}

export interface CompareOptions {
  /** Rows are compared as lists; else as multisets. */
  readonly isOrdered: boolean;
  /** Functions and types may be missing: 42883 and 42704 of ours are refusals. */
  readonly mayMiss: boolean;
}

const NOT_SUPPORTED = '0A000';
/** Cancelled by statement_timeout, out of memory, too complex: neither says that the answer would be another. */
const LIMITS: ReadonlySet<string> = new Set(['57014', '53200', '54001']);

/** The first difference between two answers to one statement, or undefined. */
export function compareAnswers(ours: Answer, theirs: Answer, options: CompareOptions): Difference | undefined {
  if (ours.error !== undefined || theirs.error !== undefined) return compareErrors(ours, theirs, options);
  if (ours.results.length !== theirs.results.length) {
    return differ('tag', String(ours.results.length), String(theirs.results.length));
  }
  const parameters = compareTexts('parameters', showTypes(ours.parameterTypes), showTypes(theirs.parameterTypes));
  if (parameters !== undefined) return parameters;
  for (const [index, result] of ours.results.entries()) {
    const difference = compareResults(result, theirs.results[index], options, index % 2 === 1);
    if (difference !== undefined) return difference;
  }
  if (ours.transactionStatus !== theirs.transactionStatus) {
    return differ('state', ours.transactionStatus, theirs.transactionStatus);
  }
  return compareTexts('notice', ours.notices.map(showError).join('; '), theirs.notices.map(showError).join('; '));
}

function compareErrors(ours: Answer, theirs: Answer, { mayMiss }: CompareOptions): Difference | undefined {
  const own = ours.error;
  const other = theirs.error;
  const said = showAnswer(ours);
  const code = own?.get('C') ?? '';
  if (code === NOT_SUPPORTED && own?.get('M') !== other?.get('M') && /not supported/.test(own?.get('M') ?? '')) {
    return differ('refused', said, showAnswer(theirs));
  }
  if (own !== undefined && code !== other?.get('C')) {
    const isMissing = mayMiss && (code === '42883' || code === '42704');
    if (code === NOT_SUPPORTED || isMissing || LIMITS.has(code)) return differ('refused', said, showAnswer(theirs));
    if (code.startsWith('XX')) return differ('internal', said, showAnswer(theirs));
  }
  if (other !== undefined && LIMITS.has(other.get('C') ?? '') && code !== other.get('C')) {
    return differ('refused', said, showAnswer(theirs));
  }
  if (own === undefined || other === undefined) return differ('error', said, showAnswer(theirs));
  if (code !== other.get('C')) return differ('SQLSTATE', said, showAnswer(theirs));
  if (own.get('M') !== other.get('M')) return differ('message', said, showAnswer(theirs));
  return (
    compareFields('position', 'P', own, other) ??
    compareFields('detail', 'D', own, other) ??
    compareFields('hint', 'H', own, other) ??
    compareFields('severity', 'V', own, other)
  );
}

/** Says the whole error, since a position alone says little. */
function compareFields(
  aspect: Difference['aspect'],
  letter: string,
  ours: MessageFields,
  theirs: MessageFields,
): Difference | undefined {
  const own = ours.get(letter) ?? '-';
  const other = theirs.get(letter) ?? '-';
  return own === other ? undefined : differ(aspect, `${own} (${ours.get('C')} ${ours.get('M')})`, other);
}

function compareResults(
  ours: StatementResult,
  theirs: StatementResult,
  { isOrdered }: CompareOptions,
  isBinary: boolean,
): Difference | undefined {
  const columns = compareTexts('columns', showColumns(ours), showColumns(theirs));
  if (columns !== undefined) return columns;
  const own = ours.rows.map((row) => showRow(row, ours, isBinary));
  const other = theirs.rows.map((row) => showRow(row, theirs, isBinary));
  if (!isOrdered) {
    own.sort();
    other.sort();
  }
  const isEqual = own.length === other.length && own.every((row, index) => row === other[index]);
  if (!isEqual) return differ(isBinary ? 'binary' : 'rows', showRows(own, other), showRows(other, own));
  return compareTexts('tag', ours.tag ?? '-', theirs.tag ?? '-');
}

function compareTexts(aspect: Difference['aspect'], ours: string, theirs: string): Difference | undefined {
  return ours === theirs ? undefined : differ(aspect, ours, theirs);
}

function differ(aspect: Difference['aspect'], ours: string, theirs: string): Difference {
  return { aspect, ours, theirs };
}

/** Those of some rows that the others lack; a few suffice. */
function showRows(rows: readonly string[], others: readonly string[]): string {
  const left = new Map<string, number>();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  const only = rows.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count <= 0;
  });
  const shown = only.slice(0, 3).map((row) => `(${row.slice(0, 200)})`);
  const order = only.length === 0 && rows.length > 0 ? ', in another order' : '';
  return `${rows.length} rows${order}${shown.length > 0 ? `: ${shown.join(' ')}` : ''}`;
}

/** Texts of the values; in the second of two formats, hexadecimal. */
export function showRow(row: readonly (Buffer | null)[], _result: StatementResult, isBinary: boolean): string {
  return row
    .map((value) =>
      value === null ? 'NULL' : isBinary ? value.toString('hex') : JSON.stringify(value.toString('utf8')),
    )
    .join(', ');
}

function showColumns({ columns }: StatementResult): string {
  if (columns === undefined) return 'none';
  return columns
    .map(({ name, typeOid, typmod }) => `${name}:${postgresTypeName(typeOid)}${typmod === -1 ? '' : `(${typmod})`}`)
    .join(', ');
}

function showTypes(oids: readonly number[]): string {
  return oids.map(postgresTypeName).join(', ');
}

export function showAnswer(answer: Answer): string {
  if (answer.error !== undefined) return showError(answer.error);
  const result = answer.results[0];
  if (result === undefined) return 'nothing';
  const rows = result.rows.slice(0, 2).map((row) => `(${showRow(row, result, false).slice(0, 200)})`);
  return `${result.tag ?? ''}${rows.length > 0 ? `: ${rows.join(' ')}` : ''}`;
}

function showError(error: MessageFields): string {
  const position = error.get('P');
  return `${error.get('C')}${position === undefined ? '' : ` @${position}`} ${error.get('M')}`;
}
