const RELATIVE = 1e-12;

/**
 * Whether two result sets say the same: the columns that both have, matched by name (the first column of a bucketed
 * query may be named differently, so columns also match by position when the counts agree). Floating-point numbers may
 * differ in the last digits, since the order of addition does.
 */
export function differenceOf(ours, theirs, { isOrdered }) {
  if (ours.rows.length !== theirs.rows.length) return `${ours.rows.length} rows instead of ${theirs.rows.length}`;
  const names = ours.fields
    .map((field) => field.name)
    .filter((name) => theirs.fields.some((field) => field.name === name));
  if (names.length === 0) return 'no column in common';
  const project = ({ rows }) => rows.map((row) => names.map((name) => normal(row[name])));
  const [left, right] = [project(ours), project(theirs)];
  if (!isOrdered)
    for (const rows of [left, right]) rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  for (let row = 0; row < left.length; row++) {
    for (let column = 0; column < names.length; column++) {
      if (!isSame(left[row][column], right[row][column])) {
        return `row ${row}, ${names[column]}: ${left[row][column]} instead of ${right[row][column]}`;
      }
    }
  }
  return undefined;
}

function normal(value) {
  if (value instanceof Date) return value.getTime();
  // numeric arrives as text; trailing zeros differ between avg(int) and avg(bigint).
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function isSame(left, right) {
  if (left === right) return true;
  if (typeof left !== 'number' || typeof right !== 'number') return false;
  return Math.abs(left - right) <= RELATIVE * Math.max(Math.abs(left), Math.abs(right));
}
