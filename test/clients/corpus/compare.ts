import type { Answer, ColumnDescription, StatementResult } from '../../support/statement-client.ts';
import { OWN_NAMES } from './fixture.ts';
import type { Side } from './side.ts';

/** OIDs, and lists of them. */
const OID_TYPES = new Set([26, 28, 30, 1028, 20, 23, 25, 1043, 2205, 2206, 2276]);
/** How much room something takes is each server's own. */
const SIZE = /^\d+ (bytes|kB|MB|GB)$/;
/** Numbers that say when something was last changed. */
const TRANSACTION_IDS = new Set([28, 5069]);
const CATALOG = /\bpg_\w+|information_schema/i;

/** How the answers differ, in a few words; undefined: they say the same of what is the user's own. */
export function difference(
  statement: string,
  ours: Side,
  own: Answer,
  theirs: Side,
  other: Answer,
): string | undefined {
  const ownCode = own.error?.get('C');
  const otherCode = other.error?.get('C');
  if (ownCode !== otherCode) {
    if (ownCode !== undefined) return `error ${ownCode}: ${own.error?.get('M')}`;
    return `PostgreSQL refuses with ${otherCode}: ${other.error?.get('M')}`;
  }
  if (own.results.length !== other.results.length) return `${own.results.length} results for ${other.results.length}`;
  for (const [at, result] of other.results.entries()) {
    const found = differenceOfResults(statement, ours, own.results[at], theirs, result);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differenceOfResults(
  statement: string,
  ours: Side,
  own: StatementResult,
  theirs: Side,
  other: StatementResult,
): string | undefined {
  const ownColumns = columnsOf(ours, own.columns);
  const otherColumns = columnsOf(theirs, other.columns);
  if (ownColumns !== otherColumns) return `columns: ${firstDifference(ownColumns, otherColumns)}`;
  const ownRows = rowsOf(ours, own);
  const otherRows = rowsOf(theirs, other);
  const isListing = CATALOG.test(statement) && !OWN_NAMES.test(withoutSchemas(statement)) && !/\d{5}/.test(statement);
  const shown = (rows: readonly string[]): string[] =>
    isListing ? rows.filter((row) => OWN_NAMES.test(row)) : [...rows];
  const left = shown(ownRows);
  const right = shown(otherRows);
  const missing = minus(right, left);
  const surplus = minus(left, right);
  if (missing.length === 0 && surplus.length === 0) return undefined;
  return `rows: ${missing.length} missing, ${surplus.length} surplus: ${missing[0] ?? '-'} / ${surplus[0] ?? '-'}`;
}

/** Names that all catalogs are asked with. */
function withoutSchemas(statement: string): string {
  return statement.replace(/'public'|"public"|\bpublic\b|postgres/g, '');
}

export function columnsOf(side: Side, columns: readonly ColumnDescription[] | undefined): string {
  return columns?.map(({ name, typeOid }) => `${name}:${side.nameOf(typeOid)}`).join(', ') ?? 'none';
}

export function rowsOf(side: Side, { columns = [], rows }: StatementResult): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        row.map((cell, at) => shownCell(side, cell?.toString('utf8') ?? null, columns[at]?.typeOid ?? 25)),
      ),
    )
    .sort();
}

function shownCell(side: Side, cell: string | null, typeOid: number): string | null {
  if (cell === null) return null;
  if (TRANSACTION_IDS.has(typeOid)) return '<xid>';
  if (SIZE.test(cell)) return '<size>';
  if (cell.startsWith(new Date().toISOString().slice(0, 10))) return '<now>';
  const named = OID_TYPES.has(typeOid) ? cell.replace(/\b\d{5,10}\b/g, (digits) => side.nameOf(Number(digits))) : cell;
  return named.replaceAll(side.database, '<database>');
}

function minus(rows: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = counts.get(row) ?? 0;
    counts.set(row, count - 1);
    return count <= 0;
  });
}

function firstDifference(own: string, other: string): string {
  const left = own.split(', ');
  const right = other.split(', ');
  const at = right.findIndex((column, index) => column !== left[index]);
  return `${right[at] ?? '-'} / ${left[at < 0 ? right.length : at] ?? '-'}`;
}
