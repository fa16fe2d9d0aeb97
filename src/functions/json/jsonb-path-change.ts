import { SqlError } from '../../errors/sql-error.ts';
import { SqlState } from '../../errors/sql-state.ts';
import {
  formatJsonNode,
  isJsonArray,
  isJsonObject,
  type JsonNode,
  type JsonObject,
  jsonObject,
  readJsonNode,
} from '../../types/json-node.ts';

/** What happens at the end of a path. */
export type PathChange =
  | { readonly kind: 'delete' }
  | { readonly kind: 'set'; readonly value: JsonNode; readonly createsMissing: boolean }
  /** Before (or after) the element at the end of the path; an object gets a new member. */
  | { readonly kind: 'insert'; readonly value: JsonNode; readonly isAfter: boolean }
  /** jsonb's subscripts as the target of an assignment: what lacks on the way is made, gaps of an array are nulls. */
  | { readonly kind: 'assign'; readonly value: JsonNode };

type Path = readonly (string | null)[];

const INT4_MAX = 2_147_483_647;

/**
 * The value with a change at the end of a path of keys and indexes; unchanged where the path leads nowhere. Throws 22004
 * for a NULL in the path, 22P02 for an index that is none, 22023 for a key to insert that exists.
 */
export function changeAtPath(node: JsonNode, path: Path, change: PathChange, depth = 0): JsonNode {
  if (isJsonArray(node)) return changeArray(node, path, change, depth);
  return isJsonObject(node) ? changeObject(node, path, change, depth) : changeScalar(node, change);
}

function changeScalar(node: JsonNode, change: PathChange): JsonNode {
  if (change.kind !== 'assign') return node;
  throw new SqlError(SqlState.InvalidParameterValue, 'cannot replace existing key', {
    detail: 'The path assumes key is a composite object, but it is a scalar value.',
  });
}

/** `SET document['a'][0] = value`; a NULL document becomes an object or an array, a NULL value null. */
export function assignJsonb(document: string | null, value: string | null, ...path: (string | null)[]): string {
  const node = value === null ? null : readJsonNode(value);
  const root = document === null ? made(path, 0, node) : readJsonNode(document);
  return formatJsonNode(document === null ? root : changeAtPath(root, path, { kind: 'assign', value: node }));
}

function stepAt(path: Path, depth: number): string {
  const step = path[depth];
  if (step !== null) return step;
  throw new SqlError(SqlState.NullValueNotAllowed, `path element at position ${depth + 1} is null`);
}

function isLast(path: Path, depth: number): boolean {
  return depth === path.length - 1;
}

function changeObject(node: JsonObject, path: Path, change: PathChange, depth: number): JsonNode {
  const key = stepAt(path, depth);
  const found = node.get(key);
  if (!isLast(path, depth)) {
    if (found !== undefined) return replaced(node, key, changeAtPath(found, path, change, depth + 1));
    return change.kind === 'assign' ? replaced(node, key, made(path, depth + 1, change.value)) : node;
  }
  switch (change.kind) {
    case 'delete':
      return found === undefined ? node : new Map([...node].filter(([other]) => other !== key));
    case 'set':
      return found === undefined && !change.createsMissing ? node : replaced(node, key, change.value);
    case 'assign':
      return replaced(node, key, change.value);
    case 'insert':
      if (found === undefined) return replaced(node, key, change.value);
      throw new SqlError(SqlState.InvalidParameterValue, 'cannot replace existing key', {
        hint: 'Try using the function jsonb_set to replace key value.',
      });
  }
}

function replaced(node: JsonObject, key: string, value: JsonNode): JsonObject {
  if (!node.has(key)) return jsonObject([...node, [key, value]]);
  return new Map([...node].map(([other, kept]) => [other, other === key ? value : kept]));
}

function changeArray(node: readonly JsonNode[], path: Path, change: PathChange, depth: number): JsonNode {
  const index = indexAt(path, depth);
  const place = index < 0 ? node.length + index : index;
  const exists = place >= 0 && place < node.length;
  if (!isLast(path, depth)) {
    if (exists) return node.map((item, at) => (at === place ? changeAtPath(item, path, change, depth + 1) : item));
    return change.kind === 'assign' ? assigned(node, index, made(path, depth + 1, change.value), depth) : node;
  }
  switch (change.kind) {
    case 'delete':
      return exists ? node.filter((_, at) => at !== place) : node;
    case 'set':
      if (exists) return node.map((item, at) => (at === place ? change.value : item));
      if (!change.createsMissing) return node;
      return place < 0 ? [change.value, ...node] : [...node, change.value];
    case 'insert': {
      if (!exists) return place < 0 ? [change.value, ...node] : [...node, change.value];
      const before = change.isAfter ? place + 1 : place;
      return [...node.slice(0, before), change.value, ...node.slice(before)];
    }
    case 'assign':
      return exists
        ? node.map((item, at) => (at === place ? change.value : item))
        : assigned(node, index, change.value, depth);
  }
}

/** Past the end, with nulls between. */
function assigned(node: readonly JsonNode[], index: number, value: JsonNode, depth: number): JsonNode {
  if (index < 0) {
    throw new SqlError(
      SqlState.InvalidParameterValue,
      `path element at position ${depth + 1} is out of range: ${index}`,
    );
  }
  return [...node, ...new Array<JsonNode>(index - node.length).fill(null), value];
}

/** What an assignment makes of the steps that lead nowhere: objects, and arrays where a step is a number. */
function made(path: Path, depth: number, value: JsonNode): JsonNode {
  if (depth === path.length) return value;
  const step = stepAt(path, depth);
  const inner = made(path, depth + 1, value);
  if (!/^[+-]?\d+$/.test(step)) return jsonObject([[step, inner]]);
  return assigned([], Number(step), inner, depth);
}

function indexAt(path: Path, depth: number): number {
  const step = stepAt(path, depth);
  const index = /^\s*[+-]?\d+$/.test(step) ? Number(step) : Number.NaN;
  if (Math.abs(index) <= INT4_MAX) return index;
  throw new SqlError(
    SqlState.InvalidTextRepresentation,
    `path element at position ${depth + 1} is not an integer: "${step}"`,
  );
}
