import { orderColumns, selectParts } from '../queries/select-parts.mjs';

/** Sums differ in their last digits, since the order of addition does. */
const OUR_TOLERANCE = 1e-12;
/** Peers add with less care, and average integers in floating point. */
const PEER_TOLERANCE = 1e-9;

/**
 * How an answer of ours differs from PostgreSQL's, or undefined. Types, names of rows' columns and texts have to be
 * equal, floating-point numbers to 12 digits. Rows that the query doesn't order may come in any order, and with LIMIT
 * `reference` may hold more rows than are wanted: each of ours must be among them, in the place that the order gives it.
 */
export function differenceOf(sql, ours, reference) {
  const columns = pairColumns(sql, ours, reference);
  if (typeof columns === 'string') return columns;
  for (const { name, type, theirType } of columns) {
    if (type !== theirType) return `column ${name} has type ${type} instead of ${theirType}`;
  }
  return compareRows({
    sql,
    reference: project(reference, columns, 'theirs', ourCell),
    rows: project(ours, columns, 'ours', ourCell),
    columns,
    tolerance: OUR_TOLERANCE,
    isFloat: (kind) => kind === 'float',
  });
}

/** The same for a peer, whose types and clients differ: numbers and instants are compared by value. */
export function peerDifferenceOf(sql, answer, reference) {
  const columns = pairColumns(sql, answer, reference);
  if (typeof columns === 'string') return columns;
  return compareRows({
    sql,
    reference: project(reference, columns, 'theirs', peerCell),
    rows: project(answer, columns, 'ours', peerCell),
    columns,
    tolerance: PEER_TOLERANCE,
    isFloat: (kind) => kind === 'float' || kind === 'numeric',
  });
}

/** By name for `SELECT *`, since PostgreSQL's tables may have their columns in another order; else by position. */
function pairColumns(sql, ours, reference) {
  const isStar = selectParts(sql).items.some(({ expression }) => expression.endsWith('*'));
  if (ours.columns.length !== reference.columns.length) {
    return `${ours.columns.length} columns instead of ${reference.columns.length}`;
  }
  const pairs = ours.columns.map(({ name, type }, index) => {
    const theirs = isStar ? reference.columns.findIndex((column) => column.name === name) : index;
    const { kind, type: theirType } = reference.columns[theirs] ?? {};
    return { name, type, theirType, kind, ours: index, theirs };
  });
  const unknown = pairs.find(({ theirs }) => theirs < 0);
  return unknown === undefined ? pairs : `an unexpected column ${unknown.name}`;
}

function project({ rows }, columns, side, cell) {
  return rows.map((row) => columns.map((column) => cell(row[column[side]], column.kind)));
}

function compareRows({ sql, rows, reference, columns, tolerance, isFloat }) {
  const wanted = Math.min(selectParts(sql).limit ?? Number.POSITIVE_INFINITY, reference.length);
  if (rows.length !== wanted) return `${rows.length} rows instead of ${wanted}`;
  const order = orderColumns(
    sql,
    columns.map(({ name }) => name),
  );
  // NULL is near nothing, though Number(null) is 0.
  const isSame = (left, right, column) => {
    if (left === right || left === null || right === null) return left === right;
    return isFloat(columns[column].kind) && isNear(Number(left), Number(right), tolerance);
  };
  for (let row = 0; row < rows.length; row++) {
    for (const column of order) {
      if (isSame(rows[row][column], reference[row][column], column)) continue;
      return `row ${row}, ${columns[column].name}: ${rows[row][column]} instead of ${reference[row][column]}`;
    }
  }
  return findMissing(rows, reference, { columns, isFloat, isSame });
}

/** The first row that the reference has not, or not as often. */
function findMissing(rows, reference, { columns, isFloat, isSame }) {
  const exact = columns.map((_, column) => column).filter((column) => !isFloat(columns[column].kind));
  const keyOf = (row) => JSON.stringify(exact.map((column) => row[column]));
  const unmatched = groupBy(reference, keyOf);
  for (const row of rows) {
    const candidates = unmatched.get(keyOf(row)) ?? [];
    const found = candidates.findIndex((candidate) =>
      row.every((cell, column) => isSame(cell, candidate[column], column)),
    );
    if (found < 0) return `no such row: ${JSON.stringify(row)}, but ${JSON.stringify(candidates[0] ?? reference[0])}`;
    candidates[found] = candidates.at(-1);
    candidates.pop();
  }
  return undefined;
}

function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** Infinities and NaN are near nothing: they have to be equal. */
function isNear(left, right, tolerance) {
  if (!Number.isFinite(left) || !Number.isFinite(right)) return false;
  return Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right));
}

function ourCell(value) {
  return value;
}

/** Cells of any client: instants as ms since 1970, numbers as text for whole ones, null as it is. */
function peerCell(value, kind) {
  if (value === null || value === undefined) return null;
  if (kind === 'time') return instantMillis(value);
  if (kind === 'exact') return String(value);
  return typeof value === 'object' ? Number(value.toString()) : Number(value);
}

function instantMillis(value) {
  if (typeof value === 'object') return Number(value.micros / 1000n);
  return Date.parse(value.includes('+') ? value.replace(/\+00$/, 'Z') : `${value}Z`);
}
